// What people ask about themselves: help, jobs, language, and that all of theirs is deleted.
import BlobStore
import Foundation
import JobQueue
import JobQueueSQLite
import Services
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing

@Suite struct AccountTests {
    private static let ann = CommandLab.ann, ben = CommandLab.ben, group = CommandLab.group

    @Test func `info tells the order of things, the limits that hold and the commands, in one's language`() async throws
    {
        try await CommandLab.run { (lab: CommandLab) async throws in
            let info = try await lab.say(Self.ben, "/info")
            #expect(info.text.contains("2. Отправьте фото 1 — с лицом."))
            #expect(info.text.contains("Видео: MP4, MOV, WebM или MKV, не больше 20 МБ и не длиннее 2 мин."))
            #expect(info.text.contains("помечены как созданные машиной"))
            #expect(info.text.contains("/delete_my_data"))
            #expect(!info.text.contains("/broadcast"))
            let help = try await lab.say(Self.ann, "/help")
            #expect(help.text.contains("Videos: MP4, MOV, WebM or MKV, at most 20 MB and 2 min."))
            #expect(help.text.contains("/broadcast"))
            let inGroup = try await lab.say(Self.ann, "/info", in: Self.group)
            #expect(inGroup.replyTo != nil)
            #expect(!inGroup.text.contains("/broadcast"))
        }
    }

    @Test func `status shows what of one's own waits and runs, with a button that stops each`() async throws {
        try await CommandLab.run { (lab: CommandLab) async throws in
            #expect(try await lab.say(Self.ann, "/status").text.contains("/start"))
            let first = try await lab.lab.job(mode: "photo_photo")
            let others = try await lab.lab.job(Self.ben, mode: "photo_photo")
            let second = try await lab.lab.job(mode: "photo_video_fast")
            let third = try await lab.lab.job(mode: "photo_photo_gpen")
            try await lab.lab.report(try await lab.lab.claim(), "swapping", 45)
            let post = try await lab.say(Self.ann, "/status", in: Self.group)
            let lines = post.text.split(separator: "\n").map(String.init)
            #expect(lines.count == 6)
            #expect(lines[0] == "1. 🖼️ Photo → photo")
            #expect(lines[1].hasPrefix("⚙️ 45 % done."))
            #expect(lines[2] == "2. 🎬 Photo → video (fast)")
            #expect(lines[3].hasPrefix("⏳ It is next."))
            #expect(lines[5].hasPrefix("⏳ Jobs that go first: 1."))
            #expect(
                post.buttons.joined().map(\.data) == [first, second, third].map { "job:cancel:\($0.id)" })
            #expect(!post.text.contains("beach"))
            #expect(!post.buttons.joined().contains { $0.data?.contains(others.id.rawValue) == true })
            #expect(post.replyTo != nil)
            #expect(try await lab.say(Self.ben, "/status").buttons.first?.first?.text == "✖️ Отменить 1")
        }
    }

    @Test func `history shows ten at a time, the newest first, and sends the results again`() async throws {
        try await CommandLab.run { (lab: CommandLab) async throws in
            #expect(try await lab.say(Self.ann, "/history").buttons.isEmpty)
            var ids: [JobID] = []
            for _ in 0..<11 { ids.append(try await lab.lab.done().id) }
            let failed = try await lab.lab.job()
            try await lab.lab.fail(try await lab.lab.claim(), "noFace", "No face was found.")
            _ = try await lab.lab.done(Self.ben)
            let page = try await lab.say(Self.ann, "/history")
            let lines = page.text.split(separator: "\n")
            #expect(lines.count == 10)
            #expect(lines[0] == "1. 🖼️ Photo → photo — failed, just now")
            #expect(lines[1] == "2. 🖼️ Photo → photo — done, just now")
            let sends = page.buttons.joined().filter { $0.text.hasPrefix("⬇️") }
            #expect(sends.map(\.data) == ids.reversed().prefix(9).map { "job:get:\($0)" })
            #expect(sends.first?.text == "⬇️ 2")
            #expect(!page.buttons.joined().contains { $0.data == "job:get:\(failed.id)" })
            #expect(page.button("Newest") == nil)
            let older = try await lab.press(Self.ann, page, "Older")
            #expect(older.text.split(separator: "\n").count == 2)
            #expect(older.button("⬇️ 2")?.data == "job:get:\(ids[0])")
            #expect(older.button("Older") == nil)
            #expect(try await lab.press(Self.ann, older, "Newest").text == page.text)
            let inGroup = try await lab.say(Self.ann, "/history", in: Self.group)
            #expect(inGroup.buttons.first?.first?.url == "https://t.me/\(Telegram.botName)")
            #expect(!inGroup.text.contains("Photo"))
        }
    }

    @Test func `the language is chosen by buttons that hold on, and each sees what it calls itself`() async throws {
        try await CommandLab.run { (lab: CommandLab) async throws in
            var post = try await lab.say(Self.ann, "/language")
            #expect(post.buttons.joined().map(\.text) == ["English", "Русский", "한국어", "✅ As in Telegram"])
            post = try await lab.press(Self.ann, post, "Русский")
            #expect(post.text == "Теперь я пишу вам по-русски.")
            #expect(try await lab.desk.book.person(Self.ann).language == "ru")
            post = try await lab.press(Self.ann, post, "한국어")
            #expect(post.text == "이제 한국어로 말씀드릴게요.")
            #expect(post.button("한국어")?.text == "✅ 한국어")
            #expect(try await lab.say(Self.ann, "/status").text.contains("대기 중이거나"))
            post = try await lab.press(Self.ann, post, "텔레그램과 같게")
            #expect(post.text.hasPrefix("From now on I write to you in the language of your Telegram"))
            #expect(try await lab.desk.book.person(Self.ann).language == nil)
            // Pressed twice, and made up.
            post = try await lab.press(Self.ann, post, "Telegram")
            lab.telegram.press(Self.ann, post, .init(text: "x", data: "my:lang:tlh", url: nil))
            try await lab.answer()
            #expect(try await lab.desk.book.person(Self.ann).language == nil)
            // In a group each chooses for himself, and the buttons stay for the others.
            let shared = try await lab.say(Self.ann, "/language", in: Self.group)
            let after = try await lab.press(Self.ben, shared, "한국어")
            #expect(after.text == shared.text && after.edits == 0)
            #expect(try await lab.desk.book.person(Self.ben).language == "ko")
            #expect(try await lab.desk.book.person(Self.ann).language == nil)
        }
    }

    @Test func `everything of one person is deleted on yes, while a job runs, and nothing of anybody else`()
        async throws
    {
        try await CommandLab.run { (lab: CommandLab) async throws in
            let book = lab.desk.book, owner = lab.desk.owner(Self.ann)
            let finished = try await lab.lab.done()
            let kept = try await lab.lab.job(Self.ben, mode: "photo_video")
            let running = try await lab.lab.job()
            let lease = try await lab.lab.claim()
            _ = try await lab.desk.jobs.create(mode: "photo_photo", owner: owner)
            try await lab.desk.book.change(Self.ann) { person in
                (person.agreedAt, person.language, person.isReachable) = (Date(), "en", true)
                person.starts = [Date() - 4_000, Date() - 60]
            }
            var session = Session()
            session.mode = "photo_photo"
            for chat in [Self.ann, Self.group] { try await book.save(session, SessionKey(chat: chat, user: Self.ann)) }
            try await book.save(session, SessionKey(chat: Self.group, user: Self.ben))

            let asked = try await lab.say(Self.ann, "/delete_my_data")
            #expect(asked.text.contains("your jobs (3)"))
            let spared = try await lab.press(Self.ann, asked, "Keep")
            #expect(spared.text.hasPrefix("Nothing was deleted") && spared.buttons.isEmpty)
            #expect(try await lab.desk.jobs.jobs(JobQuery(owner: owner)).jobs.count == 3)

            // The worker lets go as soon as it is told to.
            let worker = Task {
                while try await lab.lab.bot.store.heartbeat(lease, until: Date() + 60, now: Date()) == .held {
                    try await Task.sleep(for: .milliseconds(5))
                }
                _ = try await lab.lab.bot.store.finishCanceled(lease, expiresAt: nil, now: Date())
                lab.desk.jobs.feed.poke()
            }
            let stored = try await lab.lab.bot.store.job(finished.id, owner: nil)
            let result = try #require(stored?.output?.blob)
            let done = try await lab.press(Self.ann, try await lab.say(Self.ann, "/delete_my_data"), "Delete")
            try await worker.value
            #expect(done.text == "✅ Everything of yours is deleted. Jobs that went, with their files: 3.")
            #expect(done.buttons.isEmpty)
            #expect(try await lab.desk.jobs.jobs(JobQuery(owner: owner)).jobs.isEmpty)
            #expect(try await lab.lab.bot.store.job(running.id, owner: nil) == nil)
            #expect(try await lab.desk.jobs.blobs.info(result) == nil)
            #expect(try await lab.lab.bot.store.job(kept.id, owner: nil)?.state == .queued)
            for chat in [Self.ann, Self.group] {
                #expect(try await book.session(SessionKey(chat: chat, user: Self.ann)) == Session())
            }
            #expect(try await book.session(SessionKey(chat: Self.group, user: Self.ben)) == session)
            let person = try await book.person(Self.ann)
            #expect(person.agreedAt == nil && person.language == nil && !person.isReachable)
            // What was begun within the hour still counts.
            #expect(person.starts.count == 1)
            // Again: there is nothing left, and that is said.
            let again = try await lab.press(Self.ann, try await lab.say(Self.ann, "/delete_my_data"), "Delete")
            #expect(again.text == "✅ Everything of yours is deleted. There were no jobs.")
        }
    }

    @Test func `a ban outlasts the deletion of one's data, and groups delete nothing`() async throws {
        try await CommandLab.run { (lab: CommandLab) async throws in
            try await lab.desk.book.change(Self.ben) { ($0.isBanned, $0.language) = (true, "ko") }
            let asked = try await lab.say(Self.ben, "/delete_my_data")
            #expect(asked.text.hasPrefix("다음을"))
            try await lab.press(Self.ben, asked, "🗑")
            let person = try await lab.desk.book.person(Self.ben)
            #expect(person.isBanned && person.language == nil)
            let inGroup = try await lab.say(Self.ben, "/delete_my_data", in: Self.group)
            #expect(inGroup.buttons.first?.first?.url?.hasPrefix("https://t.me/") == true)
            _ = try await lab.lab.job(Self.ben)
            lab.telegram.press(Self.ben, inGroup, .init(text: "x", data: "my:delete:yes", url: nil))
            try await lab.answer()
            #expect(try await lab.desk.jobs.jobs(JobQuery(owner: lab.desk.owner(Self.ben))).jobs.count == 1)
        }
    }
}
