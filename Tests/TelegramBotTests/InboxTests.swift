// Updates are kept before they are acknowledged and answered once, whatever ends in between.
import Foundation
import JobQueue
import JobQueueSQLite
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing

@Suite struct InboxTests {
    @Test func `what was taken and not answered is there after a restart, in order, and once`() async throws {
        try await BotLab.run { (lab: BotLab) async throws in
            for n in 1...3 { lab.telegram.say(BotLab.ann, "\(n)") }
            let inbox = UpdateInbox(store: lab.store)
            #expect(try await inbox.leftOver().isEmpty)
            let batch = try await lab.api.call(GetUpdates(offset: await inbox.offset, timeout: 0))
            let taken = try await inbox.take(batch.updates, lastID: batch.lastID)
            #expect(taken.compactMap(\.message?.text) == ["1", "2", "3"])
            try await inbox.done(taken[0].updateID)
            // The program ends here; another one opens the same database.
            let store = try await SQLiteStore(path: lab.database)
            let next = UpdateInbox(store: store)
            #expect(try await next.leftOver().compactMap(\.message?.text) == ["2", "3"])
            #expect(await next.offset == taken[2].updateID + 1)
            // Telegram did not hear the acknowledgement and sends all again, with a new one.
            lab.telegram.say(BotLab.ann, "4")
            let again = try await lab.api.call(GetUpdates(offset: nil, timeout: 0))
            #expect(again.updates.count == 4)
            #expect(try await next.take(again.updates, lastID: again.lastID).compactMap(\.message?.text) == ["4"])
            try await store.close()
        }
    }

    @Test func `updates of a webhook are taken out of order, each once`() async throws {
        try await BotLab.run { (lab: BotLab) async throws in
            for n in 1...4 { lab.telegram.say(BotLab.ann, "\(n)") }
            let updates = try await lab.api.call(GetUpdates(offset: nil, timeout: 0)).updates
            let inbox = UpdateInbox(store: lab.store)
            _ = try await inbox.leftOver()
            var texts: [String?] = []
            for i in [2, 0, 2, 3, 1, 0, 3] {
                texts += try await inbox.take([updates[i]], lastID: nil).map(\.message?.text)
            }
            #expect(texts == ["3", "1", "4", "2"])
        }
    }

    @Test func `a count that begins anew after a long silence is followed`() async throws {
        try await BotLab.run { (lab: BotLab) async throws in
            let inbox = UpdateInbox(store: lab.store)
            func update(_ id: Int64) throws -> Update {
                try BotJSON.decoder().decode(Update.self, from: Data(#"{"update_id":\#(id)}"#.utf8))
            }
            #expect(try await inbox.take([try update(5_000_000)], lastID: nil).count == 1)
            #expect(try await inbox.take([try update(70)], lastID: nil).count == 1)
            #expect(await inbox.offset == 71)
            #expect(try await inbox.take([try update(70)], lastID: nil).isEmpty)
            // An unreadable update is passed over.
            #expect(try await inbox.take([], lastID: 75).isEmpty)
            #expect(await inbox.offset == 76)
        }
    }

    @Test func `a session and a person are kept, and forgotten when they ask for it`() async throws {
        try await BotLab.run { (lab: BotLab) async throws in
            let book = BotBook(store: lab.store)
            var session = Session()
            (session.step, session.mode, session.map) = (.confirm, "photo_photo", [0: 1])
            let alone = SessionKey(chat: BotLab.ann, user: BotLab.ann)
            let group = SessionKey(chat: BotLab.group, user: BotLab.ann)
            let other = SessionKey(chat: BotLab.group, user: BotLab.ben)
            for key in [alone, group, other] { try await book.save(session, key) }
            try await book.change(BotLab.ann) { $0.language = "ko" }
            let again = BotBook(store: try await SQLiteStore(path: lab.database))
            #expect(try await again.session(alone) == session)
            #expect(try await again.person(BotLab.ann).language == "ko")
            try await book.forget(BotLab.ann)
            #expect(try await book.session(group) == Session())
            #expect(try await book.person(BotLab.ann) == Person())
            #expect(try await book.session(other) == session)
        }
    }
}
