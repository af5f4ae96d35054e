// Wires the Telegram bot.

internal import Errors
internal import HTTPAPI
internal import Logging
internal import Services
internal import Studio
internal import TelegramAPI
internal import TelegramBot
internal import Workers

/// The bot and, where Telegram posts to this server, the end of its webhook.
struct BotAssembly: Sendable {
    let bot: Bot
    let hook: TelegramHook?

    /// - Parameter isAlone: whether nothing serves HTTP, so that updates must be fetched, and a bot that cannot run ends
    ///   the program.
    /// - Throws: `.badInput` when there is no token, or it or the server's address is wrong.
    init(_ core: ServerCore, isAlone: Bool) throws {
        let own = core.settings.telegram
        let account = try Self.account(core.settings)
        var settings = BotSettings(
            token: account.token, server: account.server, rules: BotRules(core.settings),
            scratch: core.workerSettings.facesFolder, endsWithoutTelegram: isAlone)
        settings.record = own.record
        settings.version = Version.number
        let downloads = core.downloading.downloads
        settings.fleet = FleetDownloads(client: downloads.fleet, host: downloads.host, file: downloads.fleetFile)
        if !isAlone { settings.links = ShareLinks(secret: try core.home.secrets.secret(named: "share-secret")) }
        if let url = own.webhookURL {
            if isAlone {
                core.logger.notice("TELEGRAM_WEBHOOK is for masque serve; masque bot fetches updates itself.")
            } else {
                settings.webhook = BotSettings.Webhook(url: url, secret: try Self.webhookSecret(core.home))
            }
        }
        let announcement = Announcement(settings: core.settings, home: core.home.path, logger: core.logger)
        let hasWebhook = settings.webhook != nil
        bot = Bot(
            settings: settings, jobs: core.jobs, store: core.store, words: core.words,
            log: Logger(label: "masque.bot"),
            onReady: { me in
                announcement.say(bot: me.username ?? me.firstName, hasWebhook: hasWebhook, isAlone: isAlone)
            })
        hook = settings.webhook.map { [reception = bot.reception] webhook in
            TelegramHook(secret: webhook.secret) { try await reception.receive($0) }
        }
    }

    /// Who the bot is and where.
    /// - Throws: `.badInput` when there is no token, or it or the server's address is wrong.
    static func account(_ settings: ServerSettings) throws -> (token: BotToken, server: BotServer) {
        let own = settings.telegram
        guard let token = own.token else { throw noToken }
        return (
            try BotToken(token), try own.apiURL.map { try BotServer($0, isLocal: own.isLocal) } ?? .telegram
        )
    }

    static let noToken = MasqueError(
        .badInput, "There is no Telegram bot without TELEGRAM_BOT_TOKEN.",
        advice:
            "Write /newbot to @BotFather in Telegram, and set TELEGRAM_BOT_TOKEN to the token that it answers, in the environment or in .env."
    )

    /// Made once; of the characters that Telegram takes.
    private static func webhookSecret(_ home: Home) throws -> String {
        let text = String(decoding: try home.secrets.secret(named: "telegram-webhook"), as: UTF8.self)
        return String(
            text.compactMap { character -> Character? in
                switch character {
                case "+": "-"
                case "/": "_"
                case _ where character.isASCII && (character.isLetter || character.isNumber): character
                case "-", "_": character
                default: nil
                }
            }.prefix(256))
    }
}

extension BotRules {
    fileprivate init(_ settings: ServerSettings) {
        self.init()
        let own = settings.telegram
        administrators = own.administrators
        publicURL = settings.publicURL
        (jobsPerHour, groupJobsPerHour, activeJobs) = (own.jobsPerHour, own.groupJobsPerHour, own.activeJobs)
    }
}
