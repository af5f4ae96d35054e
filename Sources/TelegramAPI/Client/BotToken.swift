// The token of a bot, which no log, error or dump shows.

package import Errors

/// A bot's token as BotFather gives it: the bot's number, a colon, and a secret of 35 characters or so. Whoever has it
/// is the bot, so it is part of request paths and of nothing else.
package struct BotToken: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// For paths of requests alone.
    let text: String
    /// The bot's user id.
    package let botID: Int64

    /// - Throws: ``MasqueError`` `.badInput` for what is no token; the message does not show it.
    package init(_ text: String) throws(MasqueError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let isPlain: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard parts.count == 2, let id = Int64(parts[0]), id > 0, parts[0].utf8.allSatisfy(isPlain),
            (20...100).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy(isPlain)
        else {
            throw MasqueError(
                .badInput, "TELEGRAM_BOT_TOKEN is not the token of a Telegram bot.",
                advice: "Copy it whole from @BotFather: a number, a colon, and about 35 letters and digits.")
        }
        self.text = text
        botID = id
    }

    package var description: String { "\(botID):••••••" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
