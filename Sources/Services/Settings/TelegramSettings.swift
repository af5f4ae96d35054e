// The settings of the Telegram bot.

internal import Errors
internal import Foundation

/// As they hold after all places were read.
package struct TelegramSettings: Sendable {
    /// nil: there is no bot.
    package var token: String?
    /// nil: Telegram's own server.
    package var apiURL: String?
    /// Whether that server runs with `--local`.
    package var isLocal: Bool
    /// Where Telegram posts updates: `MASQUE_PUBLIC_URL` and `/webhook`; nil: updates are fetched.
    package var webhookURL: String?
    /// Who gives the administrators' commands.
    package var administrators: Set<Int64>
    /// Swaps that a person may begin in an hour; 0: no limit.
    package var jobsPerHour: Int
    /// Swaps that may be begun in a group in an hour; 0: no limit.
    package var groupJobsPerHour: Int
    /// Swaps of a person that may wait or run at once.
    package var activeJobs: Int
    /// The file that anonymised updates are appended to.
    package var record: String?

    init(_ reader: SettingsReader) throws {
        token = try reader.optional("TELEGRAM_BOT_TOKEN")
        apiURL = try reader.optional("TELEGRAM_API_URL")
        isLocal = try reader.flag("TELEGRAM_API_LOCAL")
        administrators = Set(
            try reader.list("ADMIN_TG_IDS").map { text in
                guard let id = Int64(text), id > 0 else {
                    throw MasqueError(
                        .badInput, "“\(text.prefix(40))” in ADMIN_TG_IDS is no person's number.",
                        advice: "Write numbers with commas between; @userinfobot tells yours.")
                }
                return id
            })
        jobsPerHour = Int(try reader.number("TELEGRAM_JOBS_PER_HOUR", in: 0...1_000_000))
        groupJobsPerHour = Int(try reader.number("TELEGRAM_GROUP_JOBS_PER_HOUR", in: 0...1_000_000))
        activeJobs = Int(try reader.number("TELEGRAM_ACTIVE_JOBS", in: 1...1_000_000))
        record = try reader.optional("TELEGRAM_RECORD")
        if isLocal, apiURL == nil {
            throw MasqueError(
                .badInput, "TELEGRAM_API_LOCAL is 1, but TELEGRAM_API_URL names no server.",
                advice: "Set it to your Bot API server, such as http://127.0.0.1:8081.")
        }
        guard try reader.flag("TELEGRAM_WEBHOOK") else { return }
        guard let base = try reader.optional("MASQUE_PUBLIC_URL") else {
            throw MasqueError(
                .badInput,
                "TELEGRAM_WEBHOOK is 1, but a webhook needs masque serve and its https:// address in MASQUE_PUBLIC_URL.",
                advice:
                    "Set TELEGRAM_WEBHOOK to 0, so that messages are fetched from Telegram, or run masque serve and set MASQUE_PUBLIC_URL."
            )
        }
        // A server of one's own posts anywhere.
        guard isLocal || Self.isReachable(base) else {
            throw MasqueError(
                .badInput, "Telegram posts to https:// addresses at port 443, 80, 88 or 8443 only, not to \(base).",
                advice: "Change MASQUE_PUBLIC_URL, or set TELEGRAM_WEBHOOK to 0.")
        }
        webhookURL = (base.hasSuffix("/") ? String(base.dropLast()) : base) + "/webhook"
    }

    private static func isReachable(_ text: String) -> Bool {
        guard let url = URLComponents(string: text), url.scheme?.lowercased() == "https" else { return false }
        return [443, 80, 88, 8443].contains(url.port ?? 443)
    }
}
