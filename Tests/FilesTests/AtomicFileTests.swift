// Outputs appear whole or not at all.

import Errors
import Files
import Foundation
import Testing

@Suite struct AtomicFileTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "masque-files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }
    private var listing: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] }

    private func code(_ body: () throws -> Void) -> MasqueError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? MasqueError)?.code
        }
    }

    @Test func `a file gets its name on commit and not before`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try AtomicFile(path: path("video.mp4"), overwrite: false)
        try file.write([1, 2, 3])
        #expect(!listing.contains("video.mp4"))
        #expect(file.temporaryPath.hasSuffix(".mp4"))
        #expect(listing.count == 1)
        try file.write([4])
        try file.commit()
        #expect(listing == ["video.mp4"])
        #expect(try Data(contentsOf: URL(filePath: path("video.mp4"))) == Data([1, 2, 3, 4]))
    }

    @Test func `a file that is never committed leaves nothing`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            let file = try AtomicFile(path: path("a.png"), overwrite: false)
            try file.write([1])
        }
        #expect(listing.isEmpty)
    }

    @Test func `nothing is replaced without leave, even when it appears meanwhile`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try AtomicFile(path: path("a.png"), overwrite: false)
        try file.write([1])
        try Data([9]).write(to: URL(filePath: path("a.png")))
        #expect(code { try file.commit() } == .outputExists)
        #expect(listing == ["a.png"])
        #expect(try readFile(at: path("a.png"), maxBytes: 10) == [9])
        #expect(code { _ = try AtomicFile(path: path("a.png"), overwrite: false) } == .outputExists)
        try writeFile([7, 7], to: path("a.png"), overwrite: true)
        #expect(try readFile(at: path("a.png"), maxBytes: 10) == [7, 7])
    }

    @Test func `a link is followed, not replaced`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try writeFile([1], to: path("real.png"), overwrite: false)
        try FileManager.default.createSymbolicLink(atPath: path("link.png"), withDestinationPath: path("real.png"))
        try writeFile([2], to: path("link.png"), overwrite: true)
        #expect(try readFile(at: path("real.png"), maxBytes: 10) == [2])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path("link.png")) == path("real.png"))
    }

    @Test func `paths that cannot be written get a sentence`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(code { try writeFile([1], to: "", overwrite: true) } == .badInput)
        #expect(code { try writeFile([1], to: folder.path, overwrite: true) } == .badInput)
        #expect(code { try writeFile([1], to: path("none/a.png"), overwrite: true) } == .badInput)
        #expect(code { try writeFile([1], to: folder.path + "/a.png/", overwrite: true) } == .badInput)
        #expect(code { try writeFile([1], to: "/dev/null", overwrite: true) } == .badInput)
        #expect(code { try writeFile([1], to: path(String(repeating: "n", count: 300)), overwrite: true) } == .badInput)
    }

    @Test func `a long name still gets a temporary name`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let name = String(repeating: "ü", count: 120) + ".png"
        try writeFile([1], to: path(name), overwrite: false)
        let families = String(repeating: "👨‍👩‍👧‍👦", count: 10) + ".png"
        try writeFile([1], to: path(families), overwrite: false)
        #expect(listing.count == 2)
    }

    @Test func `when the disk takes no more, nothing is left and the error says so`() async {
        // A limit on the size of files stands in for a full disk; it holds for a whole process.
        await #expect(processExitsWith: .success) {
            let folder = FileManager.default.temporaryDirectory.appending(path: "masque-full-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            let path = folder.appending(path: "big.bin").path
            let error = #expect(throws: MasqueError.self) {
                try writeFile([UInt8](repeating: 1, count: 200_000), to: path, overwrite: false)
            }
            #expect(error?.code == .outOfSpace)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    @Test func `errno becomes a code and a sentence`() {
        #expect(fileError(ENOSPC, path: "a.png", doing: "write").code == .outOfSpace)
        #expect(fileError(EDQUOT, path: "a.png", doing: "write").code == .outOfSpace)
        #expect(fileError(ENOSPC, path: "a.png", doing: "write").message == "Cannot write a.png: the disk is full.")
        #expect(fileError(EIO, path: "a.png", doing: "read").code == .failed)
    }

    @Test func `a file beyond the limit is not read`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try writeFile([UInt8](repeating: 0, count: 1000), to: path("a"), overwrite: false)
        #expect(try readFile(at: path("a"), maxBytes: 1000).count == 1000)
        #expect(code { _ = try readFile(at: path("a"), maxBytes: 999) } == .tooLarge)
    }
}
