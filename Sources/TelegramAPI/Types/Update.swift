// What happened, as the Bot API tells it.

internal import Foundation

/// One event. Kinds that the bot does not ask for are not read; an update of another kind has none of the fields.
package struct Update: Codable, Sendable {
    /// Grows by one from update to update, but may start anew after a week of silence.
    package var updateID: Int64
    package var message: Message?
    package var editedMessage: Message?
    package var callbackQuery: CallbackQuery?
    /// The bot was added, removed, blocked or unblocked.
    package var myChatMember: ChatMemberUpdated?

    /// The kinds to ask for.
    package static let kinds = ["message", "edited_message", "callback_query", "my_chat_member"]
}

/// Updates as far as they can be read: one that cannot be read must not hold up the others.
package struct Updates: Decodable, Sendable {
    package var updates: [Update] = []
    /// The ids of those that could not be read.
    package var unreadable: [Int64] = []

    private struct Numbered: Decodable { var updateID: Int64 }

    package init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        while !list.isAtEnd {
            // A failed decode does not move on; the id then says which one is skipped.
            do { updates.append(try list.decode(Update.self)) } catch {
                unreadable.append(try list.decode(Numbered.self).updateID)
            }
        }
    }

    /// The greatest id of all, read or not.
    package var lastID: Int64? { (updates.map(\.updateID) + unreadable).max() }
}

/// How the webhook is doing.
package struct WebhookInfo: Codable, Sendable {
    package var url: String
    package var pendingUpdateCount: Int
    package var lastErrorDate: Int?
    package var lastErrorMessage: String?
}
