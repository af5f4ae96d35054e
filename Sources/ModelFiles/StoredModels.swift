// The models that the operator added: where they lie, and the record of what was verified.
internal import Errors
package import Foundation

/// The folder of models that `masque models` fills, beside those of the ``Installation``. A file counts only when the
/// record in `store.json` knows it: what was never verified is never loaded.
package struct StoredModels: Sendable {
    /// What `store.json` says. Its writer is the module `ModelStore`.
    package struct Record: Sendable, Codable, Equatable {
        /// The version of this form, 1.
        package var version = 1
        /// The models, in the order in which they came.
        package var models: [Model]

        /// Makes a record.
        package init(models: [Model] = []) { self.models = models }

        /// The model of a name, if it is there.
        package func model(named name: String) -> Model? { models.first { $0.name == name } }

        /// The bytes of the record's file.
        package func encoded() throws -> Data {
            let encoder = JSONEncoder()
            encoder.dateEncodingStrategy = .iso8601
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(self) + [10]
        }

        /// Reads the bytes of a record's file.
        /// - Throws: when they are none, are of another form, or name files that are not names in the folder.
        package init(encoded data: Data) throws {
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            self = try decoder.decode(Record.self, from: data)
            // Files of the folder alone: what is named here is read, and deleted when it is removed.
            guard version == 1, models.allSatisfy(\.isPlain) else { throw BadRecord() }
        }

        /// What can still be read of a record's file that ``init(encoded:)`` refuses: the models that are whole.
        package init(salvaging data: Data) {
            let all = (try? JSONSerialization.jsonObject(with: data) as? [String: Any])?["models"] as? [Any] ?? []
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            self.init(
                models: all.compactMap { entry in
                    guard let entry = entry as? [String: Any],
                        let data = try? JSONSerialization.data(withJSONObject: entry),
                        let model = try? decoder.decode(Model.self, from: data), model.isPlain
                    else { return nil }
                    return model
                })
        }
    }

    /// One model.
    package struct Model: Sendable, Codable, Equatable {
        /// The name by which options and code ask for it, such as `inswapper_128`.
        package var name: String
        /// Its files; the first is the one that is loaded, others hold its external data.
        package var files: [File]
        /// The licence, as the manifest states it.
        package var licence: String?
        /// Where it came from: a URL, or the folder that it was imported from.
        package var source: String?
        /// When it was added.
        package var added: Date

        /// Makes a model.
        package init(name: String, files: [File], licence: String? = nil, source: String? = nil, added: Date) {
            self.name = name
            self.files = files
            self.licence = licence
            self.source = source
            self.added = added
        }

        /// Whether its name and its files' names are names, not paths.
        fileprivate var isPlain: Bool {
            StoredModels.isPlainName(name) && !files.isEmpty
                && files.allSatisfy { StoredModels.isFileName($0.file) && $0.bytes >= 0 }
        }
    }

    /// What a record says that no command writes.
    private struct BadRecord: Error {}

    /// One file, as it was when it was verified.
    package struct File: Sendable, Codable, Equatable {
        /// Its name in the folder; never a path.
        package var file: String
        /// Its size.
        package var bytes: Int
        /// Its SHA-256 in lower-case hexadecimal.
        package var sha256: String
        /// Its CRC-32 in eight lower-case hexadecimal digits, where that is what the publisher states.
        package var crc32: String?

        /// Makes a file.
        package init(file: String, bytes: Int, sha256: String, crc32: String? = nil) {
            self.file = file
            self.bytes = bytes
            self.sha256 = sha256
            self.crc32 = crc32
        }
    }

    /// The folder: `MASQUE_MODEL_STORE`; or `models` in `MASQUE_HOME` when that is set; or `masque/models` in the user's
    /// data folder (`XDG_DATA_HOME`, by default `~/.local/share`).
    package let folder: URL

    /// Reads the place from the environment.
    package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        func path(_ key: String) -> String? { environment[key].flatMap { $0.isEmpty ? nil : $0 } }
        let data = path("XDG_DATA_HOME") ?? (path("HOME") ?? NSHomeDirectory()) + "/.local/share"
        self.init(
            folder: URL(
                fileURLWithPath: path("MASQUE_MODEL_STORE") ?? path("MASQUE_HOME").map { $0 + "/models" }
                    ?? data + "/masque/models",
                isDirectory: true))
    }

    /// Uses the given folder.
    package init(folder: URL) { self.folder = folder }

    /// The record's file.
    package var recordFile: URL { folder.appendingPathComponent("store.json") }

    /// Reads the record; empty when there is none.
    /// - Throws: `.damagedModel` when it cannot be read.
    package func record() throws -> Record {
        guard FileManager.default.fileExists(atPath: recordFile.path) else { return Record() }
        do {
            return try Record(encoded: Data(contentsOf: recordFile))
        } catch {
            throw MasqueError(
                .damagedModel, "The record of the model store, store.json, cannot be read.",
                advice: "Run “masque models verify --repair”; no file is lost by that.", cause: error)
        }
    }

    /// Where a file of a model lies.
    package func url(of file: File) -> URL { folder.appendingPathComponent(file.file) }

    /// The file of a model, all its files' sizes and SHA-256 checked against the record; `nil` when the record does not
    /// know the model. Costs a read of all its bytes.
    /// - Throws: `.missingModel` or `.damagedModel`, naming the model.
    package func verified(_ name: String) throws -> URL? {
        guard let model = try record().model(named: name), let first = model.files.first else { return nil }
        for file in model.files { try check(file, of: name) }
        return url(of: first)
    }

    private func check(_ file: File, of name: String) throws {
        let url = url(of: file)
        guard
            let size = try? FileManager.default.attributesOfItem(
                atPath: url.resolvingSymlinksInPath().path)[.size] as? Int
        else { throw Self.gone(name, url) }
        guard try size == file.bytes && SHA256.hex(ofFileAt: url.path) == file.sha256.lowercased() else {
            throw MasqueError(
                .damagedModel, "The file of the model “\(name)” is not the one that was verified.",
                advice: Self.advice(name), cause: Place(path: url.path))
        }
    }

    /// Where a file lies, for logs: sentences that clients of a server read tell no places.
    private struct Place: Error {
        let path: String
    }

    /// The error about a model whose file is not there.
    static func gone(_ name: String, _ url: URL) -> MasqueError {
        MasqueError(
            .missingModel, "The file of the model “\(name)” is not in the store.", advice: advice(name),
            cause: Place(path: url.path))
    }

    /// What to do about a model of the operator's that is missing or damaged.
    package static func advice(_ name: String) -> String {
        "Run “masque models pull \(name)”, or “masque models import” with your own copy of the file."
    }
}
