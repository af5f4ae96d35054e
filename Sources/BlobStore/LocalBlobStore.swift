// Blobs as files in a folder of this machine.

internal import Errors
internal import Files
package import JobQueue

package import struct Foundation.Date

/// A folder of blobs: `ab/abcdef…`, named by 32 random hexadecimal digits, beside `incoming/` for files that are being
/// written. A blob gets its name only when its bytes are on the disk.
package struct LocalBlobStore: BlobStore {
    private let folder: String

    /// Opens or makes the folder, and sweeps away what a dead process left half written.
    ///
    /// - Throws: ``Errors/MasqueError`` when the folder cannot be made or written to.
    package init(folder: String) async throws {
        self.folder = folder
        try await offPool {
            try makeFolder(folder, mode: 0o700)
            try removeAll("\(folder)/incoming")
            try makeFolder("\(folder)/incoming", mode: 0o700)
            // All shelves now, their entries on the disk: no blob has to wait for that.
            let shelves = Set((0...255).map { hexadecimal([$0]) }).subtracting(try namesInFolder(folder))
            for shelf in shelves { try makeFolder("\(folder)/\(shelf)", mode: 0o700) }
            if !shelves.isEmpty { try flushToDisk(folder) }
        }
    }

    package func newPart() async throws -> String { "\(folder)/incoming/\(randomName()).part" }

    package func flush(fileAt path: String) async throws { try await offPool { try flushToDisk(path) } }

    package func adopt(fileAt path: String, isFlushed: Bool) async throws -> BlobKey {
        let key = BlobKey(rawValue: randomName())
        let place = try place(of: key)
        return try await offPool {
            try moveDurably(path, to: place, isFlushed: isFlushed)
            return key
        }
    }

    package func info(_ key: BlobKey) async throws -> BlobInfo? {
        guard let place = try? place(of: key) else { return nil }
        return try await offPool {
            try fileFacts(place).map {
                BlobInfo(
                    byteCount: $0.byteCount, modifiedAt: Date(timeIntervalSince1970: $0.modified),
                    entityTag: key.rawValue)
            }
        }
    }

    package func localFile(_ key: BlobKey, in folder: String) async throws -> String {
        let place = try place(of: key)
        return try await offPool {
            guard try fileFacts(place) != nil else { throw LocalBlobStore.missing }
            return place
        }
    }

    package func delete(_ key: BlobKey) async throws {
        let place = try place(of: key)
        try await offPool { try removeAll(place) }
    }

    package func keys(olderThan moment: Date, limit: Int) async throws -> [BlobKey] {
        try await offPool {
            var found: [BlobKey] = []
            for shelf in try namesInFolder(folder) where shelf.utf8.count == 2 {
                for name in try namesInFolder("\(folder)/\(shelf)") {
                    guard found.count < limit else { return found }
                    guard let facts = try fileFacts("\(folder)/\(shelf)/\(name)") else { continue }
                    if facts.modified < moment.timeIntervalSince1970 { found.append(BlobKey(rawValue: name)) }
                }
            }
            return found
        }
    }

    package func freeBytes() async throws -> Int64? {
        try await offPool { try Files.freeBytes(at: folder) }
    }

    /// Where a blob lies. A key that this store never made, such as one with a path in it, is refused.
    private func place(of key: BlobKey) throws -> String {
        let name = key.rawValue
        let isOurs = name.utf8.count == 32 && name.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        guard isOurs else { throw LocalBlobStore.missing }
        return "\(folder)/\(name.prefix(2))/\(name)"
    }

    private static var missing: MasqueError {
        MasqueError(.notFound, "The file is not there any more.", advice: "It may have been deleted; make it again.")
    }
}
