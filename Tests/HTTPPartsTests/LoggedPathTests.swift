// What of a path may stand in the log.

import HTTPParts
import Testing

struct LoggedPathTests {
    @Test(arguments: [
        ("/shared/MTczNTg.abc", "/shared/…"), ("//Shared//MTczNTg.abc/", "/shared/…"), ("/%73hared/MTczNTg.abc", "/…"),
        ("/jobs/1/result", "/jobs/1/result"), ("/", "/"),
    ])
    func `the secret of a share link is left out of the log`(path: String, logged: String) {
        #expect(withoutSecrets(path) == logged)
    }
}
