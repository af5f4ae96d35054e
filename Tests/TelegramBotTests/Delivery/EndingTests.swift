// Results arrive once, whatever ends in between, and failures say what to do.
import Foundation
import JobQueue
import JobQueueSQLite
import Services
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing

@Suite struct EndingSerialTests {
    @Test func `jobs that ended while the program was down are delivered once, each to whom it belongs`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            let count = 100
            var jobs: [Int64: Job] = [:]
            for user in Int64(1_000)..<Int64(1_000 + count) {
                lab.telegram.addPerson(user, "Person \(user)")
                let job = try await lab.done(user, Sample.jpeg(64, 48, "for \(user)"))
                jobs[user] = job
                try await lab.keep(lab.delivery(job, user: user))
            }
            try await lab.following { _ in
                try await lab.until("all delivered", .seconds(60)) { try await lab.keptCount() == 0 }
            }
            // Another program finds nothing to do.
            try await lab.following { _ in try await Task.sleep(for: .milliseconds(200)) }
            for user in jobs.keys {
                let posts = lab.telegram.posts(in: user)
                #expect(posts.map(\.kind) == ["photo"])
                #expect(posts.first?.file == Sample.jpeg(64, 48, "for \(user)"))
            }
            #expect(lab.telegram.limitHits == 0)
        }
    }

    @Test func `a program that died while it sent asks, and sends again only when told`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            let job = try await lab.done()
            let status = try await lab.status()
            var delivery = lab.delivery(job, status: status)
            delivery.phase = .sending
            try await lab.keep(delivery)
            try await lab.following { _ in
                let question = try await lab.sees("I am not sure that the result reached you.")
                #expect(question.id == status)
                try await lab.until("asking") { try await lab.kept(job)?.phase == .asking }
            }
            // The next program does not ask again; the buttons still work.
            try await lab.following { deliveries in
                let question = try await lab.sees("I am not sure")
                try await lab.press("Send it again", on: question, by: BotLab.ben, deliveries)
                try await Task.sleep(for: .milliseconds(200))
                #expect(lab.telegram.posts(in: BotLab.ann).map(\.kind) == ["text"])
                #expect(question.edits == 1)
                try await lab.press("Send it again", on: question, deliveries)
                try await lab.press("Send it again", on: question, deliveries)
                try await lab.sees("Made with Masque")
                try await lab.until("done") { try await lab.keptCount() == 0 }
                #expect(lab.telegram.posts(in: BotLab.ann).map(\.kind) == ["photo"])
            }
        }
    }

    @Test(arguments: [true, false])
    func `a program that ends finishes what it is sending, or leaves a question, never a second result`(
        isPatient: Bool
    ) async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            let job = try await lab.done()
            // Telegram takes its time, and has the photo when an impatient program listens no more.
            lab.telegram.fail("sendPhoto", .delay(.milliseconds(2_500)))
            var times = DeliveryLab.times
            times.farewell = isPatient ? .seconds(30) : .zero
            try await lab.following(times) { deliveries in
                try await deliveries.begin(lab.delivery(job))
                try await lab.until("sending") { try await lab.kept(job)?.phase == .sending }
                // Until the call is under way.
                try await Task.sleep(for: .milliseconds(1_000))
            }
            #expect(try await lab.kept(job)?.phase == (isPatient ? nil : .sending))
            try await lab.until("photo") { !lab.telegram.posts(in: BotLab.ann).isEmpty }
            for _ in 0..<2 {
                try await lab.following { _ in
                    if isPatient { return try await Task.sleep(for: .milliseconds(100)) }
                    try await lab.sees("I am not sure that the result reached you.")
                    try await lab.until("asking") { try await lab.kept(job)?.shown != nil }
                }
            }
            #expect(lab.telegram.posts(in: BotLab.ann).map(\.kind) == (isPatient ? ["photo"] : ["photo", "text"]))
        }
    }

    @Test func `a hundred who wait at once each see where they stand and get their own result`() async throws {
        var rules = BotRules()
        rules.statusInterval = .seconds(1)
        var times = DeliveryLab.times
        times.overallInterval = .milliseconds(60)
        try await DeliveryLab.run(rules: rules) { (lab: DeliveryLab) async throws in
            try await lab.following(times) { deliveries in
                let users = Int64(1_000)..<1_100
                for user in users {
                    lab.telegram.addPerson(user, "Person \(user)")
                    try await deliveries.begin(lab.delivery(try await lab.job(user), user: user))
                }
                try await lab.until("all told") { users.allSatisfy { !lab.telegram.posts(in: $0).isEmpty } }
                for _ in users {
                    let now = Date()
                    let (job, lease) = try #require(
                        try await lab.bot.store.claim(
                            lane: .image, worker: "test", leaseUntil: now + 60, ownerLimit: 1, now: now))
                    try await lab.complete(lease, Sample.jpeg(64, 48, "for \(job.owner)"))
                }
                try await lab.until("all delivered", .seconds(60)) { try await lab.keptCount() == 0 }
                for user in users {
                    let posts = lab.telegram.posts(in: user)
                    #expect(posts.map(\.kind) == ["photo"])
                    #expect(posts.first?.file == Sample.jpeg(64, 48, "for telegram:\(user)"))
                }
                #expect(lab.telegram.limitHits == 0)
            }
        }
    }

    @Test func `a program that died after it sent takes the status away and sends nothing`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            let job = try await lab.done()
            var delivery = lab.delivery(job, status: try await lab.status())
            delivery.phase = .sent
            try await lab.keep(delivery)
            try await lab.following { _ in
                try await lab.until("done") { try await lab.keptCount() == 0 }
            }
            #expect(lab.telegram.posts(in: BotLab.ann).isEmpty)
            #expect(lab.telegram.calls["sendPhoto"] == nil)
        }
    }

    @Test func `a result whose answer was lost is not sent twice`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            let job = try await lab.done()
            lab.telegram.fail("sendPhoto", .cutAfter)
            try await lab.following { deliveries in
                try await deliveries.begin(lab.delivery(job))
                let question = try await lab.sees("I am not sure that the result reached you.")
                try await lab.until("asking") { try await lab.kept(job)?.phase == .asking }
                #expect(lab.telegram.posts(in: BotLab.ann).map(\.kind) == ["photo", "text"])
                try await lab.press("It is here", on: question, deliveries)
                try await lab.until("done") { try await lab.keptCount() == 0 }
                #expect(lab.telegram.posts(in: BotLab.ann).map(\.kind) == ["photo"])
                // A phone may show the button a little longer.
                try await lab.press("job:send:\(job.id)", message: question, deliveries)
                #expect(lab.telegram.calls["sendPhoto"] == 1)
            }
        }
    }

    @Test func `a call that certainly failed is made again`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            let job = try await lab.done()
            var delivery = lab.delivery(job)
            delivery.status = try await lab.status()
            lab.telegram.fail("sendPhoto", .refuse(401, "Unauthorized"), times: 2)
            try await lab.following { deliveries in
                try await deliveries.begin(delivery)
                try await lab.until("done") { try await lab.keptCount() == 0 }
                #expect(lab.telegram.posts(in: BotLab.ann).map(\.kind) == ["photo"])
                #expect(lab.telegram.calls["sendPhoto"] == 3)
            }
        }
    }

    @Test func `who blocked the bot gets nothing more and is known as out of reach`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            let job = try await lab.done()
            try await lab.desk.book.change(BotLab.ann) { $0.isReachable = true }
            lab.telegram.block(BotLab.ann)
            try await lab.following { deliveries in
                try await deliveries.begin(lab.delivery(job))
                try await lab.until("forgotten") { try await lab.keptCount() == 0 }
                try await lab.until("noted") { try await !lab.desk.book.person(BotLab.ann).isReachable }
            }
            #expect(lab.telegram.calls["sendPhoto"] == 1)
        }
    }

    @Test func `of somebody who is not known nothing is kept when the bot is blocked`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            lab.telegram.block(BotLab.ann)
            let first = try await lab.done(), second = try await lab.done()
            try await lab.following { deliveries in
                try await deliveries.begin(lab.delivery(first))
                // Of one chat, the second is begun when the first is over.
                try await deliveries.begin(lab.delivery(second))
                try await lab.until("forgotten") { try await lab.keptCount() == 0 }
            }
            #expect(lab.telegram.calls["sendPhoto"] == 2)
            #expect(try await lab.bot.store.documentCount(in: "bot-person", now: Date()) == 0)
        }
    }

    @Test func `a failure is told in the person's language, and tried again in the same message`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            try await lab.following { deliveries in
                let job = try await lab.job(BotLab.ben)
                let status = try await lab.status(BotLab.ben)
                try await deliveries.begin(lab.delivery(job, user: BotLab.ben, status: status, language: "ru"))
                try await lab.fail(
                    try await lab.claim(), "unsupportedMedia", "The job's folder is damaged.", advice: "Try again.")
                let told = try await lab.sees("Попробуйте снова.", in: BotLab.ben)
                #expect(told.id == status)
                try await lab.until("kept") { try await lab.kept(job)?.phase == .failed }
                // Pressed three times, it is one job more.
                for _ in 0..<3 { try await lab.press("Попробовать снова", on: told, by: BotLab.ben, deliveries) }
                let owner = lab.desk.owner(BotLab.ben)
                #expect(try await lab.jobs.jobs(JobQuery(owner: owner)).jobs.count == 2)
                #expect(try await lab.desk.book.person(BotLab.ben).starts.count == 1)
                try await lab.sees("Вы следующий в очереди", in: BotLab.ben)
                try await lab.complete(try await lab.claim(), Sample.jpeg(64, 48))
                try await lab.sees("лицо не настоящее", in: BotLab.ben)
                try await lab.until("done") { try await lab.keptCount() == 0 }
                #expect(lab.telegram.posts(in: BotLab.ben).filter(\.isFromBot).map(\.kind) == ["photo"])
            }
        }
    }

    @Test func `what was refused is not offered again`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            try await lab.following { deliveries in
                let job = try await lab.job()
                try await deliveries.begin(lab.delivery(job))
                try await lab.fail(
                    try await lab.claim(), "refusedContent",
                    "The source looks like sexual imagery, which Masque does not work on.")
                let told = try await lab.sees("which Masque does not work on.")
                #expect(told.buttons.isEmpty)
            }
        }
    }

    @Test func `only who started a job can cancel it`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            lab.telegram.addGroup(BotLab.group, "Friends", people: [BotLab.ann, BotLab.ben])
            try await lab.following { deliveries in
                let job = try await lab.job()
                try await deliveries.begin(lab.delivery(job, chat: BotLab.group))
                let status = try await lab.sees("next in the queue", in: BotLab.group)
                try await lab.press("Cancel", on: status, by: BotLab.ben, deliveries)
                #expect(try await lab.jobs.job(job.id, owner: nil).state == .queued)
                let lease = try await lab.claim()
                try await lab.press("Cancel", on: status, deliveries)
                try await lab.sees("It is being cancelled.", in: BotLab.group)
                #expect(try await lab.bot.store.finishCanceled(lease, expiresAt: nil, now: Date()))
                lab.jobs.feed.poke()
                let end = try await lab.sees("Cancelled.", in: BotLab.group)
                #expect(end.buttons.isEmpty && end.id == status.id)
                try await lab.until("forgotten") { try await lab.keptCount() == 0 }
                try await lab.press("job:cancel:\(job.id)", message: end, deliveries)
                let old = try await lab.desk.api.call(
                    SendMessage(
                        to: BotLab.ann, "An old status.",
                        buttons: InlineKeyboard([[InlineKeyboard.Button("Cancel", data: "job:cancel:gone")]])))
                try await lab.press("Cancel", on: try lab.post(old.messageID), deliveries)
                #expect(try lab.post(old.messageID).buttons.isEmpty)
                try await lab.press("job:dance", message: end, deliveries)
            }
        }
    }

    @Test func `what a person waited for is forgotten on request, and moves with its group`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            lab.telegram.addGroup(BotLab.group, "Friends", people: [BotLab.ann, BotLab.ben])
            let (mine, his) = (try await lab.job(), try await lab.job(BotLab.ben))
            try await lab.following { deliveries in
                try await deliveries.begin(lab.delivery(mine))
                try await lab.sees("next in the queue")
                try await deliveries.begin(lab.delivery(his, user: BotLab.ben, chat: BotLab.group))
                try await lab.sees("number 2 in the queue", in: BotLab.group)
                try await deliveries.forget(BotLab.ann)
                #expect(try await lab.keptCount() == 1)
                lab.telegram.moveGroup(BotLab.group, to: -1_000)
                try await deliveries.move(from: BotLab.group, to: -1_000)
                #expect(try await lab.kept(his)?.chat == -1_000)
                for _ in 0..<2 { try await lab.complete(try await lab.claim(), Sample.jpeg(64, 48)) }
                try await lab.sees("Made with Masque", in: -1_000)
                try await lab.until("done") { try await lab.keptCount() == 0 }
                #expect(!lab.telegram.posts(in: BotLab.ann).contains { $0.kind == "photo" })
            }
        }
    }
}
