// Length and digest of a file.

import BlobStore
import Foundation
import Testing

struct FileDigestTests {
    @Test(arguments: [
        // FIPS 180-4's examples, and NIST's million times “a”, which is nearly a whole piece; then more than two.
        ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
        ("ab", 1_100_000, "66162c0ca3e4f3354fc3e154cb529174cc67944aea2716ba606e5706a36929f2"),
    ])
    func `a file's whole content counts`(text: String, times: Int, sha256: String) async throws {
        let path = NSTemporaryDirectory() + "masque-digest-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(String(repeating: text, count: times).utf8).write(to: URL(fileURLWithPath: path))
        let digest = try #require(try await FileDigest(ofFileAt: path))
        #expect(digest.byteCount == Int64(text.utf8.count * times))
        #expect(digest.sha256 == sha256)
    }

    @Test func `a file that is not there has none`() async throws {
        let path = NSTemporaryDirectory() + "masque-digest-\(UUID().uuidString)"
        #expect(try await FileDigest(ofFileAt: path) == nil)
    }
}
