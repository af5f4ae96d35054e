// The operator's models: what is there, what could be fetched, and in which state it is.

internal import Errors
internal import Files
package import Foundation
package import ModelFiles

/// A folder of models with its record, and the lists of what can be fetched.
package struct ModelStore: Sendable {
    /// The folder and the reader of its record.
    package let stored: StoredModels
    /// What can be fetched.
    package let catalogue: Catalogue
    let downloader: Downloader

    /// Makes a store; nothing is made on the disk yet.
    package init(stored: StoredModels, catalogue: Catalogue, downloader: Downloader = Downloader()) {
        self.stored = stored
        self.catalogue = catalogue
        self.downloader = downloader
    }

    /// One line of a listing.
    package struct Line: Sendable, Hashable {
        package enum State: String, Sendable, Hashable, Codable {
            /// In the record, and its files are there in the recorded size.
            case installed
            /// In the record, but a file is missing or has another size.
            case damaged
            /// In a list, not in the store.
            case available
        }
        package let name: String
        package let role: String
        package let state: State
        /// All files together; nil when nobody says.
        package let bytes: Int?
        package let licence: String
        package let commercial: CatalogueModel.Commercial
        /// What it needs beside itself.
        package let needs: [String]
        /// Where it came from; nil when it is not there.
        package let source: String?
        package let added: Date?
    }

    /// All models of the lists, then those of the store that are in no list. Looks at names and sizes; ``verify(_:)``
    /// reads the files.
    /// - Throws: ``MasqueError`` `.damagedModel` when the record cannot be read.
    package func list() async throws -> [Line] {
        let record = try await offPool { try stored.record() }
        let known = catalogue.models.map { model in line(model, record.model(named: model.name)) }
        let others = record.models.filter { catalogue.model(named: $0.name) == nil }.map { line(nil, $0) }
        return known + others
    }

    private func line(_ model: CatalogueModel?, _ there: StoredModels.Model?) -> Line {
        let sizes = model?.files.compactMap(\.bytes) ?? []
        let listed = sizes.count == model?.files.count ? sizes.reduce(0, +) : nil
        let licence = model?.licence ?? there?.licence ?? "unknown"
        return Line(
            name: model?.name ?? there?.name ?? "", role: model?.role ?? "other",
            state: there.map { hasItsFiles($0) ? .installed : .damaged } ?? .available,
            bytes: there?.files.reduce(0) { $0 + $1.bytes } ?? listed, licence: licence,
            commercial: model?.commercial ?? .unknown, needs: model?.needs ?? [], source: there?.source,
            added: there?.added)
    }

    /// Whether all files of a model are there in the recorded size.
    func hasItsFiles(_ model: StoredModels.Model) -> Bool {
        model.files.allSatisfy { file in
            let facts = try? fileFacts(stored.url(of: file).path)
            return facts?.byteCount == Int64(file.bytes)
        }
    }

    /// What reading a model's files told.
    package struct Verdict: Sendable, Hashable {
        package let name: String
        /// A sentence about what is wrong; nil: nothing.
        package let problem: String?
        /// What to do about it.
        package let advice: String?
    }

    /// Reads the files of the named models, or of all in the record, and holds them against it.
    ///
    /// - Parameter told: called after each.
    /// - Throws: ``MasqueError`` `.notFound` when a name is not in the record; `.damagedModel` when the record cannot be
    ///   read.
    package func verify(
        _ names: [String] = [], told: @escaping @Sendable (Verdict) -> Void = { _ in }
    ) async throws -> [Verdict] {
        let record = try await offPool { try stored.record() }
        let models = try names.isEmpty ? record.models : names.map { try installed($0, in: record) }
        var verdicts: [Verdict] = []
        for model in models {
            let verdict = try await judge(model)
            told(verdict)
            verdicts.append(verdict)
        }
        return verdicts
    }

    func installed(_ name: String, in record: StoredModels.Record) throws -> StoredModels.Model {
        guard let model = record.model(named: name) else {
            throw MasqueError(
                .notFound, "The store at \(stored.folder.path) has no model “\(name)”.",
                advice: "See “masque models list”.")
        }
        return model
    }

    /// Reads a model's files.
    func judge(_ model: StoredModels.Model) async throws -> Verdict {
        do {
            for (place, file) in model.files.enumerated() {
                try Task.checkCancellation()
                let url = stored.url(of: file)
                guard let facts = try await offPool({ try fileFacts(url.path) }) else {
                    throw MasqueError(.missingModel, "There is no file \(url.path).")
                }
                guard facts.byteCount == Int64(file.bytes) else {
                    throw MasqueError(
                        .damagedModel, "\(url.path) has \(facts.byteCount) bytes instead of \(file.bytes).")
                }
                let digests = try await PartFile.read(url.path)
                guard digests.sha256 == file.sha256.lowercased() else {
                    throw MasqueError(.damagedModel, "The content of \(url.path) changed after it was added.")
                }
                if place == 0 { try await checkModel(at: url, name: model.name, folder: stored.folder) }
            }
            return Verdict(name: model.name, problem: nil, advice: nil)
        } catch let error as MasqueError {
            return Verdict(name: model.name, problem: error.message, advice: StoredModels.advice(model.name))
        }
    }

    /// Checks that a file is an ONNX model whose data lies beside it.
    func checkModel(at url: URL, name: String, folder: URL?) async throws {
        try await offPool {
            let file = try OnnxFile(path: url.path, name: name)
            if let folder { try file.checkFiles(in: folder, name: name) }
        }
    }

    /// Takes models out of the record and removes their files.
    /// - Throws: ``MasqueError`` `.notFound` when one is not there; then none is removed.
    package func remove(_ names: [String]) async throws {
        let folder = stored.folder
        _ = try await stored.update { record in
            let models = try names.map { try installed($0, in: record) }
            record.models.removeAll { names.contains($0.name) }
            let kept = Set(record.models.flatMap { $0.files.map(\.file) })
            return models.flatMap { $0.files.map(\.file) }.filter { !kept.contains($0) }
        } after: { gone in
            for file in gone {
                for suffix in ["", ".part", ".part.json"] { try removeAll(folder.appending(path: file + suffix).path) }
            }
        }
    }
}
