// What every blob store must keep, whatever keeps the bytes.

import BlobStore
import Errors
import Foundation
import JobQueue
import Testing

/// The checks; `make` gives an empty store.
struct BlobStoreConformance {
    let make: @Sendable () async throws -> any BlobStore

    static let all: [(name: String, check: @Sendable (BlobStoreConformance) async throws -> Void)] = [
        ("a file becomes a blob with its bytes, and leaves where it was", { try await $0.adopts() }),
        ("an unknown key has no info, no file, and may be deleted", { try await $0.knowsNothingOfOthers() }),
        ("a key with a path in it reaches nothing", { try await $0.refusesPaths() }),
        ("a deleted blob is gone, and deleting it again is no error", { try await $0.deletes() }),
        ("old blobs are listed, young ones are not", { try await $0.listsByAge() }),
    ]

    private func put(_ text: String, in store: any BlobStore) async throws -> BlobKey {
        let path = try await store.newPart()
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let key = try await store.adopt(fileAt: path)
        #expect(!FileManager.default.fileExists(atPath: path))
        return key
    }

    private func adopts() async throws {
        let store = try await make()
        let first = try await put("one", in: store)
        let second = try await put("one", in: store)
        #expect(first != second)
        let info = try #require(try await store.info(first))
        #expect(info.byteCount == 3)
        #expect(abs(info.modifiedAt.timeIntervalSinceNow) < 60)
        let otherTag = try await store.info(second)?.entityTag
        #expect(info.entityTag != otherTag)
        let path = try await store.localFile(first, in: NSTemporaryDirectory())
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "one")
    }

    private func knowsNothingOfOthers() async throws {
        let store = try await make()
        let key = BlobKey(rawValue: String(repeating: "a", count: 32))
        #expect(try await store.info(key) == nil)
        let error = await #expect(throws: MasqueError.self) {
            _ = try await store.localFile(key, in: NSTemporaryDirectory())
        }
        #expect(error?.code == .notFound)
        try await store.delete(key)
    }

    private func refusesPaths() async throws {
        let store = try await make()
        for name in ["../masque.db", "", "/etc/passwd", String(repeating: "A", count: 32)] {
            let key = BlobKey(rawValue: name)
            #expect(try await store.info(key) == nil)
            await #expect(throws: MasqueError.self) {
                _ = try await store.localFile(key, in: NSTemporaryDirectory())
            }
        }
    }

    private func deletes() async throws {
        let store = try await make()
        let key = try await put("two", in: store)
        try await store.delete(key)
        #expect(try await store.info(key) == nil)
        try await store.delete(key)
    }

    private func listsByAge() async throws {
        let store = try await make()
        var keys: Set<BlobKey> = []
        for text in ["a", "b", "c"] { keys.insert(try await put(text, in: store)) }
        #expect(try await store.keys(olderThan: Date(timeIntervalSinceNow: -60), limit: 10).isEmpty)
        #expect(Set(try await store.keys(olderThan: Date(timeIntervalSinceNow: 60), limit: 10)) == keys)
        #expect(try await store.keys(olderThan: Date(timeIntervalSinceNow: 60), limit: 2).count == 2)
    }
}
