// A dispatcher between a stand-in's updates and a test that notes what it is handed.
import Foundation
import JobQueueSQLite
import Logging
import Synchronization
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing

/// What was answered so far, in order.
final class Answers: Sendable {
    private let list = Mutex<[(event: Event, update: Int64)]>([])

    var events: [Event] { list.withLock { $0.map(\.event) } }
    var updates: [Int64] { list.withLock { $0.map(\.update) } }
    /// Commands as `/name`, texts, files by their caption, albums by the numbers of their files.
    var words: [String] { events.map(\.words) }

    func note(_ event: Event, _ update: Int64) { list.withLock { $0.append((event, update)) } }

    /// Waits until there are so many.
    func wait(_ count: Int) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while events.count < count, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
        #expect(events.count == count)
    }
}

extension Event {
    var words: String {
        switch deed {
        case .command(let name, let arguments): "/\(name)\(arguments.isEmpty ? "" : " \(arguments)")"
        case .text(let text): text
        case .file(_, let caption, let album): "file \(caption)\(album.map { " of \($0)" } ?? "")"
        case .album(let files, let caption):
            "album \(files.map { "\($0.bytes ?? 0)" }.joined(separator: ",")) \(caption)"
        case .press(let data, _): "press \(data)"
        case .edited(let text): "edited \(text)"
        case .joined: "joined"
        case .left: "left"
        case .moved(let chat): "moved \(chat)"
        }
    }
}

/// Opens once; whoever waits goes on then.
final class Gate: Sendable {
    private let isOpen = Mutex(false)
    func open() { isOpen.withLock { $0 = true } }
    func pass() async throws {
        while !isOpen.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
    }
}

struct DispatchLab {
    let bot: BotLab
    let inbox: UpdateInbox
    let dispatcher: Dispatcher
    let answers: Answers
    /// Whom it was told that messages were left out.
    let excused: Answers
    var telegram: Telegram { bot.telegram }

    /// Runs a test with a dispatcher over the lab's database.
    /// - Parameter handle: what happens before an answer is noted.
    static func run(
        _ bot: BotLab, isPaused: Bool = false, albumWait: Duration = .milliseconds(60),
        change: (inout Dispatcher.Settings) -> Void = { _ in },
        handle: @escaping @Sendable (Event) async throws -> Void = { _ in },
        _ body: (DispatchLab) async throws -> Void
    ) async throws {
        let inbox = UpdateInbox(store: bot.store)
        var settings = Dispatcher.Settings()
        settings.albumWait = albumWait
        settings.pauses = [.milliseconds(1), .milliseconds(1)]
        change(&settings)
        let (answers, excused) = (Answers(), Answers())
        let found = try Self.place(of: bot)
        let excuse = try #require(found)
        let dispatcher = Dispatcher(
            inbox: inbox, bot: bot.bot, book: BotBook(store: bot.store), settings: settings, isPaused: isPaused,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            excuse: { place in
                var event = excuse
                event.place = place
                excused.note(event, 0)
            },
            handle: { event, update in
                try await handle(event)
                answers.note(event, update)
            })
        let running = Task { await dispatcher.run() }
        let result: Result<Void, any Error>
        do {
            result = .success(
                try await body(
                    DispatchLab(bot: bot, inbox: inbox, dispatcher: dispatcher, answers: answers, excused: excused)))
        } catch { result = .failure(error) }
        running.cancel()
        await running.value
        try result.get()
    }

    private static func place(of bot: BotLab) throws -> Event? {
        let json = """
            {"update_id":1,"message":{"message_id":1,"date":1,"text":"x","chat":{"id":1,"type":"private"},
            "from":{"id":1,"is_bot":false,"first_name":"A"}}}
            """
        return Event(try BotJSON.decoder().decode(Update.self, from: Data(json.utf8)), bot: bot.bot)
    }

    /// The updates that wait at Telegram, kept in the inbox.
    func taken() async throws -> [Update] {
        let batch = try await bot.api.call(GetUpdates(offset: await inbox.offset, timeout: 0))
        return try await inbox.take(batch.updates, lastID: batch.lastID)
    }

    /// Brings them to the dispatcher.
    func bring(_ order: ([Update]) -> [Update] = { $0 }) async throws {
        await dispatcher.enqueue(order(try await taken()))
    }

    /// Waits until nothing is kept any more but `texts`.
    func waitForInbox(holding count: Int = 0) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while try await left().count != count, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(try await left().count == count)
    }

    func left() async throws -> [Update] { try await UpdateInbox(store: bot.store).leftOver() }
}
