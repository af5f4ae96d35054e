// People who do anything at any time: nothing may break, hang, stay open or get to somebody else.

import BlobStore
import Foundation
import JobQueue
import JobQueueSQLite
import TelegramBot
import TelegramStandIn
import Testing

/// Numbers that are the same in each run (SplitMix64: Steele, Lea, Flood 2014).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// One person who does anything. What is done is drawn from the seed; what it meets depends on the bot's answers.
private struct Walker {
    let chat: ChatLab
    let person: Int64
    /// Whether the group is visited, too: it takes few messages a minute.
    let isInGroup: Bool
    var numbers: SeededNumbers
    private(set) var deeds: [String] = []

    init(_ chat: ChatLab, person: Int64, isInGroup: Bool) {
        (self.chat, self.person, self.isInGroup) = (chat, person, isInGroup)
        numbers = SeededNumbers(UInt64(person))
    }

    private static let commands = [
        "/start", "/start", "/reset", "/mode", "/mode photo_photo", "/mode photo_video_fast", "/mode x", "/same",
        "/status", "/history", "/info", "/language", "/delete_my_data", "/dance", "/ban 100", "/stats", "/queue",
    ]
    private static let words = ["0:00", "0:0.5", "300", "-1", "99:99", "photo_photo", "hello", "👩‍👩‍👧‍👦", "\u{202E}x"]
    private static let files: [(String, String?)] = [
        ("hopper", nil), ("hopper", nil), ("astronaut", nil), ("astronaut", "document"), ("clip", nil), ("clip", nil),
        ("clip", "video_note"), ("clip", "animation"), ("wall", nil), ("heic", nil), ("voice", nil), ("text", nil),
        ("broken", "document"), ("tgs", nil), ("sticker", nil), ("long", nil), ("huge", nil),
    ]

    private static let good: [(String, String?)] = [("hopper", nil), ("astronaut", nil), ("clip", nil)]

    private mutating func one<Element>(of list: [Element]) -> Element? { list.randomElement(using: &numbers) }

    /// Does one thing.
    mutating func step() async throws {
        let inGroup = isInGroup && Int.random(in: 0..<10, using: &numbers) == 0
        let place = inGroup ? ChatLab.group : person
        let posts = chat.telegram.posts(in: place)
        let bots = posts.filter { $0.isFromBot && !$0.buttons.isEmpty }
        // So that enough swaps are begun.
        if let post = bots.last, let begin = post.buttons.joined().first(where: { $0.data == "go" }),
            Int.random(in: 0..<3, using: &numbers) > 0
        {
            deeds.append("begins")
            chat.telegram.press(person, post, begin)
            return
        }
        switch Int.random(in: 0..<100, using: &numbers) {
        case ..<5:
            deeds.append("sends two photos")
            for name in ["hopper", "astronaut"] {
                chat.telegram.send(
                    person, try SampleFiles.file(name, as: nil), in: place, album: "pair-\(person)-\(deeds.count)")
            }
            try await Task.sleep(for: .seconds(3))
        case ..<8: say(one(of: Self.commands) ?? "", place)
        case ..<12: say(one(of: Self.words) ?? "", place)
        case ..<58:
            // What the latest message offers; sometimes what an old one does.
            let isOld = Int.random(in: 0..<5, using: &numbers) == 0
            guard let post = isOld ? one(of: bots) : bots.last, let button = one(of: post.buttons.flatMap(\.self))
            else { return say("/start", place) }
            deeds.append("presses “\(button.text)” (\(button.data ?? ""))")
            chat.telegram.press(person, post, button)
        case ..<67:
            guard let post = one(of: posts.filter(\.isFromBot)) else { return }
            try await forge(post)
        case ..<80: try send(1, place)
        case ..<93: try send(Int.random(in: 2...4, using: &numbers), place)
        case ..<96:
            guard let post = posts.last(where: { $0.author == person }), let words = one(of: Self.words) else { return }
            deeds.append("edits “\(words)”")
            chat.telegram.edit(person, post.id, words, in: place)
        default:
            guard let post = one(of: posts) else { return }
            deeds.append("answers \(post.id)")
            chat.telegram.say(person, "@masque_test_bot", in: place, replyTo: post.id)
        }
    }

    private mutating func say(_ words: String, _ place: Int64) {
        deeds.append(words)
        chat.telegram.say(person, words, in: place)
    }

    private mutating func send(_ count: Int, _ place: Int64) throws {
        let album = count > 1 ? "album-\(person)-\(deeds.count)" : nil
        for _ in 0..<count {
            let isGood = count > 1 && Int.random(in: 0..<4, using: &numbers) > 0
            guard let (name, kind) = one(of: isGood ? Self.good : Self.files) else { return }
            deeds.append("sends \(name) \(kind ?? "") \(album ?? "")")
            chat.telegram.send(
                person, try SampleFiles.file(name, as: kind),
                caption: place < 0 && Bool.random(using: &numbers) ? "@masque_test_bot" : "", in: place, album: album)
        }
    }

    /// Presses what no button of the message says: made-up data, and the numbers of other people's jobs.
    private mutating func forge(_ post: Post) async throws {
        var data = one(of: AttackTests.forgeries) ?? ""
        if Bool.random(using: &numbers) {
            let everybodys = try await chat.store.jobs(JobQuery(owner: nil)).jobs
            let others = everybodys.filter { $0.owner.rawValue != "telegram:\(person)" }
            let verb = one(of: ["get", "file", "cancel", "again", "send", "here"]) ?? ""
            if let job = one(of: others) { data = "job:\(verb):\(job.id)" }
        }
        deeds.append("forges “\(data)”")
        chat.telegram.press(person, post, Post.Button(text: "?", data: data, url: nil))
    }

    /// Lets the bot answer now and then; otherwise the next thing comes at once.
    mutating func pause() async throws {
        let milliseconds = Int.random(in: 0..<3, using: &numbers) == 0 ? 20 : 700
        try await Task.sleep(for: .milliseconds(milliseconds))
    }
}

@Suite(.serialized) struct RandomWalkTests {
    @Test func `eight people do anything for a while, and the bot holds`() async throws {
        var rules = ChatLab.quick
        rules.activeJobs = 2
        // Who presses the same twice has the same shown twice.
        try await ChatLab.run(rules: rules, harmless: "message is not modified") { (chat: ChatLab) async throws in
            let people = Array(1001...1008).map(Int64.init)
            for person in people {
                chat.telegram.addPerson(person, "P\(person)", language: person % 2 == 0 ? "en" : "ru")
                // Some have to agree first.
                if person % 4 != 0 { try await BotBook(store: chat.store).change(person) { $0.agreedAt = Date() } }
            }
            let deeds = try await withThrowingTaskGroup(of: (Int64, [String]).self) { group in
                for person in people {
                    group.addTask {
                        var walker = Walker(chat, person: person, isInGroup: person < 1003)
                        for _ in 0..<36 {
                            try await walker.step()
                            try await walker.pause()
                        }
                        return (person, walker.deeds)
                    }
                }
                return try await group.reduce(into: [Int64: [String]]()) { $0[$1.0] = $1.1 }
            }
            try await settle(chat)
            try await expectOrder(chat, people)
            for person in people {
                let message = chat.telegram.say(person, "/start")
                let answer = try await chat.telegram.nextPost(in: person, after: message, within: .seconds(60))
                #expect(answer?.buttons.isEmpty == false, "\(person) stays without an answer: \(deeds[person] ?? [])")
            }
            try await settle(chat)
            try await expectOrder(chat, people)
            // Something was going on at all.
            let calls = chat.telegram.calls
            #expect(calls["answerCallbackQuery", default: 0] > 50)
            #expect(calls["getFile", default: 0] > 10)
        }
    }

    @Test func `the bot is ended again and again while people do anything, and loses nothing`() async throws {
        // What was answered right before the end may be answered again after it.
        try await ChatLab.run(isWorking: false, harmless: "message is not modified|answered twice") {
            (chat: ChatLab) async throws in
            let people = Array(2001...2004).map(Int64.init)
            for person in people {
                chat.telegram.addPerson(person, "P\(person)")
                try await BotBook(store: chat.store).change(person) { $0.agreedAt = Date() }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for person in people {
                    group.addTask {
                        var walker = Walker(chat, person: person, isInGroup: false)
                        for _ in 0..<30 {
                            try await walker.step()
                            try await walker.pause()
                        }
                    }
                }
                for lasting in [3.3, 5.1, 2.3, 4.2, 6.7, 3.9] {
                    try await chat.working { try await Task.sleep(for: .seconds(lasting)) }
                }
                try await group.waitForAll()
            }
            try await chat.working {
                try await settle(chat)
                try await expectOrder(chat, people)
            }
        }
    }

    /// Waits until everything was answered and nothing runs.
    private func settle(_ chat: ChatLab) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < end {
            let updates = try await chat.store.documents(
                in: "bot-update", prefix: "", after: nil, limit: 1, now: Date())
            let deliveries = try await chat.store.documents(
                in: "bot-delivery", prefix: "", after: nil, limit: 500, now: Date())
            var query = JobQuery(owner: nil)
            query.states = [.queued, .running]
            let isQuiet = deliveries.allSatisfy { $0.text.contains("\"phase\":\"failed\"") }
            if chat.telegram.openQueries == 0, updates.isEmpty, isQuiet, try await chat.store.jobs(query).jobs.isEmpty {
                return
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        let deliveries = try await chat.store.documents(
            in: "bot-delivery", prefix: "", after: nil, limit: 500, now: Date())
        Issue.record("It does not come to rest: \(chat.telegram.openQueries) presses, \(deliveries.map(\.text))")
    }

    private func expectOrder(_ chat: ChatLab, _ people: [Int64]) async throws {
        var query = JobQuery(owner: nil)
        query.limit = 200
        let jobs = try await chat.store.jobs(query).jobs
        let owners = Dictionary(uniqueKeysWithValues: jobs.map { ($0.id.rawValue, $0.owner.rawValue) })
        // Each draft is somebody's who can still go on with it.
        var held: Set<String> = []
        let book = BotBook(store: chat.store)
        for person in people {
            for place in [person, ChatLab.group] {
                if let job = try await book.session(SessionKey(chat: place, user: person)).job { held.insert(job) }
            }
            for button in chat.telegram.posts(in: person).filter(\.isFromBot).flatMap({ $0.buttons.joined() }) {
                let parts = (button.data ?? "").split(separator: ":").map(String.init)
                guard parts.count > 2, parts[0] == "job", let owner = owners[parts[2]] else { continue }
                #expect(owner == "telegram:\(person)", "\(person) is told of the job of \(owner).")
            }
        }
        for job in jobs where job.state == .draft { #expect(held.contains(job.id.rawValue), "\(job.id) is left over.") }
        // No file is left of what was dropped or deleted.
        let keys = try await chat.blobs.keys(olderThan: Date() + 60, limit: 10_000)
        let used = try await chat.store.referenced(among: keys)
        #expect(Set(keys) == Set(used))
        let parts = try FileManager.default.contentsOfDirectory(atPath: "\(chat.folder)/blobs/incoming")
        #expect(parts.isEmpty)
    }
}
