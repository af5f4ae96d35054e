// The sums and the table of a run of the bot with many people.
internal import Foundation
internal import TelegramStandIn

extension BotRun {
    /// Telegram's limit, and the pace that the bot keeps to stay below it in every second.
    private static let limit = 30.0, pace = 25.0

    /// What people are owed and did not have, and what they had too often.
    private struct Sums {
        var lost = 0, doubledResults = 0, doubledWords = 0

        init(_ crowd: BotCrowd) {
            for guest in crowd.guests.values {
                for word in BotWord.allCases where word != .unsure && word != .other {
                    let owed = guest.owed[word] ?? 0, had = guest.had[word] ?? 0
                    lost += max(0, owed - had)
                    if word == .result {
                        doubledResults += max(0, had - owed)
                    } else {
                        doubledWords += max(0, had - owed)
                    }
                }
            }
        }
    }

    func report(_ sight: Sight, _ telegram: Telegram, endedInOrder: Bool, log: String) -> Outcome {
        let crowd = sight.crowd, sums = Sums(crowd)
        // Changing a message into what it is already is answered by an error that means nothing.
        let idle = telegram.violations.count { $0.contains("message is not modified") }
        let again = telegram.violations.count { $0.contains("answered twice") }
        let refused = telegram.violations.filter {
            !$0.contains("message is not modified") && !(kills && $0.contains("answered twice"))
        }
        var faults: [String] = []
        if !sight.isComplete { faults.append("not everybody had the answers in time: \(Self.stuck(crowd, telegram))") }
        if sums.lost > 0 { faults.append("\(sums.lost) messages were lost") }
        if sums.doubledResults > 0 { faults.append("\(sums.doubledResults) results came twice") }
        // After a kill the bot cannot know whether the last words came, and shows them again.
        if sums.doubledWords > (kills ? 64 * sight.killed : 0) {
            faults.append("\(sums.doubledWords) messages came twice")
        }
        if telegram.openQueries > 0 { faults.append("\(telegram.openQueries) presses were not answered") }
        if !refused.isEmpty { faults.append("\(refused.count) calls were refused, such as “\(refused[0])”") }
        if let first = crowd.surprises.first {
            faults.append("\(crowd.surprises.count) answers were others, such as “\(first)”")
        }
        if !endedInOrder { faults.append("the bot did not end in order") }
        if !faults.isEmpty { faults.append("the end of its log:\n\(Self.tail(of: log))") }

        var table = Table(["", "the bot", "a perfect bot at 30/s", "at 25/s"])
        func row(_ what: String, _ value: String, _ bound: String = "", _ paced: String = "") {
            table.add([what, value, bound, paced])
        }
        let written = crowd.writtenAt.count
        let first = crowd.writtenAt.count { ($0 - sight.began) / .seconds(1) < seconds }
        let acts = crowd.actsAt.count { ($0 - sight.began) / .seconds(1) < seconds }
        row("people at once", "\(users)")
        row(
            "until everybody had everything, s", text(sight.seconds, 0),
            text(Double(crowd.answersOwed) / Self.limit, 0),
            text(Double(crowd.answersOwed) / Self.pace, 0))
        row("messages, changes and results, all", "\(written)", "\(crowd.answersOwed)", "\(crowd.answersOwed)")
        row(
            "… a second, first \(Int(seconds)) s", text(Double(first) / seconds), text(Self.limit, 0),
            text(Self.pace, 0))
        row("… a second, to the end", text(Double(written) / max(1, sight.seconds)))
        row("what people did, a second, first \(Int(seconds)) s", text(Double(acts) / seconds))
        row("… all", "\(crowd.actsAt.count)")
        let (bound, paced) = (Double(users) / Self.limit, Double(users) / Self.pace)
        row(
            "answer, median s", text(Self.part(crowd.answerSeconds, 0.5)), "≤ \(text(bound))", "≤ \(text(paced))")
        row("answer, 95 % within s", text(Self.part(crowd.answerSeconds, 0.95)), "≤ \(text(bound))", "≤ \(text(paced))")
        row("press acknowledged, median s", text(Self.part(crowd.pressSeconds, 0.5), 2))
        row("press acknowledged, 95 % within s", text(Self.part(crowd.pressSeconds, 0.95), 2))
        row("swaps begun → results", "\(crowd.begun) → \(crowd.results)")
        row("… a second", text(Double(crowd.results) / max(1, sight.seconds)))
        row("result after Begin, median s", text(Self.part(crowd.swapSeconds, 0.5)))
        row("result after Begin, 95 % within s", text(Self.part(crowd.swapSeconds, 0.95)))
        row("lost", "\(sums.lost)", "0", "0")
        row("results sent twice", "\(sums.doubledResults)", "0", "0")
        row(kills ? "words shown again after a kill" : "words sent twice", "\(sums.doubledWords)", "0", "0")
        if kills {
            row("kills", "\(sight.killed)")
            row("results asked about, as nobody knew whether they came", "\(crowd.asked)")
            row("presses answered again after a kill", "\(again)")
        }
        row("429 (too many messages)", "\(telegram.limitHits)", "0", "0")
        row("other refused calls", "\(refused.count - telegram.limitHits)", "0", "0")
        row("changes that changed nothing", "\(idle)", "0", "0")
        usageRows(sight.samples, row: { row($0, $1) })
        let kinds = crowd.methods.sorted { $0.value > $1.value }.map { "`\($0.key)` \($0.value)" }
        let words = """
            \(table.markdown)

            Calls that wrote: \(kinds.joined(separator: ", ")).
            """
        return Outcome(
            tables: words, complaint: faults.isEmpty ? nil : faults.joined(separator: "; "))
    }

    private func usageRows(_ samples: [BotProcess.Usage], row: (String, String) -> Void) {
        func mean(_ values: ArraySlice<Int>) -> Double {
            values.isEmpty ? 0 : Double(values.reduce(0, +)) / Double(values.count) / 1_048_576
        }
        if let last = samples.last {
            row(
                "processor seconds of the bot \(kills ? "since the last kill" : "in all")", text(last.ownSeconds))
            row("… of the media processes", text(last.childrenSeconds))
        }
        let third = samples.count / 3
        for (name, all) in [("bot", samples.map(\.own)), ("media processes", samples.map(\.children))] {
            let middle = mean(all[third..<(2 * third)]), last = mean(all[(2 * third)...])
            row(
                "memory of the \(name), MiB: middle third → last third",
                "\(text(middle)) → \(text(last)) (\(String(format: "%+.1f", middle > 0 ? 100 * (last / middle - 1) : 0)) %)"
            )
            row("… most", text(Double(all.max() ?? 0) / 1_048_576))
        }
    }

    /// The value below which a part of the values lies.
    private static func part(_ values: [Double], _ part: Double) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }

    /// Somebody who waits still, and the last words there.
    private static func stuck(_ crowd: BotCrowd, _ telegram: Telegram) -> String {
        let waiting = crowd.guests.values.filter { !$0.isDone }.sorted { $0.id < $1.id }
        guard let guest = waiting.first else { return "presses stay open" }
        let posts = telegram.posts(in: guest.id).suffix(3).map {
            "\($0.isFromBot ? "bot" : "guest"): \($0.kind) “\($0.text)”"
        }
        return "\(waiting.count) wait, one of them for \(guest.wait) after \(posts.joined(separator: ", "))"
    }

    private static func tail(of path: String) -> String {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(15).joined(separator: "\n")
    }
}
