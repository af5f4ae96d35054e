// `masque models list`.

internal import ArgumentParser
internal import Errors
internal import Foundation
internal import ModelFiles
internal import ModelStore

/// Shows all known models, and which are there.
struct ModelsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List known models: what is there, its size and licence.")

    @Flag(help: "Print one JSON object a model.")
    var json = false

    @Flag(help: "Only what is in the store.")
    var installed = false

    @Option(help: "Only one role, such as face_swapper.")
    var role: String?

    @OptionGroup var options: ModelsOptions

    func run() async throws {
        let store = try await options.open()
        let all = try await store.list()
        if let role, !all.contains(where: { $0.role == role }) {
            throw MasqueError(
                .notFound, "No model has the role “\(role)”.",
                advice: "Choose one of \(Set(all.map(\.role)).sorted().joined(separator: ", ")).")
        }
        let lines = all.filter { line in
            (role == nil || line.role == role) && (!installed || line.state != .available)
        }
        if json { return lines.forEach { Console.json(Entry($0)) } }
        Console.err("The store is \(store.stored.folder.path).")
        guard !lines.isEmpty else { return Console.out("There are no such models.") }
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        let widths = (lines.map(\.name.count).max() ?? 0, lines.map(\.role.count).max() ?? 0)
        for line in lines {
            let size = line.state == .available && line.bytes == nil ? "" : modelSize(line.bytes)
            let warning =
                switch line.commercial {
                case .yes: ""
                case .no: "  ! not for commercial use"
                case .unknown: "  ! ask before any use"
                }
            Console.out(
                Console.plain(
                    "\(padded(line.name, widths.0))  \(padded(line.role, widths.1))  \(padded(line.state.rawValue, 9))  "
                        + "\(padded(size, 9))  \(line.licence)\(warning)"))
        }
        if lines.contains(where: { $0.state == .damaged }) {
            Console.err("“masque models verify” says what is wrong with the damaged ones.")
        }
    }

    private struct Entry: Encodable {
        let name: String
        let role: String
        let state: String
        let bytes: Int?
        let licence: String
        let commercial: String
        let needs: [String]
        let source: String?
        let added: Date?

        init(_ line: ModelStore.Line) {
            name = line.name
            role = line.role
            state = line.state.rawValue
            bytes = line.bytes
            licence = line.licence
            commercial = line.commercial.rawValue
            needs = line.needs
            source = line.source
            added = line.added
        }
    }
}
