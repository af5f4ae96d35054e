// What a status message says: where in the queue, what is being done, how far, how long still.

internal import Foundation
package import JobQueue
package import Services
internal import TelegramAPI
package import Words
internal import WorkerProtocol

/// Words and buttons of the status message.
package struct StatusText: Sendable {
    let voice: Voice

    package init(_ voice: Voice) { self.voice = voice }

    /// A job that is on its way.
    package func onItsWay(_ job: Job, _ outlook: Outlook) -> Screen {
        if job.cancelRequested { return Screen(canceling) }
        let cancel = [[InlineKeyboard.Button(voice.say("✖️ Cancel"), data: "job:cancel:\(job.id)")]]
        let again =
            job.attempts > (job.state == .running ? 1 : 0) ? voice.say("It went wrong and is tried again.") : nil
        if job.state == .queued { return Screen([again, queue(outlook)], cancel) }
        return Screen(
            [
                again, stage(job.stage), Self.bar(job.progress),
                outlook.secondsLeft.map { voice.say("About \(voice.length(seconds: $0, isEstimate: true)) left.") },
            ], cancel)
    }

    private func queue(_ outlook: Outlook) -> String {
        let number = (outlook.queuePosition ?? 0) + 1
        guard let seconds = outlook.secondsLeft else {
            return number == 1
                ? voice.say("⏳ You are next in the queue.") : voice.say("⏳ You are number \(number) in the queue.")
        }
        let wait = voice.length(seconds: seconds, isEstimate: true)
        return number == 1
            ? voice.say("⏳ You are next in the queue, about \(wait) to wait.")
            : voice.say("⏳ You are number \(number) in the queue, about \(wait) to wait.")
    }

    private func stage(_ name: String) -> String {
        switch name {
        case "loading": voice.say("Getting ready…")
        case "analysing": voice.say("Looking at the faces…")
        case "joining": voice.say("Putting the parts together…")
        case "swapping": voice.say("Changing the faces…")
        default: voice.say("Working…")
        }
    }

    /// Ten blocks and a number: `▰▰▰▱▱▱▱▱▱▱ 30 %`.
    package static func bar(_ percent: Double) -> String {
        let percent = percent.isFinite ? Int(min(max(percent, 0), 100)) : 0
        let full = percent / 10
        return String(repeating: "▰", count: full) + String(repeating: "▱", count: 10 - full) + " \(percent) %"
    }

    var canceling: String { voice.say("It is being cancelled.") }
    var canceled: Screen { Screen(voice.say("Cancelled.")) }
    var gone: Screen { Screen(voice.say("This swap is not kept any more.")) }
    var done: Screen { Screen(voice.say("Done.")) }
    var shrinking: Screen { Screen(voice.say("Done. The result is made smaller now, so that Telegram takes it…")) }

    /// A job that failed; what is refused is not to be tried again.
    package func failed(_ job: Job) -> Screen {
        let failure =
            job.failure
            ?? JobFailure(code: "failed", message: "The work failed.", advice: nil, isRetryable: false)
        let again = [[InlineKeyboard.Button(voice.say("🔁 Try again"), data: "job:again:\(job.id)")]]
        return Screen(
            ["⚠️ " + voice.say(failure.message), failure.advice.map { voice.say($0) }],
            failure.code == "refusedContent" ? [] : again)
    }

    /// Nobody knows whether the result came.
    func unsure(_ delivery: Delivery) -> Screen {
        let kind = delivery.isFile ? ":file" : ""
        return Screen(
            voice.say("I am not sure that the result reached you."),
            [
                [InlineKeyboard.Button(voice.say("Send it again"), data: "job:send:\(delivery.job)\(kind)")],
                [InlineKeyboard.Button(voice.say("It is here"), data: "job:here:\(delivery.job)\(kind)")],
            ])
    }

    /// What stands below a result: how long it took, that it is not real, and what else is to be known of it.
    func caption(_ job: Job, isSmaller: Bool) -> String {
        var lines: [String] = []
        if let begin = job.startedAt, let end = job.finishedAt, end >= begin {
            let length = voice.length(seconds: end.timeIntervalSince(begin))
            lines.append(voice.say("Done in \(length). Made with Masque: the face is not real."))
        } else {
            lines.append(voice.say("Made with Masque: the face is not real."))
        }
        if isSmaller { lines.append(voice.say("It was made smaller, so that Telegram takes it.")) }
        // Telegram counts UTF-16 units, at most 1,024. What a mode lacks on this server was said before it began.
        for note in job.output?.notes ?? [] where !MissingModelNote.isOne(note) {
            let next = lines + [voice.say(note)]
            guard next.joined(separator: "\n").utf16.count <= 1_024 else { break }
            lines = next
        }
        return lines.joined(separator: "\n")
    }
}
