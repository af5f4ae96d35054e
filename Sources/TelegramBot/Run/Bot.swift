// The bot as a service: says who it is, takes updates, has them answered, follows jobs, and ends in order.

internal import AsyncHTTPClient
internal import Errors
internal import Foundation
package import JobQueue
package import Logging
internal import ServiceLifecycle
package import Services
package import TelegramAPI
package import Words

/// Runs until a graceful shutdown.
package struct Bot: Service {
    private let settings: BotSettings
    private let jobs: JobService
    private let store: any DocumentStore
    private let words: Words
    private let log: Logger
    private let onReady: @Sendable (User) -> Void
    /// Where a webhook brings updates.
    package let reception = Reception()

    /// - Parameter onReady: called once Telegram has said who the bot is.
    package init(
        settings: BotSettings, jobs: JobService, store: any DocumentStore, words: Words, log: Logger,
        onReady: @escaping @Sendable (User) -> Void = { _ in }
    ) {
        (self.settings, self.jobs, self.store, self.words) = (settings, jobs, store, words)
        (self.log, self.onReady) = (log, onReady)
    }

    /// - Throws: ``Errors/MasqueError`` `.unauthorized` when Telegram does not know the token, and whatever else keeps
    ///   the bot from running; only if it may end the program.
    package func run() async throws {
        let http = BotAPI.client()
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await run(BotAPI(token: settings.token, server: settings.server, http: http, log: log)))
        } catch { result = .failure(error) }
        try? await http.shutdown()
        do { try result.get() } catch is CancellationError {} catch {
            let error = (error as? BotAPIError)?.masqueError ?? error
            guard !settings.endsWithoutTelegram else { throw error }
            log.critical("The Telegram bot does not run; everything else does. \(error)")
            // A service that returned would take the others with it.
            try? await gracefulShutdown()
        }
    }

    private func run(_ plain: BotAPI) async throws {
        // Made with every folder in it, too: media processes that start meanwhile may be clearing the place.
        try? FileManager.default.createDirectory(
            atPath: settings.scratch, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let book = BotBook(store: store)
        guard let me = try await beforeShutdown({ try await self.me(plain) }) else { return }
        let moves = GroupMoves(book: book)
        var api = plain
        api.onMigration = { old, new in
            do { try await moves.move(old, to: new) } catch {
                log.warning("A group's new id could not be kept.", metadata: ["error": "\(error)"])
            }
        }
        let desk = BotDesk(
            api: api, me: me, jobs: jobs, book: book, words: words, rules: settings.rules, scratch: settings.scratch,
            log: log)
        // What an earlier run wrote in its last seconds still counts for Telegram.
        if try await book.noteRun() { await api.pacer.hold(nil, for: .seconds(2)) }
        let link = settings.links.map { Deliveries.links($0, at: settings.rules.publicURL) }
        let deliveries = Deliveries(desk: desk, link: link ?? { _ in nil })
        await moves.follow(deliveries)
        let admin = AdminCommands(desk: desk, fleet: settings.fleet, version: settings.version)
        let dialogue = Dialogue(
            desk: desk, deliveries: deliveries, account: AccountCommands(desk: desk, deliveries: deliveries),
            admin: admin)
        var pace = Dispatcher.Settings()
        pace.albumWait = settings.rules.albumWait
        let inbox = UpdateInbox(store: store)
        let dispatcher = Dispatcher(
            inbox: inbox, bot: me, book: book, settings: pace, isPaused: true, log: log,
            onMove: { try await moves.move($0, to: $1) }, excuse: { try await desk.excuse(in: $0) },
            handle: { event, update in
                let event = await moves.readdressed(event)
                try await dialogue.handle(event, update: update)
                try await moves.settle(event.place)
            })
        let inside = Reception.Inside(
            inbox: inbox, dispatcher: dispatcher,
            recorder: try settings.record.map { try UpdateRecorder(path: $0, bot: me) })
        let intake = Intake(api: api, settings: settings, reception: reception, inside: inside, log: log)
        let setup = BotSetup(
            // Its limits are others than those of messages, and a pause that it is told must not silence the bot.
            api: BotAPI(token: settings.token, server: settings.server, http: api.http, log: log), bot: me.id,
            book: book,
            profile: BotProfile(words: words), administrators: settings.rules.administrators, log: log)
        onReady(me)
        if me.canReadAllGroupMessages == false {
            log.notice(
                "In groups the bot sees only what is said to it: photos with its name below them, and answers to it. To change that, write /setprivacy to @BotFather and choose Disable."
            )
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await dispatcher.run() }
            group.addTask { await keepUp("Following the jobs of chats") { try await deliveries.run() } }
            group.addTask { await keepUp("Sending broadcasts") { try await admin.run() } }
            group.addTask {
                do { try await setup.run() } catch {
                    log.warning(
                        "The bot's menu could not be set; the next start tries again.", metadata: ["error": "\(error)"])
                }
            }
            let result: Result<Void, any Error>
            do { result = .success(try await beforeShutdown { try await intake.run() } ?? ()) } catch {
                result = .failure(error)
            }
            await reception.close()
            await dispatcher.stop(within: settings.grace)
            group.cancelAll()
            try result.get()
        }
    }

    /// - Returns: nil when a shutdown came first.
    private func beforeShutdown<Value: Sendable>(_ body: @Sendable @escaping () async throws -> Value) async throws
        -> Value?
    {
        do { return try await cancelWhenGracefulShutdown(body) } catch is CancellationError { return nil }
    }

    /// Who the bot is; asked until Telegram answers.
    private func me(_ api: BotAPI) async throws -> User {
        var pauses = Pauses(settings.pauses), api = api
        // So that whoever started the bot hears at once that it waits.
        api.patience.pauses = []
        while true {
            do { return try await api.call(GetMe()) } catch let error as BotAPIError where error.reason.isPassing {
                if pauses.isFirst { log.warning("\(error.masqueError) The bot waits for it.") }
                try await Task.sleep(for: pauses.next())
            }
        }
    }

    /// Does something for as long as the bot runs.
    private func keepUp(_ what: String, _ body: () async throws -> Void) async {
        var pauses = Pauses(settings.pauses)
        while !Task.isCancelled {
            do { return try await body() } catch is CancellationError { return } catch {
                log.error("\(what) failed and begins again.", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: pauses.next())
        }
    }
}

extension BotDesk {
    /// Tells somebody that messages were left out.
    func excuse(in place: Place) async throws {
        let person = try await book.person(place.user)
        let voice = voice(person, place)
        try await say(
            Screen(voice.say("That was too much at once, so I skipped some of it. Please wait for my answers. ⏳")),
            to: place)
    }
}

/// Pauses that grow; the last one is repeated.
struct Pauses: Sendable {
    private let all: [Duration]
    private var count = 0

    init(_ all: [Duration]) { self.all = all }

    var isFirst: Bool { count == 0 }
    mutating func reset() { count = 0 }
    mutating func next() -> Duration {
        defer { count += 1 }
        return all.isEmpty ? .seconds(1) : all[min(count, all.count - 1)]
    }
}

extension BotAPIError.Reason {
    /// Whether the same call may succeed later.
    var isPassing: Bool {
        switch self {
        case .unavailable, .uncertain, .tooManyRequests, .strangeAnswer: true
        default: false
        }
    }
}
