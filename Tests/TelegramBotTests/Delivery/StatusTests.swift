// The status message tells how far a job is, no more often than it may.
import Foundation
import JobQueue
import JobQueueSQLite
import Services
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing
import Words

@Suite struct StatusSerialTests {
    @Test func `the status tells queue, work, time and retries in order, and the result takes its place`() async throws
    {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            try await lab.following { deliveries in
                let first = try await lab.job(BotLab.ben)
                let job = try await lab.job()
                let status = try await lab.status()
                try await deliveries.begin(lab.delivery(job, status: status))
                #expect(try await lab.sees("number 2 in the queue").id == status)
                // The other one's begin moves this one up, without an event of its own.
                let other = try await lab.claim()
                try await lab.sees("You are next in the queue")
                try await lab.complete(other, Sample.jpeg(64, 48))
                let lease = try await lab.claim()
                try await lab.report(lease, "analysing", 20)
                #expect(try await lab.sees("Looking at the faces…").text.contains("▰▰▱▱▱▱▱▱▱▱ 20 %"))
                try await lab.report(lease, "swapping", 57.9)
                let working = try await lab.sees("Changing the faces…\n▰▰▰▰▰▱▱▱▱▱ 57 %\nAbout ")
                #expect(working.text.hasSuffix(" s left."))
                #expect(working.button("Cancel")?.data == "job:cancel:\(job.id)")
                try await lab.fail(lease, "failed", "It broke.", retryAt: Date())
                try await lab.sees("It went wrong and is tried again.\n⏳ You are next in the queue")
                let again = try await lab.claim()
                try await lab.report(again, "joining", 98)
                try await lab.sees("It went wrong and is tried again.\nPutting the parts together…")
                try await lab.complete(again, Sample.jpeg(64, 48, "the result"))
                let result = try await lab.sees("Made with Masque")
                #expect(result.kind == "photo")
                #expect(result.file == Sample.jpeg(64, 48, "the result"))
                try await lab.until("status gone") { !lab.telegram.posts(in: BotLab.ann).contains { $0.id == status } }
                try await lab.until("document gone") { try await lab.keptCount() == 0 }
                #expect(first.id != job.id)
            }
        }
    }

    @Test func `changes of a status are seldom however often the job reports, and the last state is shown`()
        async throws
    {
        var rules = BotRules()
        // Telegram itself would take one in each second.
        rules.statusInterval = .seconds(2)
        try await DeliveryLab.run(rules: rules) { (lab: DeliveryLab) async throws in
            try await lab.following { deliveries in
                let job = try await lab.job()
                let begin = ContinuousClock.now
                try await deliveries.begin(lab.delivery(job, status: try await lab.status()))
                let lease = try await lab.claim()
                for step in 1...120 {
                    try await lab.report(lease, "swapping", Double(step) / 2)
                    try await Task.sleep(for: .milliseconds(30))
                }
                let post = try await lab.sees("60 %")
                let seconds = (ContinuousClock.now - begin) / .seconds(1)
                #expect(post.edits >= 2)
                #expect(Double(post.edits) <= seconds / 2 + 1)
            }
        }
    }

    @Test func `changes in a group are rarer, and a held chat is left in peace`() async throws {
        var times = DeliveryLab.times
        times.groupInterval = .seconds(3600)
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            lab.telegram.addGroup(BotLab.group, "Friends", people: [BotLab.ann, BotLab.ben])
            try await lab.following(times) { deliveries in
                let job = try await lab.job()
                let question = lab.telegram.say(BotLab.ann, "please", in: BotLab.group)
                try await deliveries.begin(lab.delivery(job, chat: BotLab.group, replyTo: question))
                let status = try await lab.sees("next in the queue", in: BotLab.group)
                #expect(status.replyTo == question)
                let lease = try await lab.claim()
                for percent in 1...9 { try await lab.report(lease, "swapping", Double(percent) * 10) }
                try await lab.complete(lease, Sample.jpeg(64, 48))
                let result = try await lab.sees("Made with Masque", in: BotLab.group)
                #expect(result.replyTo == question)
                try await lab.until("done") { try await lab.keptCount() == 0 }
                #expect(lab.telegram.calls["editMessageText"] == nil)
            }
            // A private chat that Telegram wants to have a pause.
            let job = try await lab.job()
            await lab.desk.api.pacer.hold(BotLab.ann, for: .seconds(3600))
            try await lab.following { deliveries in
                try await deliveries.begin(lab.delivery(job, status: 1))
                let lease = try await lab.claim()
                for percent in 1...9 { try await lab.report(lease, "swapping", Double(percent) * 10) }
                try await Task.sleep(for: .milliseconds(300))
                #expect(lab.telegram.calls["editMessageText"] == nil)
            }
        }
    }

    @Test func `a status that somebody deleted is sent anew, once`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            try await lab.following { deliveries in
                let job = try await lab.job()
                try await deliveries.begin(lab.delivery(job))
                let status = try await lab.sees("next in the queue")
                try await lab.until("noted") { try await lab.kept(job)?.status == status.id }
                try await lab.desk.remove(status.id, in: BotLab.ann)
                let lease = try await lab.claim()
                try await lab.report(lease, "swapping", 50)
                #expect(try await lab.sees("50 %").id != status.id)
                #expect(lab.telegram.posts(in: BotLab.ann).count == 1)
            }
        }
    }

    @Test func `a draft is left alone until it is submitted, and forgotten when it is gone`() async throws {
        try await DeliveryLab.run { (lab: DeliveryLab) async throws in
            let owner = lab.desk.owner(BotLab.ann)
            let ready = try await lab.job()
            let draft = try await lab.jobs.create(mode: "photo_photo", owner: owner).job
            var waiting = try await lab.jobs.create(mode: "photo_photo", owner: owner).job
            try await lab.keep(lab.delivery(draft))
            try await lab.keep(lab.delivery(waiting))
            try await lab.following { deliveries in
                try await deliveries.begin(lab.delivery(ready))
                try await lab.sees("next in the queue")
                #expect(lab.telegram.posts(in: BotLab.ann).count == 1)
                try await lab.jobs.delete(draft.id, owner: owner)
                try await lab.until("forgotten") { try await lab.kept(draft) == nil }
                let now = Date()
                for role in [InputRole.source, .target] {
                    guard let input = ready.input(role) else { continue }
                    _ = try await lab.bot.store.setInput(
                        JobInput(
                            role: role, blob: input.blob, mediaType: input.mediaType, byteCount: input.byteCount,
                            sha256: input.sha256, fileName: nil), of: waiting.id, owner: owner, now: now)
                }
                waiting = try await lab.jobs.submit(waiting.id, owner: owner)
                try await lab.sees("number 2 in the queue")
            }
            #expect(try await lab.keptCount() == 2)
        }
    }

    @Test(arguments: [
        (0.0, "5 s", "1 s"), (5, "5 s", "5 s"), (5.5, "10 s", "6 s"), (55, "55 s", "55 s"), (56, "1 min", "56 s"),
        (61, "1 min", "2 min"), (85, "1 min", "2 min"), (90, "2 min", "2 min"), (3_600, "60 min", "60 min"),
        (7_160, "119 min", "2 h"), (7_200, "2 h", "2 h"), (8_000, "2 h", "3 h"), (.infinity, "∞", "∞"),
    ])
    func `estimates are rounded as a person would, other times up`(seconds: Double, about: String, exact: String) {
        #expect(Voice.english.length(seconds: seconds, isEstimate: true) == about)
        #expect(Voice.english.length(seconds: seconds) == exact)
    }

    @Test(arguments: [
        (0.0, "▱▱▱▱▱▱▱▱▱▱ 0 %"), (9.9, "▱▱▱▱▱▱▱▱▱▱ 9 %"), (30, "▰▰▰▱▱▱▱▱▱▱ 30 %"), (100, "▰▰▰▰▰▰▰▰▰▰ 100 %"),
        (.nan, "▱▱▱▱▱▱▱▱▱▱ 0 %"), (140, "▰▰▰▰▰▰▰▰▰▰ 100 %"),
    ])
    func `the bar has ten blocks`(percent: Double, bar: String) { #expect(StatusText.bar(percent) == bar) }

    @Test func `Russian numbers and times agree`() throws {
        let voice = Voice(try Words.standard(), .russian)
        var job = Job(
            id: JobID(rawValue: "j"), owner: OwnerID(rawValue: "o"),
            description: JobDescription(
                mode: nil, processors: ["face_swapper"], swapper: "mesh", enhancer: nil, lane: .image), state: .queued,
            createdAt: Date())
        let text = StatusText(voice)
        let queued = text.onItsWay(job, Outlook(queuePosition: 2, secondsLeft: 130))
        #expect(queued.text == "⏳ Ваш номер в очереди — 3, ждать около 2 мин.")
        #expect(queued.rows.first?.first?.text == "✖️ Отменить")
        (job.state, job.stage, job.progress, job.attempts) = (.running, "swapping", 31, 1)
        #expect(
            text.onItsWay(job, Outlook(queuePosition: nil, secondsLeft: 61)).text
                == "Меняем лица…\n▰▰▰▱▱▱▱▱▱▱ 31 %\nОсталось около 1 мин.")
        job.cancelRequested = true
        #expect(text.onItsWay(job, Outlook(queuePosition: nil, secondsLeft: 61)) == Screen("Отменяем."))
    }
}
