// Reading files that are none, and telling whether one was changed.

import Errors
import Files
import Foundation
import Testing

@Suite struct ReadFileTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "masque-read-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    @Test(.timeLimit(.minutes(1))) func `the head of a pipe, a device or a folder is refused at once`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(mkfifo(path("pipe"), 0o600) == 0)
        for file in [path("pipe"), "/dev/zero", "/dev/tty", folder.path, path("nothing")] {
            do {
                _ = try readHead(of: file, count: 16)
                Issue.record("\(file) was read")
            } catch { #expect(error.code == .badInput) }
        }
        try writeFile([1, 2, 3], to: path("file"), overwrite: false)
        #expect(try readHead(of: path("file"), count: 2) == [1, 2])
        #expect(try readHead(of: path("file"), count: 16) == [1, 2, 3])
    }

    @Test func `a file that is written to or replaced has another stamp`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try writeFile([1, 2, 3], to: path("a"), overwrite: false)
        let stamp = try FileStamp(path: path("a"))
        #expect(try FileStamp(path: path("a")) == stamp)
        try writeFile([1, 2, 4], to: path("a"), overwrite: true)
        #expect(try FileStamp(path: path("a")) != stamp)
    }
}
