// Writes the record of the operator's models, so that two commands at once lose nothing of each other.

internal import Errors
internal import Files
internal import Foundation
internal import ModelFiles

extension StoredModels {
    /// Changes the record under a lock: read, changed, written whole.
    ///
    /// - Parameter after: done when it is written, before anybody else may change it.
    /// - Throws: ``MasqueError``; what `change` throws, and then nothing is written.
    func update<Value: Sendable>(
        _ change: @escaping @Sendable (inout Record) throws -> Value,
        after: @escaping @Sendable (Value) throws -> Void = { _ in }
    ) async throws -> Value {
        try await makeStore()
        let lock = try await FileLock.wait(for: folder.appending(path: ".store.json.lock").path).lock
        defer { lock.unlock() }
        return try await offPool {
            var record = try record()
            let value = try change(&record)
            try writeFile(Array(record.encoded()), to: recordFile.path, overwrite: true)
            try flushToDisk(folder.path)
            try after(value)
            return value
        }
    }

    /// Makes the folder if it is not there.
    func makeStore() async throws {
        let path = folder.path
        try await offPool { try makeFolder(path) }
    }

    /// Puts a model into the record, in place of one of the same name.
    func note(_ model: Model) async throws {
        try await update { record in record.put(model) }
    }
}

extension StoredModels.Record {
    /// Adds a model, in place of one of the same name.
    mutating func put(_ model: StoredModels.Model) {
        if let place = models.firstIndex(where: { $0.name == model.name }) {
            models[place] = model
        } else {
            models.append(model)
        }
    }
}

extension ModelStore {
    /// Two models may not have a file of one name: the later would take the earlier's place.
    /// - Throws: ``MasqueError`` `.conflict` naming both.
    func checkOwners(of files: [StoredModels.File], model: String, in record: StoredModels.Record) throws {
        for other in record.models where other.name != model {
            for file in other.files where files.contains(where: { $0.file == file.file }) {
                throw MasqueError(
                    .conflict, "The file “\(file.file)” of “\(model)” would replace that of “\(other.name)”.",
                    advice: "Remove “\(other.name)” first, or give the file another name.")
            }
        }
    }
}
