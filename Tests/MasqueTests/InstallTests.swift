// What `make install` makes runs without the place where it was built.

import Foundation
import Testing

@Suite struct InstallTests {
    @Test func `the installed tree is whole, and its program finds its own files`() async throws {
        let place = try Workplace()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../scripts/install")
            .standardizedFileURL
        let installed = try await place.run(script, [place.path("prefix")])
        #expect(installed.code == 0, "\(installed.err)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path("prefix")).sorted() == ["bin", "lib"])
        let files = try FileManager.default.contentsOfDirectory(atPath: place.path("prefix/lib/masque"))
        for name in ["masque", "masque_HTTPAPI.resources", "masque_Words.resources", "libswiftCore.so"] {
            #expect(files.contains(name))
        }
        // Moved, it still runs; by its link, too.
        try FileManager.default.moveItem(atPath: place.path("prefix"), toPath: place.path("moved"))
        let program = URL(filePath: place.path("moved/bin/masque"))
        #expect(try await place.run(program, ["version"]).out.hasPrefix("Masque "))
        // Only a server that has found pages and translations comes as far as its port, which is none.
        let run = try await place.run(
            program,
            [
                "serve", "--host", "192.0.2.1", "--port", "0", "--set", "MASQUE_IMAGE_WORKERS=0", "--set",
                "MASQUE_VIDEO_WORKERS=0",
            ])
        #expect(run.err.contains("“192.0.2.1” is no address of this machine."))
    }

    @Test func `a relative prefix is refused`() async throws {
        let place = try Workplace()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../scripts/install")
            .standardizedFileURL
        let run = try await place.run(script, ["here"])
        #expect(run.code == 2)
        #expect(place.listing.isEmpty)
    }
}
