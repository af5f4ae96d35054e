// A message that all people get, and how far it is.

internal import Foundation
internal import JobQueue

/// What is kept of it.
struct Broadcast: Sendable, Codable, Equatable {
    enum State: String, Sendable, Codable {
        /// Shown to the administrator, who has not said yes.
        case draft
        case running, done, stopped
    }
    var text: String
    var state = State.draft
    /// The person to whom it was sent last, or is being sent: names are in order, so all before had their turn.
    var last: String?
    /// Whether it is not written down yet how the sending to `last` went.
    var isSending = false
    var sent = 0
    /// People who have blocked the bot, or otherwise cannot be written to.
    var failed = 0
    /// Whether these got it is not known. They are not sent it again.
    var unsure = 0
    /// How many people were to get it when it began.
    var wanted = 0
    /// The message that tells how far it is.
    var chat: Int64
    var message: Int?
    var language: String
    var createdAt: Date

    static let collection = "bot-broadcast"
    static func key(_ id: String) -> DocumentKey { DocumentKey(collection, id) }

    /// Drafts are dropped after a day, others are kept for a month after their latest change.
    func expiry(_ now: Date) -> Date? {
        switch state {
        case .draft: now + 86_400
        case .running: nil
        case .done, .stopped: now + 30 * 86_400
        }
    }
}
