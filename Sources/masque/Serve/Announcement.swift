// What a starting server tells the person who started it.

internal import Logging
internal import Services
internal import Studio

/// The address, the folder and how to get in.
struct Announcement: Sendable {
    let settings: ServerSettings
    /// The absolute path of the server's folder.
    let home: String
    let logger: Logger

    /// In a log of JSON it is a line of the log.
    ///
    /// - Parameter port: the one that it really listens on.
    func say(port: Int?) {
        let anywhere = ["0.0.0.0", "::"].contains(settings.host)
        let address = "http://\(anywhere ? "127.0.0.1" : settings.host):\(port ?? settings.port)"
        if settings.logFormat == "json" {
            logger.notice(
                "Serving.", metadata: ["address": "\(address)/", "host": "\(settings.host)", "home": "\(home)"])
            return
        }
        Console.err(
            """
            \(Version.product) serves \(address)/ \(anywhere ? "and all other addresses of this machine " : "")from \(home)
              studio  \(address)/
              API     \(address)/docs
            """)
        if settings.jwtRequired {
            Console.err("  token   masque token mint --user-id demo --home \(inShell(home))")
        } else {
            Console.err("  Nobody needs a token (JWT_REQUIRED=0).")
        }
    }
}

extension Announcement {
    /// Which bot runs, and how it hears from Telegram.
    ///
    /// - Parameter isAlone: whether nothing else has said where the server's folder is.
    func say(bot name: String, hasWebhook: Bool, isAlone: Bool) {
        let mode = hasWebhook ? "webhook" : "polling"
        if settings.logFormat == "json" {
            logger.notice("Running the bot.", metadata: ["bot": "@\(name)", "mode": "\(mode)", "home": "\(home)"])
        } else if isAlone {
            Console.err(
                """
                \(Version.product) runs the Telegram bot @\(name) (\(mode)) from \(home)
                  chat    https://t.me/\(name)
                """)
        } else {
            Console.err("  bot     @\(name) (\(mode)), https://t.me/\(name)")
        }
    }
}

/// A path as a shell takes it for one word.
private func inShell(_ path: String) -> String {
    let plain = path.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-".contains($0)) }
    return plain ? path : "'\(path.replacing("'", with: #"'\''"#))'"
}
