// Events are answered in order for each person, side by side for all, albums whole, and floods thinned out.
import Foundation
import JobQueueSQLite
import Synchronization
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing

@Suite struct DispatcherTests {
    private let ann = BotLab.ann, ben = BotLab.ben

    private func photo(_ bytes: Int) -> SentFile { SentFile("photo", Array(repeating: 1, count: bytes)) }

    @Test func `an album that comes out of order, between messages of another, is one event in order`() async throws {
        try await BotLab.run { (bot: BotLab) async throws in
            try await DispatchLab.run(bot) { lab in
                lab.telegram.say(ann, "before")
                lab.telegram.send(ann, photo(1), album: "a")
                lab.telegram.say(ben, "hello")
                lab.telegram.send(ann, photo(2), caption: "swap", album: "a")
                lab.telegram.send(ben, photo(9), album: "a")
                lab.telegram.send(ann, photo(3), album: "a")
                lab.telegram.say(ann, "after")
                try await lab.bring { [$0[0], $0[5], $0[2], $0[3], $0[4], $0[1], $0[6]] }
                try await lab.answers.wait(5)
                let own = lab.answers.events.filter { $0.place.user == ann }
                #expect(own.map(\.words) == ["before", "album 1,2,3 swap", "after"])
                let theirs = lab.answers.events.filter { $0.place.user == ben }
                // A part alone is a file like any other.
                #expect(theirs.map(\.words) == ["hello", "file "])
                let album = try #require(own.first { $0.words.hasPrefix("album") })
                let first = lab.telegram.posts(in: ann).first { $0.kind == "photo" }
                #expect(album.place.message == first?.id)
                try await lab.waitForInbox()
                // Known by its last part.
                let index = try #require(lab.answers.words.firstIndex(of: "album 1,2,3 swap"))
                #expect(lab.answers.updates[index] == lab.answers.updates.max().map { $0 - 1 })
            }
        }
    }

    @Test func `an album is said to the bot when any part of it is, and full when it has ten`() async throws {
        try await BotLab.run { (bot: BotLab) async throws in
            try await DispatchLab.run(bot, albumWait: .seconds(3_600)) { lab in
                lab.telegram.addGroup(BotLab.group, "Friends", people: [ann, ben])
                let post = try await bot.api.call(SendMessage(to: BotLab.group, "Photos, please."))
                for n in 1...10 {
                    lab.telegram.send(
                        ann, photo(n), caption: n == 4 ? "@\(Telegram.botName) us" : "", in: BotLab.group, album: "b",
                        replyTo: n == 7 ? post.messageID : nil)
                }
                try await lab.bring()
                try await lab.answers.wait(2)
                let album = try #require(lab.answers.events.last)
                #expect(album.words == "album 1,2,3,4,5,6,7,8,9,10 us")
                #expect(album.isAddressed && album.answersBot)
            }
        }
    }

    @Test func `an album that was being gathered when the program ended is gathered again`() async throws {
        try await BotLab.run { (bot: BotLab) async throws in
            try await DispatchLab.run(bot, albumWait: .seconds(3_600)) { lab in
                lab.telegram.send(ann, photo(1), album: "a")
                lab.telegram.send(ann, photo(2), album: "a")
                lab.telegram.say(ben, "hello")
                try await lab.bring()
                try await lab.answers.wait(1)
                try await lab.waitForInbox(holding: 2)
            }
            try await DispatchLab.run(bot, isPaused: true) { lab in
                await lab.dispatcher.enqueue(try await lab.inbox.leftOver())
                lab.telegram.send(ann, photo(3), album: "a")
                try await lab.bring()
                await lab.dispatcher.resume()
                try await lab.answers.wait(1)
                #expect(lab.answers.words == ["album 1,2,3 "])
                try await lab.waitForInbox()
            }
        }
    }

    @Test func `a slow answer holds up the same person alone`() async throws {
        try await BotLab.run { (bot: BotLab) async throws in
            let gate = Gate()
            let slow = ann
            try await DispatchLab.run(bot, handle: { if $0.place.user == slow { try await gate.pass() } }) { lab in
                for n in 1...3 {
                    lab.telegram.say(ann, "a\(n)")
                    lab.telegram.say(ben, "b\(n)")
                }
                try await lab.bring()
                try await lab.answers.wait(3)
                #expect(lab.answers.words == ["b1", "b2", "b3"])
                gate.open()
                try await lab.answers.wait(6)
                #expect(lab.answers.words.suffix(3) == ["a1", "a2", "a3"])
                try await lab.waitForInbox()
                #expect(await lab.dispatcher.lineCount == 0)
            }
        }
    }

    @Test func `nobody is answered twice at once, and no more than the most at once`() async throws {
        try await BotLab.run { (bot: BotLab) async throws in
            let active = Mutex<(now: [Int64: Int], most: Int, mostOfOne: Int)>(([:], 0, 0))
            for n in 1...20 { bot.telegram.addPerson(Int64(1_000 + n), "P\(n)") }
            try await DispatchLab.run(
                bot, change: { $0.atOnce = 4 },
                handle: { event in
                    active.withLock { state in
                        state.now[event.place.user, default: 0] += 1
                        state.most = max(state.most, state.now.values.reduce(0, +))
                        state.mostOfOne = max(state.mostOfOne, state.now[event.place.user] ?? 0)
                    }
                    try await Task.sleep(for: .milliseconds(2))
                    active.withLock { $0.now[event.place.user, default: 1] -= 1 }
                }
            ) { lab in
                for round in 1...4 { for n in 1...20 { lab.telegram.say(Int64(1_000 + n), "\(round)") } }
                try await lab.bring()
                try await lab.answers.wait(80)
                #expect(active.withLock { $0.most } == 4)
                #expect(active.withLock { $0.mostOfOne } == 1)
                for n in 1...20 {
                    let own = lab.answers.events.filter { $0.place.user == Int64(1_000 + n) }
                    #expect(own.map(\.words) == ["1", "2", "3", "4"])
                }
            }
        }
    }

    @Test func `who wrote the same five times while the bot was down is answered once`() async throws {
        try await BotLab.run { (bot: BotLab) async throws in
            try await DispatchLab.run(bot, isPaused: true) { lab in
                for _ in 1...5 { lab.telegram.say(ann, "/start") }
                lab.telegram.say(ann, "/mode photo_photo")
                lab.telegram.send(ann, photo(1), caption: "me")
                lab.telegram.say(ann, "/start")
                try await lab.bring()
                await lab.dispatcher.resume()
                try await lab.answers.wait(4)
                // What came with files in between means something of its own.
                #expect(lab.answers.words == ["/start", "/mode photo_photo", "file me", "/start"])
                try await lab.waitForInbox()
                #expect(lab.excused.events.isEmpty)
            }
        }
    }

    @Test func `who sends too much is told once, and files outlast words`() async throws {
        try await BotLab.run { (bot: BotLab) async throws in
            try await DispatchLab.run(bot, isPaused: true) { lab in
                for n in 1...50 { lab.telegram.say(ann, "word \(n)") }
                for n in 1...50 { lab.telegram.send(ann, photo(1), caption: "\(n)") }
                try await lab.bring()
                await lab.dispatcher.resume()
                try await lab.answers.wait(60)
                let expected = (1...30).map { "word \($0)" } + (1...30).map { "file \($0)" }
                #expect(lab.answers.words == expected)
                #expect(lab.excused.events.map(\.place.user) == [ann])
                try await lab.waitForInbox()
            }
        }
    }

    @Test func `talk of others in a group is left out without a word`() async throws {
        try await BotLab.run { (bot: BotLab) async throws in
            try await DispatchLab.run(bot, isPaused: true) { lab in
                lab.telegram.addGroup(BotLab.group, "Friends", people: [ann])
                for n in 1...40 { lab.telegram.say(ann, "word \(n)", in: BotLab.group) }
                try await lab.bring()
                await lab.dispatcher.resume()
                // The bot's coming into the group is one of the thirty.
                try await lab.answers.wait(30)
                #expect(lab.excused.events.isEmpty)
            }
        }
    }

    @Test func `an answer that Telegram could not take is tried again, and then given up`() async throws {
        try await BotLab.run { (bot: BotLab) async throws in
            let tries = Mutex(0)
            try await DispatchLab.run(
                bot,
                handle: { event in
                    let count = tries.withLock { count in
                        count += 1
                        return count
                    }
                    if event.words == "second" || count < 3 {
                        throw BotAPIError(.unavailable, method: "sendMessage", detail: "down")
                    }
                }
            ) { lab in
                lab.telegram.say(ann, "first")
                try await lab.bring()
                try await lab.answers.wait(1)
                lab.telegram.say(ann, "second")
                try await lab.bring()
                try await lab.waitForInbox()
                #expect(lab.answers.words == ["first"])
                #expect(tries.withLock { $0 } == 6)
            }
        }
    }

    @Test func `who blocked the bot is kept as such, and what fails otherwise is not tried again`() async throws {
        struct Mistake: Error {}
        try await BotLab.run { (bot: BotLab) async throws in
            let book = BotBook(store: bot.store)
            try await book.setReachable(ann, true)
            try await book.setReachable(ben, true)
            try await DispatchLab.run(
                bot,
                handle: { event in
                    if event.words == "a" { throw BotAPIError(.forbidden, method: "sendMessage", detail: "blocked") }
                    throw Mistake()
                }
            ) { lab in
                lab.telegram.say(ann, "a")
                lab.telegram.say(ben, "b")
                try await lab.bring()
                try await lab.waitForInbox()
                #expect(try await book.person(ann).isReachable == false)
                #expect(try await book.person(ben).isReachable)
            }
        }
    }

    @Test func `an answer that is broken off by the end is made after the next start`() async throws {
        try await BotLab.run { (bot: BotLab) async throws in
            let gate = Gate()
            try await DispatchLab.run(bot, handle: { if $0.words == "slow" { try await gate.pass() } }) { lab in
                lab.telegram.say(ann, "slow")
                lab.telegram.say(ann, "next")
                lab.telegram.say(ben, "quick")
                try await lab.bring()
                try await lab.answers.wait(1)
                await lab.dispatcher.stop(within: .milliseconds(20))
            }
            try await DispatchLab.run(bot) { lab in
                await lab.dispatcher.enqueue(try await lab.inbox.leftOver())
                try await lab.answers.wait(2)
                #expect(lab.answers.words == ["slow", "next"])
            }
        }
    }

    @Test func `a group that moved takes its sessions along`() async throws {
        try await BotLab.run { (bot: BotLab) async throws in
            let book = BotBook(store: bot.store)
            var session = Session()
            (session.step, session.mode, session.menu) = (.target, "photo_photo", 77)
            for user in [ann, ben] { try await book.save(session, SessionKey(chat: BotLab.group, user: user)) }
            var newer = Session()
            newer.mode = "photo_video"
            try await book.save(newer, SessionKey(chat: -1_005, user: ben))
            try await DispatchLab.run(bot) { lab in
                let json = """
                    {"update_id":2000,"message":{"message_id":1,"date":1,"migrate_to_chat_id":-1005,
                    "chat":{"id":\(BotLab.group),"type":"group"},"from":{"id":\(ann),"is_bot":false,"first_name":"A"}}}
                    """
                let update = try BotJSON.decoder().decode(Update.self, from: Data(json.utf8))
                await lab.dispatcher.enqueue(try await lab.inbox.take([update], lastID: nil))
                try await lab.waitForInbox()
                try await lab.answers.wait(1)
            }
            let moved = try await book.session(SessionKey(chat: -1_005, user: ann))
            #expect(moved.mode == "photo_photo" && moved.step == .target && moved.menu == nil)
            #expect(try await book.session(SessionKey(chat: -1_005, user: ben)).mode == "photo_video")
            #expect(try await book.session(SessionKey(chat: BotLab.group, user: ann)) == Session())
        }
    }
}
