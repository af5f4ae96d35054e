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
        #expect(try !stamp.fits(path("a")))
    }

    @Test func `a stamp that ignores links stays when the file gets and loses another name`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try writeFile([1, 2, 3], to: path("a"), overwrite: false)
        let strict = try FileStamp(path: path("a")), lax = try FileStamp(path: path("a"), ignoresLinks: true)
        // Clocks of file systems may stand for some milliseconds.
        try await Task.sleep(for: .milliseconds(50))
        try linkOrCopy(path("a"), to: path("b"))
        #expect(try lax.fits(path("a")) && lax.fits(path("b")))
        #expect(try !strict.fits(path("a")))
        try await Task.sleep(for: .milliseconds(50))
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path("b")))
        try file.write(contentsOf: Data([9]))
        try file.close()
        #expect(try !lax.fits(path("a")))
    }

    @Test func `a second name is a link where it can be one, else a copy, and never replaces a file`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try writeFile([1, 2, 3], to: path("a"), overwrite: false)
        try FileManager.default.createSymbolicLink(atPath: path("s"), withDestinationPath: path("a"))
        try linkOrCopy(path("s"), to: path("b"))
        let facts = try FileManager.default.attributesOfItem(atPath: path("b"))
        #expect(facts[.type] as? FileAttributeType == .typeRegular)
        #expect(facts[.referenceCount] as? Int == 2)
        // No file of /proc can have a name elsewhere.
        try linkOrCopy("/proc/version", to: path("c"))
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: path("c")))
                == Data(contentsOf: URL(fileURLWithPath: "/proc/version")))
        #expect(throws: MasqueError.self) { try linkOrCopy(path("a"), to: path("c")) }
        let error = #expect(throws: MasqueError.self) { try linkOrCopy(path("none"), to: path("d")) }
        #expect(error?.code == .badInput)
    }
}
