// A Telegram of its own: people, chats, messages and files, behind a Bot API that is as strict as the real one.

package import Foundation
internal import Synchronization

/// The world behind the stand-in server. Calls of the bot come in by ``answer(_:_:)``, people act by the functions of
/// `Telegram+People.swift`, tests read ``posts(in:)``, ``violations`` and the like.
package final class Telegram: Sendable {
    /// Limits and modes.
    package struct Rules: Sendable {
        /// Whether limits on messages are kept (429).
        package var limitsMessages = true
        /// `--local`: absolute paths, no limit of 20 MB.
        package var localFolder: URL?
        /// Whether ``Telegram/written(from:)`` is kept.
        package var keepsJournal = false
        package init() {}
    }

    package let token: String
    package let rules: Rules
    let state: Mutex<State>

    package init(token: String = "4711:stand-in-token-of-35-characters-x", rules: Rules = Rules()) {
        self.token = token
        self.rules = rules
        state = Mutex(State())
    }

    /// The bot as `getMe` tells it.
    package static let botID: Int64 = 4711, botName = "masque_test_bot"

    /// What the bot did against the rules: refused calls that were no fault on command, and limits broken.
    package var violations: [String] { state.withLock(\.violations) }
    /// How often the bot was told to wait (429) by the limits.
    package var limitHits: Int { state.withLock(\.limitHits) }
    /// How often each method was called, faults included.
    package var calls: [String: Int] { state.withLock(\.calls) }
    /// Button presses that were not answered.
    package var openQueries: Int { state.withLock { $0.queries.values.count { !$0 } } }
    /// Counts what was pressed so far as answered, after answers that were refused on command.
    package func forgiveQueries() { state.withLock { $0.queries = $0.queries.mapValues { _ in true } } }
    /// What people were shown for a moment when they pressed a button.
    package var toasts: [String] { state.withLock(\.toasts) }
    /// The commands that the bot has set, by scope and language (`default/`, `all_group_chats/ru`).
    package var commands: [String: [String]] { state.withLock(\.commands) }
    /// What the bot was seen doing, such as `upload_video`, by chat.
    package var actions: [Int64: [String]] { state.withLock(\.actions) }

    /// The messages of a chat that are there now, oldest first.
    package func posts(in chat: Int64) -> [Post] {
        state.withLock { $0.chats[chat]?.posts.values.sorted { $0.id < $1.id } ?? [] }
    }

    /// The content of a file that somebody sent.
    package func bytes(ofFile id: String) -> [UInt8]? { state.withLock { $0.files[id]?.bytes } }

    /// Has the next calls of a method go wrong; `file` stands for downloads.
    package func fail(_ method: String, _ fault: Fault, times: Int = 1) {
        state.withLock { $0.faults[method, default: []] += Array(repeating: fault, count: times) }
    }

    /// Whether a fault of a method has not happened yet.
    package func hasFault(_ method: String) -> Bool { state.withLock { $0.faults[method]?.isEmpty == false } }

    func takeFault(_ method: String) -> Fault? {
        state.withLock { state in
            guard let fault = state.faults[method]?.first else { return nil }
            state.faults[method]?.removeFirst()
            return fault
        }
    }

    /// Takes a call and says what the answer is: the status and the JSON.
    func answer(_ method: String, _ parameters: Parameters) -> (status: Int, body: JSON) {
        do {
            let result = try state.withLock { state in
                state.calls[method, default: 0] += 1
                do {
                    let result = try perform(method, parameters, &state)
                    if rules.keepsJournal { state.write(method, parameters, result) }
                    return result
                } catch let complaint as Complaint {
                    state.note(complaint, method)
                    throw complaint
                }
            }
            return (200, .made(["ok": true, "result": result]))
        } catch let complaint as Complaint {
            let more = JSON.made([
                "retry_after": complaint.retryAfter.map { .integer(Int64($0)) },
                "migrate_to_chat_id": complaint.migrateTo.map { .integer($0) },
            ])
            return (
                complaint.code,
                .made([
                    "ok": false, "error_code": .integer(Int64(complaint.code)),
                    "description": .text(complaint.words), "parameters": more == .object([:]) ? nil : more,
                ])
            )
        } catch {
            return (500, .made(["ok": false, "error_code": 500, "description": "Internal Server Error"]))
        }
    }

    private func perform(_ method: String, _ parameters: Parameters, _ state: inout State) throws -> JSON {
        guard let rule = MethodRule.all[method] else { throw Complaint("Not Found: method not found", code: 404) }
        if let words = rule.complaint(parameters) { throw Complaint("Bad Request: \(words)") }
        return try Call(method: method, parameters: parameters, rules: rules).perform(&state)
    }
}

/// How a call goes wrong.
package enum Fault: Sendable {
    /// An answer of the API's with this code and these words; nothing is done.
    case refuse(Int, String)
    /// 429 with this `retry_after`.
    case tooMany(Int)
    /// A gateway's page instead of an answer; nothing is done.
    case gateway(Int)
    /// The connection ends before an answer; nothing is done.
    case cutBefore
    /// The connection ends after the call was done.
    case cutAfter
    /// The body of the answer ends in the middle.
    case truncate
    /// The answer comes late.
    case delay(Duration)
}

/// A message as people see it.
package struct Post: Sendable {
    package var id: Int
    package var chat: Int64
    package var isFromBot: Bool
    /// `text`, `photo`, `video` or `document`.
    package var kind = "text"
    /// The text or caption, without markup.
    package var text = ""
    /// What buttons say and send or open, row by row.
    package var buttons: [[Button]] = []
    package var replyTo: Int?
    /// The file that came along, its name, and the size that was said of it.
    package var file: [UInt8]?
    package var fileName = ""
    package var fileID: String?
    package var width: Int?
    package var height: Int?
    package var duration: Int?
    package var hasThumbnail = false
    package var album: String?
    package var thread: Int?
    /// How often it was changed.
    package var edits = 0
    package var author: Int64?

    /// A button.
    package struct Button: Sendable, Equatable {
        package var text: String
        package var data: String?
        package var url: String?

        package init(text: String, data: String?, url: String?) { (self.text, self.data, self.url) = (text, data, url) }
    }

    /// The button whose text holds `words`.
    package func button(_ words: String) -> Button? {
        buttons.joined().first { $0.text.localizedCaseInsensitiveContains(words) }
    }
}
