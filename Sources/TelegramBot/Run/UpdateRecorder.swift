// Writes anonymised updates into a file, one line each, to be played again in tests.

internal import Errors
internal import Files
internal import Foundation
internal import Logging
internal import Services
internal import TelegramAPI

/// Appends updates. What cannot be written is not: a recording never holds the bot up.
actor UpdateRecorder {
    private let file: LineFile
    private let log = Logger(label: "masque.bot")
    private var anonymiser: Anonymiser
    private var hasFailed = false

    /// - Parameter path: made for this user alone when it is not there; lines are added when it is.
    /// - Throws: ``Errors/MasqueError`` when it cannot be written.
    init(path: String, bot: User) throws {
        file = try LineFile(path: path)
        try file.prepare()
        let size = try fileFacts(path)?.byteCount ?? 0
        if size > 0 { try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path) }
        // A line has more bytes than people, so the numbers of an earlier run are all smaller.
        anonymiser = Anonymiser(bot: bot, base: size)
    }

    func record(_ updates: [Update]) async {
        var lines = Data()
        for update in updates {
            guard let line = try? BotJSON.encoder().encode(anonymiser.anonymous(update)) else { continue }
            lines += line + Data("\n".utf8)
        }
        guard !lines.isEmpty else { return }
        do { try await file.append(lines: lines) } catch {
            if !hasFailed { log.error("Updates cannot be recorded.", metadata: ["error": "\(error)"]) }
            hasFailed = true
        }
    }
}
