// People who all talk with the bot at once, what each of them is owed, and what each of them had.
internal import Foundation
internal import TelegramStandIn

/// What the bot says in a message of its own.
enum BotWord: String, CaseIterable {
    case greeting, photo1, photo2, confirmation, heic, result, unsure, other

    /// By the words that are told, and the method.
    init(_ written: Telegram.Written) {
        let known: [(String, BotWord)] = [
            ("I am not sure that the result reached you", .unsure), ("Hello!", .greeting), ("HEIC picture", .heic),
            ("Send photo 1:", .photo1), ("Now send photo 2:", .photo2), ("Shall I begin?", .confirmation),
            // What was not shown before a kill is shown without the greeting.
            ("What shall I make?", .greeting), ("use only faces that you may use", .greeting),
        ]
        if written.method == "sendPhoto" || written.method == "sendDocument" {
            self = .result
        } else {
            self = known.first { written.text.contains($0.0) }?.1 ?? .other
        }
    }
}

/// One of the crowd.
struct BotGuest {
    /// What is waited for.
    enum Wait: Equatable {
        case nothing
        /// A message of its own.
        case message(BotWord)
        /// A change of a message into one that holds these words.
        case change(Int, String)
        /// The answer to a press alone.
        case toast(String)
    }
    /// What one in twenty does besides.
    enum Oddity: Int, CaseIterable { case heic, text, oldButton, doublePress }

    let id: Int64
    var oddity: Oddity?
    var hasBeenOdd = false
    var wait = Wait.nothing
    /// When the guest last did something.
    var actedAt = ContinuousClock.Instant.now
    /// The message whose button is old by now.
    var old: Post?
    /// When the swap was begun.
    var begunAt: ContinuousClock.Instant?
    var owed: [BotWord: Int] = [:]
    var had: [BotWord: Int] = [:]
    var isDone = false
}

/// All of them. They act as soon as the bot has answered, until their time is over and they have what they are owed.
struct BotCrowd {
    let telegram: Telegram
    private let photos: [[UInt8]]
    private(set) var guests: [Int64: BotGuest] = [:]
    /// Presses that are not answered yet, and when they were made.
    private var presses: [String: ContinuousClock.Instant] = [:]
    private var seen = 0
    /// Whether nobody begins anew.
    var isLast = false

    /// Seconds from an act to its answer, and from the beginning of a swap to its result.
    private(set) var answerSeconds: [Double] = [], pressSeconds: [Double] = [], swapSeconds: [Double] = []
    /// When messages, changes and the like were written, which Telegram's limit counts.
    private(set) var writtenAt: [ContinuousClock.Instant] = []
    private(set) var actsAt: [ContinuousClock.Instant] = []
    /// How often the bot did what.
    private(set) var methods: [String: Int] = [:]
    /// Answers that take a message of the bot each, at the least.
    private(set) var answersOwed = 0
    private(set) var begun = 0, asked = 0
    /// What was said that nobody expects.
    private(set) var surprises: [String] = []

    init(_ telegram: Telegram, count: Int, photos: [[UInt8]]) {
        (self.telegram, self.photos) = (telegram, photos)
        for number in 0..<count {
            let id = Int64(1_000 + number)
            var guest = BotGuest(id: id)
            if number % 20 == 10 { guest.oddity = BotGuest.Oddity(rawValue: number / 20 % 4) }
            guests[id] = guest
            telegram.addPerson(id, "Guest \(number)")
        }
    }

    var areAllDone: Bool { guests.values.allSatisfy(\.isDone) && presses.isEmpty }
    var results: Int { swapSeconds.count }
    /// How much the bot has written.
    var count: Int { seen }

    mutating func begin() { for id in guests.keys.sorted() { update(id) { $0.start(&$1) } } }

    /// Takes what the bot wrote since, and has those act who were answered.
    mutating func look() {
        let news = telegram.written(from: seen)
        seen += news.count
        for written in news { take(written) }
    }

    private mutating func update(_ id: Int64, _ body: (inout BotCrowd, inout BotGuest) -> Void) {
        guard var guest = guests[id] else { return }
        body(&self, &guest)
        guests[id] = guest
    }

    private mutating func take(_ written: Telegram.Written) {
        methods[written.method, default: 0] += 1
        if !["answerCallbackQuery", "deleteMessage", "sendChatAction"].contains(written.method) {
            writtenAt.append(written.time)
        }
        if let query = written.query {
            if let time = presses.removeValue(forKey: query) {
                pressSeconds.append((written.time - time) / .seconds(1))
            }
            for id in guests.keys where guests[id]?.wait == .toast(query) {
                update(id) { crowd, guest in crowd.afterOldButton(&guest) }
            }
            return
        }
        update(written.chat) { crowd, guest in
            switch written.method {
            case "sendMessage", "sendPhoto", "sendDocument": crowd.told(written, &guest)
            case "editMessageText", "editMessageCaption": crowd.changed(written, &guest)
            default: break
            }
        }
    }

    // MARK: What the bot says

    private mutating func told(_ written: Telegram.Written, _ guest: inout BotGuest) {
        let word = BotWord(written)
        guest.had[word, default: 0] += 1
        guard let id = written.message, let post = telegram.post(id, in: guest.id) else { return }
        if word == .unsure { return settle(post, &guest) }
        if word == .other { surprises.append(written.text) }
        guard guest.wait == .message(word) else { return }
        if word == .result {
            guest.begunAt.map { swapSeconds.append((written.time - $0) / .seconds(1)) }
            return afterResult(&guest)
        }
        answerSeconds.append((written.time - guest.actedAt) / .seconds(1))
        switch word {
        case .greeting:
            if let agree = post.button("I may use") {
                press(post, agree, &guest, for: .change(post.id, "What shall I make?"))
            } else {
                chooseMode(post, &guest)
            }
        case .photo1, .heic: send(0, &guest)
        case .photo2:
            guest.old = post
            send(1, &guest)
        case .confirmation: confirm(post, &guest)
        case .result, .unsure, .other: break
        }
    }

    private mutating func changed(_ written: Telegram.Written, _ guest: inout BotGuest) {
        guard let id = written.message, let post = telegram.post(id, in: guest.id) else { return }
        if BotWord(written) == .unsure { return settle(post, &guest) }
        if written.text.contains("⚠️") { surprises.append(written.text) }
        guard case .change(id, let words) = guest.wait, written.text.contains(words) else { return }
        answerSeconds.append((written.time - guest.actedAt) / .seconds(1))
        if words.hasPrefix("What") { return chooseMode(post, &guest) }
        // Photo 1 is asked for.
        guard !guest.hasBeenOdd, guest.oddity == .heic || guest.oddity == .text else { return send(0, &guest) }
        guest.hasBeenOdd = true
        act(&guest, owing: guest.oddity == .heic ? .heic : .photo1)
        if guest.oddity == .heic {
            let head: [UInt8] = [0, 0, 0, 24] + Array("ftypheic".utf8) + [0, 0, 0, 0] + Array("mif1heic".utf8)
            telegram.send(guest.id, SentFile("document", head, name: "IMG_1.HEIC", type: "image/heic"))
        } else {
            telegram.say(guest.id, "What do I have to do?")
        }
    }

    // MARK: What people do

    private mutating func act(_ guest: inout BotGuest, owing word: BotWord) {
        guest.owed[word, default: 0] += 1
        answersOwed += 1
        (guest.wait, guest.actedAt) = (.message(word), .now)
        actsAt.append(.now)
    }

    private mutating func press(
        _ post: Post, _ button: Post.Button, _ guest: inout BotGuest, for wait: BotGuest.Wait?
    ) {
        (guest.wait, guest.actedAt) = (wait ?? guest.wait, .now)
        if case .change = wait { answersOwed += 1 }
        let query = telegram.press(guest.id, post, button)
        actsAt.append(.now)
        presses[query] = .now
        if wait == nil, case .toast = guest.wait { guest.wait = .toast(query) }
    }

    private mutating func start(_ guest: inout BotGuest) {
        act(&guest, owing: .greeting)
        telegram.say(guest.id, "/start")
    }

    private mutating func chooseMode(_ post: Post, _ guest: inout BotGuest) {
        guard let button = post.button("photo (gpen)") else { return surprises.append("No mode: \(post.text)") }
        press(post, button, &guest, for: .change(post.id, "Send photo 1:"))
        if guest.oddity == .doublePress { press(post, button, &guest, for: nil) }
    }

    private mutating func send(_ photo: Int, _ guest: inout BotGuest) {
        act(&guest, owing: photo == 0 ? .photo2 : .confirmation)
        var file = SentFile("photo", Self.own(photos[photo], of: guest.id))
        (file.width, file.height) = (256, 256)
        telegram.send(guest.id, file)
    }

    private mutating func confirm(_ post: Post, _ guest: inout BotGuest) {
        if guest.oddity == .oldButton, !guest.hasBeenOdd, let old = guest.old, let button = old.button("Cancel") {
            guest.hasBeenOdd = true
            guest.old = post
            guest.wait = .toast("")
            return press(old, button, &guest, for: nil)
        }
        guard let button = post.button("Begin") else { return surprises.append("No “Begin”: \(post.text)") }
        guest.owed[.result, default: 0] += 1
        (answersOwed, begun, guest.begunAt) = (answersOwed + 1, begun + 1, .now)
        press(post, button, &guest, for: .message(.result))
        if guest.oddity == .doublePress { press(post, button, &guest, for: nil) }
    }

    private mutating func afterOldButton(_ guest: inout BotGuest) {
        if let post = guest.old { confirm(post, &guest) }
    }

    private mutating func afterResult(_ guest: inout BotGuest) {
        if isLast { (guest.wait, guest.isDone) = (.nothing, true) } else { start(&guest) }
    }

    /// The bot asks whether a result came, because it was cut off while it was sent.
    private mutating func settle(_ post: Post, _ guest: inout BotGuest) {
        asked += 1
        // By the job's id, which the button below a result has, too.
        let job = post.buttons.joined().first?.data?.split(separator: ":").last ?? ""
        let isHere = telegram.posts(in: guest.id).contains { post in
            post.isFromBot && post.kind == "photo" && post.buttons.joined().contains { $0.data == "job:file:\(job)" }
        }
        guard let button = post.button(isHere ? "It is here" : "Send it again") else {
            return surprises.append("No buttons: \(post.text)")
        }
        let query = telegram.press(guest.id, post, button)
        presses[query] = .now
        actsAt.append(.now)
    }

    /// A JPEG with a comment (marker COM, ITU-T T.81 B.2.4.5) of its own, so that no two people send the same bytes.
    private static func own(_ photo: [UInt8], of guest: Int64) -> [UInt8] {
        let words = Array("guest \(guest)".utf8)
        return Array(photo.prefix(2)) + [0xff, 0xfe, 0, UInt8(words.count + 2)] + words + photo.dropFirst(2)
    }
}
