// The published models: which are here, and which could be.

internal import HTTPParts
internal import Hummingbird
internal import ModelStore
internal import Services

extension HTTPAPI {
    func addModelRoutes(to group: RouterGroup<APIContext>) {
        group.get("models") { _, context in
            _ = try context.caller()
            let lines = try await models()
            let needs = Dictionary(lines.map { ($0.name, $0.needs) }) { first, _ in first }
            let modes = Mode.all.map { ($0.name, Self.closure(of: $0.models, needs)) }
            return try jsonAnswer(
                lines.map { line in
                    ModelJSON(line, neededBy: modes.filter { $0.1.contains(line.name) }.map(\.0))
                })
        }
    }

    /// The named models and all that they need.
    private static func closure(of names: [String], _ needs: [String: [String]]) -> Set<String> {
        var found: Set<String> = []
        var waiting = names
        while let name = waiting.popLast() {
            if found.insert(name).inserted { waiting += needs[name] ?? [] }
        }
        return found
    }
}
