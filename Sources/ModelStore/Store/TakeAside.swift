// Brings a file of the operator's into the store under a hidden name, and its digests with it.

internal import Errors
internal import Files
internal import Foundation
internal import ModelFiles
internal import SystemPackage

/// The error about a path that is no file that could be taken in.
func noFile(_ path: String) -> MasqueError {
    (try? FileManager.default.attributesOfItem(atPath: path)) == nil
        ? MasqueError(.missingModel, "There is no file \(path).", advice: "A model needs all its files.")
        : MasqueError(.badInput, "\(path) is not a regular file.", advice: "Name the model's file.")
}

extension ModelStore {
    /// A second name where the disk allows it, else a copy; read once either way.
    ///
    /// - Throws: ``MasqueError`` naming `from`; `.outOfSpace` before anything is copied where that can be told.
    func takeAside(
        _ from: String, _ hidden: String, progress: @escaping @Sendable (DownloadProgress) -> Void
    ) async throws -> PartFile.Digests {
        guard let facts = try await offPool({ try fileFacts(from) }) else { throw noFile(from) }
        let total = Int(facts.byteCount)
        progress(DownloadProgress(bytes: 0, total: total))
        if try await offPool({ try linkFile(from, to: hidden) }) {
            return try await PartFile.read(hidden) { progress(DownloadProgress(bytes: $0, total: max($0, total))) }
        }
        let free = try await offPool { [stored, downloader] in try downloader.freeBytes(stored.folder.path) }
        guard facts.byteCount <= free else {
            throw MasqueError(
                .outOfSpace,
                "There is no room for a copy of \(from) in \(stored.folder.path): it has \(megabytes(total)), and "
                    + "\(megabytes(Int(clamping: free))) are free.",
                advice: "Make room, or choose a store on a larger disk.")
        }
        let file = try await offPool {
            do {
                return try SystemPackage.FileDescriptor.open(
                    FilePath(from), .readOnly, options: [.closeOnExec, .nonBlocking])
            } catch let error as Errno {
                throw fileError(error.rawValue, path: from, doing: "read")
            }
        }
        defer { try? file.close() }
        let part = try await PartFile.open(hidden)
        for try await piece in FilePieces(file: file, start: 0) {
            try await part.append(piece)
            progress(DownloadProgress(bytes: part.count, total: max(part.count, total)))
        }
        return part.digests
    }
}
