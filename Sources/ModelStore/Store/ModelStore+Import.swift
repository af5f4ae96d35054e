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

    /// Takes in files and whole folders: hard links where the disk allows it, copies otherwise.
    ///
    /// In a folder the files of the lists are taken by their names, others are skipped. A file of no list gets the name
    /// that is given, or is taken when its name is in a list.
    /// - Parameters:
    ///   - name: for a single file.
    ///   - isMoved: whether what was taken in is removed where it was.
    ///   - told: called for each.
    /// - Throws: ``MasqueError`` `.badInput` when a path is not there, or a single file needs a name.
    package func takeIn(
        _ paths: [String], name: String? = nil, isMoved: Bool = false,
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
            for work in try await isFolder.boolValue ? works(inFolder: url) : [work(ofFile: url, name: name)] {
                try Task.checkCancellation()
                var outcome = work.model == nil ? Imported.Outcome.skipped : .wasThere
                do {
                    if let model = work.model { outcome = try await add(model, work, isMoved: isMoved) }
                } catch let error as MasqueError {
                    outcome = .refused(error)
                }
                let imported = Imported(name: work.model?.name ?? work.file, outcome: outcome)
                told(imported)
                all.append(imported)
            }
        }
        return all
    }

    private struct Work: Sendable {
        let folder: URL
        /// The file that stands for it; the model's first one, whatever the model calls it.
        let file: String
        let model: CatalogueModel?
    }

    /// Takes one model in: linked under a hidden name, checked there, then named, then recorded.
    private func add(_ model: CatalogueModel, _ work: Work, isMoved: Bool) async throws -> Imported.Outcome {
        let record = try await offPool { try stored.record() }
        var files: [StoredModels.File] = []
        var taken: [(hidden: String, name: String, from: String)] = []
        defer { for file in taken { try? removeAll(file.hidden) } }
        var checkedBy = "sha256"
        for (place, file) in model.files.enumerated() {
            let from = work.folder.appending(path: place == 0 ? work.file : file.file).path
            let hidden = stored.folder.appending(path: ".\(randomName()).import").path
            taken.append((hidden, stored.folder.appending(path: file.file).path, from))
            let digests = try await takeAside(from, hidden)
            let checked = try await check(digests, file, from: from)
            if checked != "sha256" { checkedBy = checked }
            files.append(
                StoredModels.File(
                    file: file.file, bytes: digests.bytes, sha256: digests.sha256, crc32: digests.crc32))
        }
        let hidden = taken[0].hidden
        let needed = try await offPool { try OnnxFile(path: hidden, name: model.name).externalFiles }
        files += try await others(needed, of: model, beside: work.folder, taken: &taken)
        if let before = record.model(named: model.name), before.files == files, hasItsFiles(before) { return .wasThere }
        try checkOwners(of: files, model: model.name, in: record)
        for file in taken.reversed() {
            try await offPool {
                try flushToDisk(file.hidden)
                try moveDurably(file.hidden, to: file.name, isFlushed: true)
            }
        }
        try await stored.note(
            StoredModels.Model(
                name: model.name, files: files, licence: model.licence, source: work.folder.path, added: Date()))
        if isMoved {
            for file in taken where file.from != file.name { try await offPool { try removeAll(file.from) } }
        }
        return .added(checkedBy: checkedBy)
    }

    /// The weights that a model keeps in files of their own, where the list does not know of them.
    private func others(
        _ needed: [String], of model: CatalogueModel, beside folder: URL,
        taken: inout [(hidden: String, name: String, from: String)]
    ) async throws -> [StoredModels.File] {
        let known = Set(model.files.map(\.file))
        var files: [StoredModels.File] = []
        for name in needed where !known.contains(name) {
            let from = folder.appending(path: name).path
            let type = try? FileManager.default.attributesOfItem(atPath: from)[.type] as? FileAttributeType
            guard type == .typeRegular else {
                throw MasqueError(
                    .damagedModel, "The model “\(model.name)” keeps data in “\(name)”, which is no file beside it.",
                    advice: "Take the model from a source that you trust, with all its files in one folder.")
            }
            let hidden = stored.folder.appending(path: ".\(randomName()).import").path
            taken.append((hidden, stored.folder.appending(path: name).path, from))
            let digests = try await takeAside(from, hidden)
            files.append(
                StoredModels.File(file: name, bytes: digests.bytes, sha256: digests.sha256, crc32: digests.crc32))
        }
        return files
    }

    /// A second name or a copy, and its digests.
    private func takeAside(_ from: String, _ hidden: String) async throws -> PartFile.Digests {
        guard try await offPool({ try fileFacts(from) }) != nil else {
            throw MasqueError(.missingModel, "There is no file \(from).", advice: "A model needs all its files.")
        }
        try await offPool { try linkOrCopy(from, to: hidden) }
        return try await PartFile.read(hidden)
    }

    /// Holds a file against what is known of it: its list, and the `.hash` that FaceFusion keeps beside it.
    private func check(_ digests: PartFile.Digests, _ file: CatalogueModel.File, from: String) async throws -> String {
        let stem = URL(fileURLWithPath: from).deletingPathExtension().path
        let text = try? await offPool { try readFile(at: stem + ".hash", maxBytes: 64) }
        let beside = text.map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
        let crc = file.crc32 ?? beside.flatMap { $0.count == 8 && $0.allSatisfy(\.isHexDigit) ? $0 : nil }
        let expected = DownloadRequest.Expected(bytes: file.bytes, sha256: file.sha256, crc32: crc)
        if let difference = expected.difference(from: digests) {
            throw MasqueError(
                .damagedModel, "\(from) is not the file that was expected: \(difference).",
                advice: "Fetch it again with “masque models pull”, or take another copy.")
        }
        return expected.sha256 != nil ? "sha256" : expected.crc32 != nil ? "crc32" : "first use"
    }

    private func works(inFolder folder: URL) async throws -> [Work] {
        let names = try await offPool { try namesInFolder(folder.path) }.sorted()
        return names.filter { Self.isModelFile($0) || owner(of: $0) != nil }.compactMap { file in
            let model = owner(of: file)
            // A model's other files come with its first.
            if let model, model.files.first?.file != file { return nil }
            return Work(folder: folder, file: file, model: model)
        }
    }

    private func work(ofFile url: URL, name: String?) throws -> Work {
        let (folder, file) = (url.deletingLastPathComponent(), url.lastPathComponent)
        if let name {
            guard StoredModels.isPlainName(name), !name.contains(" "), name != "store.json" else {
                throw MasqueError(
                    .badInput, "“\(name)” is no good name for a model.",
                    advice: "Use letters, digits, “-”, “_” and “.”.")
            }
            if var known = catalogue.model(named: name), known.files.count == 1 {
                known.files[0].file = "\(name).\(url.pathExtension.isEmpty ? "onnx" : url.pathExtension)"
                return Work(folder: folder, file: file, model: known)
            }
            let stored = CatalogueModel.File(
                file: "\(name).\(url.pathExtension.isEmpty ? "onnx" : url.pathExtension)", urls: [], checksumURLs: [])
            return Work(
                folder: folder, file: file,
                model: CatalogueModel(
                    name: name, role: "other", licence: "unknown", commercial: .unknown, files: [stored], needs: []))
        }
        guard let model = owner(of: file) else {
            throw MasqueError(
                .badInput, "\(file) is in no list of models.", advice: "Say what to call it with --name.")
        }
        return Work(folder: folder, file: file, model: model)
    }

    private static func isModelFile(_ name: String) -> Bool {
        name.hasSuffix(".onnx") || name.hasSuffix(".dfm")
    }

    private func owner(of file: String) -> CatalogueModel? {
        catalogue.models.first { $0.files.contains { $0.file == file } }
    }
}
