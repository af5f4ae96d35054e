// The list of published models: the built-in one and the operator's own.

package import Errors
internal import Files
package import Foundation
internal import ModelFiles

/// All models that can be fetched by name, and what processors need by default.
package struct Catalogue: Sendable {
    /// In the order of the lists.
    package private(set) var models: [CatalogueModel] = []
    /// The default models of each processor.
    package private(set) var processors: [String: [String]] = [:]
    /// The licences of which it is known whether they allow work for money.
    private var licences: [String: CatalogueModel.Commercial] = [:]
    private var publishers: [String: CatalogueFile.Publisher] = [:]

    /// The list that comes with the program.
    package static func standard() throws -> Catalogue {
        let folder = try resourceFolder("masque_ModelStore.resources", holding: "models.yaml")
        var catalogue = Catalogue()
        try catalogue.add(listAt: URL(fileURLWithPath: "\(folder)/models.yaml"))
        return catalogue
    }

    /// The built-in list, then those in the folder `manifests` of a store by their names, then `lists`; later entries
    /// replace earlier ones of the same name.
    ///
    /// - Throws: ``MasqueError`` `.badInput` naming the file and what is wrong in it.
    package static func standard(store: URL, lists: [URL] = []) throws -> Catalogue {
        var catalogue = try standard()
        let folder = store.appending(path: "manifests")
        let own = try namesInFolder(folder.path).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
        for list in own.map({ folder.appending(path: $0) }) + lists { try catalogue.add(listAt: list) }
        return catalogue
    }

    package init() {}

    /// The model of a name.
    package func model(named name: String) -> CatalogueModel? { models.first { $0.name == name } }

    /// The models of these names and all that they need, each once, what is needed first.
    /// - Throws: ``MasqueError`` `.notFound` naming the first that is in no list.
    package func closure(of names: [String]) throws -> [CatalogueModel] {
        try withNeeds(names) { name in
            guard let model = model(named: name) else { throw unknown(name) }
            return model.needs
        }.compactMap(model(named:))
    }

    /// The default models of a processor.
    /// - Throws: ``MasqueError`` `.notFound` when there is no such processor or it has no model that could be fetched.
    package func models(ofProcessor name: String) throws -> [String] {
        guard let models = processors[name] else {
            throw MasqueError(
                .notFound, "There is no processor “\(name)”.",
                advice: "Choose one of \(processors.keys.sorted().joined(separator: ", ")).")
        }
        return models
    }

    /// The error about a name that is in no list.
    package func unknown(_ name: String) -> MasqueError {
        let close = models.map(\.name).filter { $0.hasPrefix(name.prefix(4)) }.prefix(4).joined(separator: ", ")
        return MasqueError(
            .notFound, "No list of models has “\(name)”.",
            advice: close.isEmpty
                ? "See “masque models list”, or add it to a list of your own." : "Did you mean one of \(close)?")
    }

    /// Reads a list.
    /// - Throws: ``MasqueError`` `.badInput` naming the file and what is wrong in it.
    package mutating func add(listAt url: URL) throws {
        let text = String(decoding: try readFile(at: url.path, maxBytes: 8 << 20), as: UTF8.self)
        let list = try CatalogueFile.read(text, place: url.path)
        publishers.merge(list.publishers ?? [:]) { $1 }
        for licence in list.licences?.commercial ?? [] { licences[licence] = .yes }
        for licence in list.licences?.nonCommercial ?? [] { licences[licence] = .no }
        for entry in list.models ?? [] {
            let model = try entry.model(
                defaults: list.defaults, publishers: publishers, licences: licences, place: url.path)
            if let place = models.firstIndex(where: { $0.name == model.name }) {
                models[place] = model
            } else {
                models.append(model)
            }
        }
        processors.merge(list.processors ?? [:]) { $1 }
    }
}

/// Names and all that they need, each once, what is needed first.
package func withNeeds(_ names: [String], _ needs: (String) throws -> [String]) rethrows -> [String] {
    var found: [String] = []
    var seen: Set<String> = []
    func visit(_ name: String) throws {
        guard seen.insert(name).inserted else { return }
        try needs(name).forEach(visit)
        found.append(name)
    }
    try names.forEach(visit)
    return found
}
