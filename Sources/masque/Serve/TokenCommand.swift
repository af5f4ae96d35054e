// `masque token mint`.

internal import ArgumentParser
internal import Errors
internal import JobQueue
internal import Services

/// Makes tokens for users; no endpoint does.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make access tokens for the HTTP API.", subcommands: [Mint.self])

    /// Prints one token.
    struct Mint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "mint", abstract: "Print a token (JWT) for a user.",
            discussion: "Example: TOKEN=$(masque token mint --user-id demo)")

        @Option(name: .customLong("user-id"), help: "Whose token: the owner of the jobs made with it.")
        var userID: String

        @Option(name: .long, help: "read, write or admin; may be given often (read and write).")
        var scope: [String] = []

        @Option(name: .customLong("expires-in"), help: "How long it holds, such as 12h, 30d, 3600s.")
        var expiresIn = "30d"

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let settings = try await server.settings()
            let key = try await Home(settings).tokenKey(settings)
            let scopes = scope.isEmpty ? Set([.read, .write]) : try scopes(named: scope)
            let token = try TokenMinter(key: key).mint(
                owner: try ownerID(userID), scopes: scopes, expiresIn: try seconds(expiresIn, option: "--expires-in"))
            Console.out(token)
        }
    }
}

/// Reads a span of time such as `90`, `15m`, `12h` or `30d` as seconds.
func seconds(_ text: String, option: String) throws -> Double {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
    let unit = text.last.flatMap { units[$0] }
    let digits = unit == nil ? text[...] : text.dropLast()
    guard let number = Double(digits), number.isFinite, number > 0 else {
        throw MasqueError(
            .badInput, "\(text) for \(option) is no span of time.", advice: "Write 3600s, 90m, 12h or 30d.")
    }
    return number * (unit ?? 1)
}
