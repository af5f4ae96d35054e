// How the bot is run.

package import Services
package import TelegramAPI

/// Where it finds Telegram and how it hears from it.
package struct BotSettings: Sendable {
    /// Where Telegram posts updates.
    package struct Webhook: Sendable {
        /// `https://…/webhook`.
        package var url: String
        /// What Telegram sends along: 1 to 256 letters, digits, `_` and `-`.
        package var secret: String

        package init(url: String, secret: String) { (self.url, self.secret) = (url, secret) }
    }

    package var token: BotToken
    package var server: BotServer
    package var rules: BotRules
    /// nil: updates are fetched by long polling.
    package var webhook: Webhook?
    /// The file that anonymised updates are appended to; nil: none.
    package var record: String?
    /// A folder for files in passing that media processes may write to.
    package var scratch: String
    /// What `/download` needs; nil: no fleet is set up.
    package var fleet: FleetDownloads?
    /// Makes links to results; nil: there are none.
    package var links: ShareLinks?
    /// The program's version, for `/stats`.
    package var version: String?
    /// Whether a token that Telegram does not know ends the program, rather than the bot alone.
    package var endsWithoutTelegram: Bool
    /// How long answers that are being made may take at a shutdown.
    package var grace = Duration.seconds(20)
    /// Seconds that Telegram holds a poll while nothing happens.
    package var pollSeconds = 50
    /// Between attempts while Telegram cannot be reached; the last one is repeated.
    package var pauses: [Duration] = [.seconds(1), .seconds(3), .seconds(10), .seconds(30), .seconds(60)]

    package init(
        token: BotToken, server: BotServer = .telegram, rules: BotRules = BotRules(), scratch: String,
        endsWithoutTelegram: Bool
    ) {
        (self.token, self.server, self.rules) = (token, server, rules)
        (self.scratch, self.endsWithoutTelegram) = (scratch, endsWithoutTelegram)
    }
}
