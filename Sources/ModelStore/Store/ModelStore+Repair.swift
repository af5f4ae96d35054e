// Makes the record anew from the files of the store, when it was lost, damaged, or does not know them.

internal import Files
internal import Foundation
internal import ModelFiles

extension ModelStore {
    /// What a repair did.
    package struct Repair: Sendable {
        /// Where the unreadable record lies now; nil: it was in order, or there was none.
        package let setAside: String?
        /// Models whose files were there without the record knowing them.
        package let found: [Imported]
        /// How all models of the record are now.
        package let verdicts: [Verdict]
    }

    /// Brings the record back: what can still be read of a damaged one is kept, and the files that it does not know are
    /// checked as at an import and recorded, under the names of the lists or their own. No file is removed.
    ///
    /// - Throws: ``MasqueError`` of the disk.
    package func repair(
        progress: @escaping @Sendable (String, DownloadProgress) -> Void = { _, _ in },
        told: @escaping @Sendable (Imported) -> Void = { _ in }
    ) async throws -> Repair {
        let setAside = try await stored.salvage()
        let record = try await offPool { try stored.record() }
        let known = Set(record.models.flatMap { $0.files.map(\.file) })
        let items = try await importItems(inFolder: stored.folder).filter { !known.contains($0.file) }
        let found = try await takeIn(items, ImportOptions(), progress: progress, told: told)
        return Repair(setAside: setAside, found: found, verdicts: try await verify())
    }
}

extension StoredModels {
    /// Puts a record that cannot be read aside, and what is whole in it into a new one.
    ///
    /// - Returns: where the old one lies; nil when it can be read or is not there.
    func salvage() async throws -> String? {
        try await makeStore()
        let lock = try await FileLock.wait(for: folder.appending(path: ".store.json.lock").path).lock
        defer { lock.unlock() }
        return try await offPool {
            if (try? record()) != nil { return nil }
            let bytes = (try? readFile(at: recordFile.path, maxBytes: 64 << 20)) ?? []
            let place = folder.appending(path: "store.json.damaged-\(randomName().prefix(8))").path
            try moveDurably(recordFile.path, to: place, isFlushed: true)
            try writeFile(Array(Record(salvaging: Data(bytes)).encoded()), to: recordFile.path, overwrite: true)
            try flushToDisk(folder.path)
            return place
        }
    }
}
