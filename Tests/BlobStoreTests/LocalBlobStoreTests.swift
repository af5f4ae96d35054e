// The folder of blobs.

import BlobStore
import Foundation
import Testing

struct LocalBlobStoreTests {
    /// Runs `body` with a folder that does not exist yet and is removed afterwards.
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "masque-blobs-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    @Test(arguments: BlobStoreConformance.all.map(\.name))
    func `a folder keeps what a blob store promises`(name: String) async throws {
        try await withFolder { folder in
            let suite = BlobStoreConformance { try await LocalBlobStore(folder: folder) }
            let entry = try #require(BlobStoreConformance.all.first { $0.name == name })
            try await entry.check(suite)
        }
    }

    @Test func `what a dead process left half written is gone at the next start, finished blobs stay`() async throws {
        try await withFolder { folder in
            let first = try await LocalBlobStore(folder: folder)
            let part = try await first.newPart()
            try Data("half".utf8).write(to: URL(fileURLWithPath: part))
            let whole = try await first.newPart()
            try Data("whole".utf8).write(to: URL(fileURLWithPath: whole))
            let key = try await first.adopt(fileAt: whole)
            let second = try await LocalBlobStore(folder: folder)
            #expect(!FileManager.default.fileExists(atPath: part))
            #expect(try await second.info(key)?.byteCount == 5)
        }
    }

    @Test func `the free space is that of the disk`() async throws {
        try await withFolder { folder in
            let free = try #require(try await LocalBlobStore(folder: folder).freeBytes())
            let attributes = try FileManager.default.attributesOfFileSystem(forPath: folder)
            let expected = try #require(attributes[.systemFreeSize] as? NSNumber).int64Value
            #expect(abs(free - expected) < expected / 2)
        }
    }

    @Test func `only the owner of the process may look into the folder`() async throws {
        try await withFolder { folder in
            _ = try await LocalBlobStore(folder: folder)
            let mode = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o700)
        }
    }
}
