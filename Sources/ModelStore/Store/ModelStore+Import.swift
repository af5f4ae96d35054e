// Takes in files that the operator has already, such as those of a FaceFusion installation.

package import Errors
internal import Files
internal import Foundation
internal import ModelFiles

extension ModelStore {
    /// What became of one file or model.
    package struct Imported: Sendable {
        package enum Outcome: Sendable {
            /// Taken in; how it was checked: `sha256`, `crc32`, or `first use` when nothing is known of it.
            case added(checkedBy: String)
            /// Was in the store with the same content.
            case wasThere
            /// Not a known model; only in folders.
            case skipped
            case refused(MasqueError)
        }
        /// The model, or the file when it is no known model.
        package let name: String
        package let outcome: Outcome
    }

    /// How files are taken in.
    package struct ImportOptions: Sendable {
        /// What to call a single file.
        package var name: String?
        /// Whether what was taken in is removed where it was.
        package var isMoved = false
        /// Whether another content may take the place of what the store has or a list knows.
        package var isForced = false
        package init() {}
    }

    /// Takes in files and whole folders: hard links where the disk allows it, copies otherwise.
    ///
    /// In a folder the files of the lists are taken by their names, others are skipped; in the store's own folder those are
    /// taken, too, under the names of their files. A single file of no list needs a name.
    /// - Parameters:
    ///   - progress: called as a model's bytes are read.
    ///   - told: called for each.
    /// - Throws: ``MasqueError`` `.badInput` when a path is not there, or a single file needs another name.
    package func takeIn(
        _ paths: [String], _ options: ImportOptions = ImportOptions(),
        progress: @escaping @Sendable (String, DownloadProgress) -> Void = { _, _ in },
        told: @escaping @Sendable (Imported) -> Void = { _ in }
    ) async throws -> [Imported] {
        try await stored.makeStore()
        var all: [Imported] = []
        for path in paths {
            let url = URL(fileURLWithPath: path).standardizedFileURL
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
                throw MasqueError(.badInput, "There is no file or folder \(url.path).")
            }
            let items =
                try await isFolder.boolValue
                ? importItems(inFolder: url) : [importItem(ofFile: url, name: options.name)]
            all += try await takeIn(items, options, progress: progress, told: told)
        }
        return all
    }

    func takeIn(
        _ items: [ImportItem], _ options: ImportOptions,
        progress: @escaping @Sendable (String, DownloadProgress) -> Void, told: @escaping @Sendable (Imported) -> Void
    ) async throws -> [Imported] {
        var all: [Imported] = []
        for item in items {
            try Task.checkCancellation()
            var outcome = Imported.Outcome.skipped
            do {
                if let model = item.model {
                    outcome = try await add(model, item, options) { progress(model.name, $0) }
                }
            } catch let error as MasqueError {
                outcome = .refused(error)
            }
            let imported = Imported(name: item.model?.name ?? item.file, outcome: outcome)
            told(imported)
            all.append(imported)
        }
        return all
    }

    /// A file on its way: where it was, under which hidden name it is checked, and what is known of it.
    private struct Incoming {
        let from: String
        let hidden: String
        let listed: CatalogueModel.File
    }

    /// Takes one model in: looked at, linked or copied under a hidden name, checked there, then named and recorded at once.
    private func add(
        _ model: CatalogueModel, _ item: ImportItem, _ options: ImportOptions,
        progress: @escaping @Sendable (DownloadProgress) -> Void
    ) async throws -> Imported.Outcome {
        if let problem = item.problem { throw problem }
        let first = item.folder.appending(path: item.file).path
        // Costs no reading of the weights, so that what is no model is refused at once.
        var incoming = [(model.files[0], first)]
        incoming += model.files.dropFirst().map { ($0, item.folder.appending(path: $0.file).path) }
        for name in try await dataFiles(ofModelAt: first, model, isRenamed: item.isRenamed, options)
        where !model.files.contains(where: { $0.file == name }) {
            incoming.append(
                (CatalogueModel.File(file: name, urls: [], checksumURLs: []), item.folder.appending(path: name).path))
        }
        let files = incoming.map { file, from in
            Incoming(
                from: from, hidden: stored.folder.appending(path: ".\(randomName()).import").path, listed: file)
        }
        defer { for file in files { try? removeAll(file.hidden) } }

        let sum = ProgressSum(files.count)
        var taken: [StoredModels.File] = []
        var checks: Set<String> = []
        for (place, file) in files.enumerated() {
            let digests = try await takeAside(file.from, file.hidden) { progress(sum.set($0, at: place)) }
            checks.insert(try await check(digests, file.listed, from: file.from))
            taken.append(
                StoredModels.File(
                    file: file.listed.file, bytes: digests.bytes, sha256: digests.sha256, crc32: digests.crc32))
        }
        // What was checked is what is taken, whatever became of the file meanwhile.
        let hidden = files[0].hidden
        let needed = try await offPool { try OnnxFile(path: hidden, name: model.name, file: first).externalFiles }
        guard Set(needed).isSubset(of: Set(taken.map(\.file)).union([item.file])) else {
            throw MasqueError(.conflict, "\(first) changed while it was taken in.", advice: "Try again.")
        }
        let checkedBy = ["first use", "crc32"].first(where: checks.contains) ?? "sha256"
        return try await record(model, taken, files, item, options, checkedBy: checkedBy)
    }

    /// Gives checked files their names and writes them down, as one step for whoever else works on this store.
    private func record(
        _ model: CatalogueModel, _ taken: [StoredModels.File], _ files: [Incoming], _ item: ImportItem,
        _ options: ImportOptions, checkedBy: String
    ) async throws -> Imported.Outcome {
        let isOfStore = isStore(item.folder)
        let isTrusted = options.isForced || checkedBy == "sha256"
        let moves = files.map { ($0.hidden, stored.folder.appending(path: $0.listed.file).path) }
        for file in files { try await offPool { try flushToDisk(file.hidden) } }
        // A pull of the same file waits, or is waited for.
        var locks: [FileLock] = []
        defer { for lock in locks { lock.unlock() } }
        for name in Set(taken.map(\.file)).sorted() {
            locks.append(try await FileLock.wait(for: stored.folder.appending(path: ".\(name).lock").path).lock)
        }
        let entry = StoredModels.Model(
            name: model.name, files: taken, licence: model.licence, source: isOfStore ? nil : item.folder.path,
            added: Date())
        let (first, folder) = (files[0].from, stored.folder)
        // A file that was altered in the store is replaced by what it was.
        let known = try await offPool { try stored.record() }.model(named: model.name)
        var isWhole = false
        if let known, Self.isSame(known.files, taken) { isWhole = try await judge(known).problem == nil }
        let gone: [String]? = try await stored.update { [isWhole] record in
            let before = record.model(named: model.name)
            if let before {
                let isSame = Self.isSame(before.files, taken)
                if isSame, isWhole { return nil }
                guard isSame || isTrusted else {
                    throw MasqueError(
                        .conflict, "The store has a model “\(model.name)”, and \(first) is another file.",
                        advice: "Choose another name, or replace that model with --force.")
                }
            }
            try checkOwners(of: taken, model: model.name, in: record)
            for (hidden, name) in moves.reversed() { try moveDurably(hidden, to: name, isFlushed: true) }
            record.put(entry)
            let kept = Set(record.models.flatMap { $0.files.map(\.file) })
            return (before?.files ?? []).map(\.file).filter { !kept.contains($0) }
        } after: { gone in
            for file in gone ?? [] { try removeAll(folder.appending(path: file).path) }
        }
        // Never what lies in the store itself: it is a model's.
        if options.isMoved, !isOfStore { try await offPool { for file in files { try removeAll(file.from) } } }
        return gone == nil ? .wasThere : .added(checkedBy: checkedBy)
    }

    private static func isSame(_ one: [StoredModels.File], _ other: [StoredModels.File]) -> Bool {
        one.map { [$0.file, $0.sha256.lowercased()] } == other.map { [$0.file, $0.sha256.lowercased()] }
    }

    /// The files that hold a model's weights.
    /// - Throws: ``MasqueError`` `.damagedModel` when it is no model, or a file is not beside it; `.conflict` when a list knows
    ///   its name and nothing could tell that it is that model.
    private func dataFiles(
        ofModelAt path: String, _ model: CatalogueModel, isRenamed: Bool, _ options: ImportOptions
    ) async throws -> [String] {
        let listed = model.files[0]
        guard !isRenamed || options.isForced || listed.sha256 != nil || listed.crc32 != nil else {
            throw MasqueError(
                .conflict, "“\(model.name)” is a published model, and nothing tells that \(path) is it.",
                advice: "Choose another name, or say --force when you know that it is.")
        }
        return try await offPool {
            guard try fileFacts(path) != nil else { throw noFile(path) }
            let onnx = try OnnxFile(path: path, name: model.name, file: path)
            try onnx.checkFiles(in: URL(fileURLWithPath: path).deletingLastPathComponent(), name: model.name)
            return onnx.externalFiles
        }
    }

    /// Holds a file against what is known of it: its list, and the `.hash` that FaceFusion keeps beside it.
    private func check(_ digests: PartFile.Digests, _ file: CatalogueModel.File, from: String) async throws -> String {
        var crc = file.crc32
        if crc == nil { crc = try await statedChecksum(beside: from) }
        let expected = DownloadRequest.Expected(bytes: file.bytes, sha256: file.sha256, crc32: crc)
        if let difference = expected.difference(from: digests) {
            throw MasqueError(
                .damagedModel, "\(from) is not the file that was expected: \(difference).",
                advice: "Fetch it again with “masque models pull”, or take another copy.")
        }
        return expected.sha256 != nil ? "sha256" : expected.crc32 != nil ? "crc32" : "first use"
    }

    /// The CRC-32 in the `.hash` file of a model's file: `name.hash` beside `name.onnx`. Nil when there is none.
    private func statedChecksum(beside file: String) async throws -> String? {
        guard Self.isModelFile(file), let dot = file.lastIndex(of: ".") else { return nil }
        let path = file[..<dot] + ".hash"
        return try await offPool {
            guard (try? FileManager.default.attributesOfItem(atPath: String(path))) != nil else { return nil }
            let bytes = try? readFile(at: String(path), maxBytes: 64)
            let text = bytes.map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
            guard let text, text.count == 8, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
                throw MasqueError(
                    .badInput, "\(path) holds no checksum; it should be eight hexadecimal digits.",
                    advice: "Take another copy of that file, or remove it to take the model in without that check.")
            }
            return text
        }
    }
}
