// A message to all people: once each, across restarts, within Telegram's limits.
import Foundation
import JobQueue
import JobQueueSQLite
import Synchronization
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing

@Suite struct BroadcastTests {
    private static let ann = CommandLab.ann

    /// A program that sends broadcasts while `body` runs.
    private func sending(_ admin: AdminCommands, _ body: () async throws -> Void) async throws {
        let running = Task { try await admin.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        running.cancel()
        _ = await running.result
        try result.get()
    }

    private func received(_ lab: CommandLab, _ count: Int, _ text: String = "Hello all") -> [Int64: Int] {
        CommandLab.people(count).reduce(into: [:]) { found, id in
            let times = lab.telegram.posts(in: id).count { $0.isFromBot && $0.text == text }
            if times > 0 { found[id] = times }
        }
    }

    private func end(_ lab: CommandLab, _ words: String = "Sent to") async throws -> Post? {
        try await lab.telegram.wait(.seconds(60)) { telegram in
            telegram.posts(in: Self.ann).last { $0.isFromBot && $0.text.contains(words) }
        }
    }

    /// Shows a broadcast and says yes to it.
    private func begin(_ lab: CommandLab, _ people: Int) async throws {
        let post = try await lab.say(Self.ann, "/broadcast Hello all")
        #expect(post.text == "Hello all\n\n⬆️ People who would get this: \(people).")
        try await lab.press(Self.ann, post, "Send to \(people) people")
    }

    @Test func `sixty people get it once each within the limits, but not those who are banned or have blocked`()
        async throws
    {
        try await CommandLab.run { (lab: CommandLab) async throws in
            try await lab.addPeople(60)
            try await lab.desk.book.change(1_005) { $0.isBanned = true }
            try await lab.desk.book.change(1_006) { $0.isReachable = false }
            lab.telegram.block(1_007)
            try await sending(lab.admin) {
                try await begin(lab, 58)
                let end = try #require(try await end(lab))
                #expect(end.text == "✅ Sent to 57 of 58 people.\nCould not be reached: 1.")
                #expect(end.buttons.isEmpty)
            }
            let got = received(lab, 60)
            #expect(got.count == 57 && got.values.allSatisfy { $0 == 1 })
            #expect(got[1_005] == nil && got[1_006] == nil && got[1_007] == nil)
            #expect(try await !lab.desk.book.person(1_007).isReachable)
            #expect(lab.telegram.limitHits == 0)
        }
    }

    @Test func `wherever the program ends, nobody gets it twice and all others get it after the restart`() async throws
    {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for write in 1...9 {
                for isWritten in [false, true] {
                    group.addTask { try await restart(atWrite: write, isWritten: isWritten) }
                }
            }
            // The points reach from before the first message to behind the last.
            var ended: [Bool] = []
            for try await hasEnded in group { ended.append(hasEnded) }
            #expect(ended.contains(true) && ended.contains(false))
        }
    }

    /// The program ends at a write to its database, before or after it is done; then another one goes on.
    /// - Returns: whether the first one ended before it was through.
    @Sendable private func restart(atWrite write: Int, isWritten: Bool) async throws -> Bool {
        let hasEnded = Mutex(false)
        try await CommandLab.run { (lab: CommandLab) async throws in
            try await lab.addPeople(5)
            try await begin(lab, 5)
            let old = lab.desk
            let store = EndingStore(old.book.store, at: write, isWritten: isWritten)
            let desk = BotDesk(
                api: old.api, me: old.me, jobs: old.jobs, book: BotBook(store: store), words: old.words,
                rules: old.rules, scratch: old.scratch, log: old.log)
            let program = AdminCommands(desk: desk)
            try await sending(program) {
                _ = try await lab.telegram.wait(.seconds(30)) { _ in
                    store.hasEnded || lab.telegram.posts(in: Self.ann).contains { $0.text.contains("Sent to") }
                        ? true : nil
                }
            }
            hasEnded.withLock { $0 = store.hasEnded }
            let before = received(lab, 5)
            try await sending(AdminCommands(desk: old)) {
                let end = try #require(try await end(lab))
                let got = received(lab, 5)
                #expect(got.values.allSatisfy { $0 == 1 }, "\(write) \(isWritten)")
                // Of one at most it is not known, and that is said.
                let sure = end.text.firstMatch(of: /Sent to (\d+) of 5/).flatMap { Int($0.1) } ?? 0
                let isUnsure = end.text.contains("Not known whether it came, and not sent again: 1.")
                #expect(sure + (isUnsure ? 1 : 0) == 5, "\(write) \(isWritten): \(end.text)")
                #expect(got.count >= sure && got.count >= 4)
                #expect(before.allSatisfy { got[$0.key] == 1 })
            }
        }
        return hasEnded.withLock { $0 }
    }

    @Test func `a message whose answer is lost is counted as unsure and not sent again`() async throws {
        try await CommandLab.run { (lab: CommandLab) async throws in
            try await lab.addPeople(4)
            let post = try await lab.say(Self.ann, "/broadcast Hello all")
            lab.telegram.fail("sendMessage", .cutAfter)
            try await sending(lab.admin) {
                try await lab.press(Self.ann, post, "Send to 4")
                #expect(
                    try await end(lab)?.text
                        == "✅ Sent to 3 of 4 people.\nNot known whether it came, and not sent again: 1.")
            }
            #expect(received(lab, 4) == [1_001: 1, 1_002: 1, 1_003: 1, 1_004: 1])
        }
    }

    @Test func `it is sent when yes is pressed, once, and not when it is dropped`() async throws {
        try await CommandLab.run { (lab: CommandLab) async throws in
            try await lab.addPeople(2)
            try await lab.desk.book.change(Self.ann) { $0.language = "ko" }
            let first = try await lab.say(Self.ann, "/broadcast Hello all")
            #expect(first.button("2명에게 보내기") != nil)
            let dropped = try await lab.press(Self.ann, first, "버리기")
            #expect(dropped.text == "버렸습니다. 아무에게도 보내지 않았습니다.")
            lab.telegram.press(Self.ann, first, try #require(first.button("보내기")))
            try await lab.answer()
            try await sending(lab.admin) {
                // What is wrong is not shown twice as fast as commands may come.
                try await Task.sleep(for: .milliseconds(2_050))
                let second = try await lab.say(Self.ann, "/broadcast Second")
                try await lab.press(Self.ann, second, "보내기")
                #expect(try await end(lab, "2명 중 2명에게 보냈습니다") != nil)
                lab.telegram.press(Self.ann, second, try #require(second.button("보내기")))
                try await lab.answer()
            }
            #expect(received(lab, 2).isEmpty)
            #expect(received(lab, 2, "Second") == [1_001: 1, 1_002: 1])
        }
    }

    @Test func `it is stopped by its button, and stays stopped after a restart`() async throws {
        try await CommandLab.run { (lab: CommandLab) async throws in
            try await lab.addPeople(50)
            // The first message takes its time, so that there is something to stop.
            lab.telegram.fail("sendMessage", .delay(.milliseconds(500)), times: 1)
            lab.telegram.say(Self.ann, "/broadcast Hello all")
            try await lab.answer()
            let post = try lab.newest(in: Self.ann)
            lab.telegram.fail("sendMessage", .delay(.milliseconds(500)), times: 50)
            try await sending(lab.admin) {
                try await lab.press(Self.ann, post, "Send to 50")
                let running = try #require(try await end(lab, "Sending: "))
                try await lab.press(Self.ann, running, "Stop")
                #expect(try await end(lab, "Stopped. It was sent to ") != nil)
            }
            let count = received(lab, 50).count
            #expect(count < 50)
            try await sending(AdminCommands(desk: lab.desk)) { try await Task.sleep(for: .milliseconds(300)) }
            #expect(received(lab, 50).count == count)
        }
    }
}

/// A database at one of whose writes the program ends.
private final class EndingStore: PassingStore {
    let store: any DocumentStore
    private let write: Int
    private let isWritten: Bool
    private let writes = Mutex(0)

    init(_ store: any DocumentStore, at write: Int, isWritten: Bool) {
        (self.store, self.write, self.isWritten) = (store, write, isWritten)
    }

    var hasEnded: Bool { writes.withLock { $0 >= write } }

    func change(_ changes: [DocumentChange], now: Date) async throws {
        let number = writes.withLock { writes in
            writes += 1
            return writes
        }
        if number < write || number == write && isWritten { try await store.change(changes, now: now) }
        if number >= write { throw CancellationError() }
    }

    private func check() throws { if hasEnded { throw CancellationError() } }

    func document(_ key: DocumentKey, now: Date) async throws -> JobQueue.Document? {
        try check()
        return try await store.document(key, now: now)
    }
    func documents(
        in collection: String, prefix: String, after: String?, limit: Int, now: Date
    ) async throws -> [JobQueue.Document] {
        try check()
        return try await store.documents(in: collection, prefix: prefix, after: after, limit: limit, now: now)
    }
}
