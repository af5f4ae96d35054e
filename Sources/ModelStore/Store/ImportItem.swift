// Which model a file that is taken in is, by its name or by the name that the operator gives it.

internal import Errors
internal import Files
internal import Foundation
internal import ModelFiles

/// One model to be taken in, or a file that is none.
struct ImportItem: Sendable {
    let folder: URL
    /// The file that stands for it; the model's first one, whatever the model calls it.
    let file: String
    /// Nil when no list knows the file.
    let model: CatalogueModel?
    /// Whether the operator says that a file of another name is a model of the lists.
    var isRenamed = false
    /// Why it cannot be taken in.
    var problem: MasqueError?
}

extension ModelStore {
    /// Whether a folder is that of the store.
    func isStore(_ folder: URL) -> Bool {
        folder.resolvingSymlinksInPath().standardizedFileURL.path
            == stored.folder.resolvingSymlinksInPath().standardizedFileURL.path
    }

    /// The models of a folder by the lists, and its other model files; those of the store itself are models, too.
    func importItems(inFolder folder: URL) async throws -> [ImportItem] {
        let names = try await offPool { try namesInFolder(folder.path) }.sorted()
        let isOwn = isStore(folder)
        return names.filter { !$0.hasPrefix(".") && (Self.isModelFile($0) || owner(of: $0) != nil) }.compactMap {
            file in
            if let model = owner(of: file) {
                // A model's other files come with its first.
                return model.files.first?.file == file ? ImportItem(folder: folder, file: file, model: model) : nil
            }
            guard isOwn else { return ImportItem(folder: folder, file: file, model: nil) }
            let name = String(file[..<(file.lastIndex(of: ".") ?? file.endIndex)])
            return ImportItem(
                folder: folder, file: file, model: Self.ownModel(name, file: file),
                problem: Self.problem(withName: name))
        }
    }

    /// A single file, under the name that the operator gives it or that its own says.
    /// - Throws: ``MasqueError`` `.badInput` when it needs another name.
    func importItem(ofFile url: URL, name: String?) throws -> ImportItem {
        let (folder, file) = (url.deletingLastPathComponent(), url.lastPathComponent)
        guard let name else {
            guard let model = owner(of: file) else {
                throw MasqueError(
                    .badInput, "\(file) is in no list of models.", advice: "Say what to call it with --name.")
            }
            return ImportItem(folder: folder, file: file, model: model)
        }
        if let problem = Self.problem(withName: name) { throw problem }
        if let known = catalogue.model(named: name) {
            if known.files.first?.file == file { return ImportItem(folder: folder, file: file, model: known) }
            guard known.files.count == 1 else {
                throw MasqueError(
                    .badInput, "The model “\(name)” has \(known.files.count) files, which cannot be taken in as one.",
                    advice: "Give them the names that its list says, and take in their folder.")
            }
            return ImportItem(folder: folder, file: file, model: known, isRenamed: true)
        }
        let kept = "\(name).\(url.pathExtension.lowercased() == "dfm" ? "dfm" : "onnx")"
        if let other = owner(of: kept) {
            throw MasqueError(
                .badInput, "“\(name)” cannot be the name of a model: the file of “\(other.name)” would be called so.",
                advice: "Choose another name.")
        }
        return ImportItem(folder: folder, file: file, model: Self.ownModel(name, file: kept))
    }

    /// Why no model of the store may have a name; nil: one may.
    static func problem(withName name: String) -> MasqueError? {
        if StoredModels.builtIn.contains(name) {
            return MasqueError(
                .badInput, "“\(name)” is a built-in model, which nothing in the store replaces.",
                advice: "Choose another name.")
        }
        guard StoredModels.isPlainName(name), StoredModels.isFileName("\(name).onnx"), !name.contains(" ") else {
            return MasqueError(
                .badInput, "“\(name)” cannot be the name of a model.",
                advice: "Use letters, digits, “-”, “_” and “.”.")
        }
        return nil
    }

    private static func ownModel(_ name: String, file: String) -> CatalogueModel {
        CatalogueModel(
            name: name, role: "other", licence: "unknown", commercial: .unknown,
            files: [CatalogueModel.File(file: file, urls: [], checksumURLs: [])], needs: [])
    }

    static func isModelFile(_ name: String) -> Bool { name.hasSuffix(".onnx") || name.hasSuffix(".dfm") }

    private func owner(of file: String) -> CatalogueModel? {
        catalogue.models.first { $0.files.contains { $0.file == file } }
    }
}
