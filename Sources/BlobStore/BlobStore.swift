// Where the bytes of inputs, outputs and previews lie; a folder now, S3 later.

package import JobQueue

package import struct Foundation.Date

/// What is known of a blob without reading it.
package struct BlobInfo: Sendable, Hashable {
    package let byteCount: Int64
    package let modifiedAt: Date
    /// Strong, without quotes; changes when the content does.
    package let entityTag: String
    package init(byteCount: Int64, modifiedAt: Date, entityTag: String) {
        self.byteCount = byteCount
        self.modifiedAt = modifiedAt
        self.entityTag = entityTag
    }
}

/// A store of immutable files. A blob is there whole or not at all, also after `kill -9` or a power cut. No call blocks
/// the cooperative pool. Errors are ``Errors/MasqueError``: `.notFound`, `.outOfSpace`, `.failed`.
package protocol BlobStore: Sendable {
    /// A new path, on the store's own disk where it has one, for a file that is being written and may become a blob;
    /// what a dead process left there is swept away at start.
    func newPart() async throws -> String
    /// Brings a finished part's bytes to the disk ahead of ``adopt(fileAt:isFlushed:)``, so that something else can be
    /// done with it meanwhile.
    func flush(fileAt path: String) async throws
    /// Takes over the file at a path (flushed to disk, then moved), under a new key.
    ///
    /// - Parameter isFlushed: whether ``flush(fileAt:)`` has returned for it.
    func adopt(fileAt path: String, isFlushed: Bool) async throws -> BlobKey
    func info(_ key: BlobKey) async throws -> BlobInfo?
    /// A readable file with the content: the blob itself (do not change it), or a copy in `folder`.
    func localFile(_ key: BlobKey, in folder: String) async throws -> String
    /// Deletes; a blob that is gone already is no error.
    func delete(_ key: BlobKey) async throws
    /// Blobs older than a moment, in any order: for sweeping those that no job refers to.
    func keys(olderThan moment: Date, limit: Int) async throws -> [BlobKey]
    /// Bytes that can still be stored; nil when nothing bounds them.
    func freeBytes() async throws -> Int64?
}

extension BlobStore {
    /// Takes over a file that was not flushed yet.
    package func adopt(fileAt path: String) async throws -> BlobKey { try await adopt(fileAt: path, isFlushed: false) }
}
