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
            let modes = Mode.all.map { ($0.name, Set(withNeeds($0.models) { needs[$0] ?? [] })) }
            return try jsonAnswer(
                lines.map { line in
                    ModelJSON(line, neededBy: modes.filter { $0.1.contains(line.name) }.map(\.0))
                })
        }
    }
}
