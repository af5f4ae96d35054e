// `masque keys`: API keys for programs.

internal import ArgumentParser
internal import Foundation
internal import JobQueue
internal import Services

/// Makes, lists and revokes keys.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make, list and revoke API keys.",
        subcommands: [Create.self, List.self, Revoke.self], defaultSubcommand: List.self)

    /// Prints a new key, this once.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Print a new API key; it is shown this once.")
        @Option(name: .customLong("user-id"), help: "Whose key: the owner of the jobs made with it.")
        var userID: String
        @Option(name: .long, help: "What you call it, such as “shop server”.")
        var name = "key"
        @Option(name: .long, help: "read, write or admin; may be given often (read and write).")
        var scope: [String] = []
        @Option(name: .customLong("expires-in"), help: "How long it holds, such as 365d; for ever without.")
        var expiresIn: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            let store = try await Home(try await server.settings()).openStore()
            let made = try await KeyService(store: store).create(
                owner: try ownerID(userID), name: name,
                scopes: scope.isEmpty ? [.read, .write] : try scopes(named: scope),
                expiresIn: try expiresIn.map { try seconds($0, option: "--expires-in") })
            Console.err("Key \(made.key.id) for \(userID); it is shown only this once:")
            Console.out(made.text)
        }
    }

    /// Shows keys without their texts.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List API keys.")
        @Option(name: .customLong("user-id"), help: "Only this user's.")
        var userID: String?
        @OptionGroup var server: ServerOptions

        func run() async throws {
            let keys = try await KeyService(store: try await JobsCommand.store(server)).list(
                owner: try userID.map(ownerID))
            if keys.isEmpty { return Console.out("There are no keys.") }
            for key in keys {
                let state =
                    key.revokedAt != nil
                    ? "revoked"
                    : key.expiresAt.map { $0 < Date() ? "expired" : "until \($0.formatted(.iso8601))" } ?? "valid"
                let used = key.lastUsedAt.map { "used \($0.formatted(.iso8601))" } ?? "never used"
                let scopes = key.scopes.map(\.rawValue).sorted().joined(separator: ",")
                Console.out(Console.plain("\(key.id)  \(key.owner)  \(key.name)  \(scopes)  \(state)  \(used)"))
            }
        }
    }

    /// Ends a key at once.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "revoke", abstract: "Revoke an API key, at once.")
        @Argument(help: "The key's id, as `masque keys list` shows it.") var id: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            try await KeyService(store: try await JobsCommand.store(server)).revoke(id, owner: nil)
            Console.out("The key \(id) is revoked.")
        }
    }
}
