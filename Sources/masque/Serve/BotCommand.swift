// `masque bot`.

internal import ArgumentParser
internal import Errors
internal import Foundation
internal import Logging
internal import Services

/// The Telegram bot without HTTP: jobs, workers and webhooks are the same as of `masque serve`.
struct BotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bot", abstract: "Run the Telegram bot, without HTTP.",
        discussion: """
            Example: TELEGRAM_BOT_TOKEN=123:ABC… masque bot

            The token comes from @BotFather in Telegram (/newbot). With TELEGRAM_BOT_TOKEN set, masque serve runs the bot
            beside the HTTP API; one folder is used by one of the two at a time.
            """)

    @Option(
        name: .long, help: "Append anonymised messages to this file, to be played again in tests (TELEGRAM_RECORD).")
    var record: String?

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let settings = try await server.settings(adding: ["TELEGRAM_RECORD": record])
        guard settings.telegram.token != nil else { throw BotAssembly.noToken }
        startLogging(settings)
        let assembly = try await ServerAssembly(settings: settings, logger: Logger(label: "masque"))
        try await assembly.runBot()
    }
}

/// Sends all logs to standard error, in the form and from the level that the settings say.
func startLogging(_ settings: ServerSettings) {
    let level = Logger.Level(rawValue: settings.logLevel) ?? .info
    let form: LineLogHandler.Form = settings.logFormat == "json" ? .json : .text
    LoggingSystem.bootstrap { LineLogHandler(label: $0, level: level, form: form) }
}
