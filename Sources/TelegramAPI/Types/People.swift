// Users and chats, as updates name them.

/// A person or a bot.
package struct User: Codable, Sendable, Equatable {
    package var id: Int64
    package var isBot: Bool
    package var firstName: String
    package var lastName: String?
    /// Without the @.
    package var username: String?
    /// An IETF language tag, such as `ru` or `pt-br`.
    package var languageCode: String?
    /// Of the bot itself: whether it sees what is not said to it in groups (privacy mode is off).
    package var canReadAllGroupMessages: Bool?
}

/// Where messages are.
package struct Chat: Codable, Sendable, Equatable {
    /// Kinds of chats; what Telegram adds later is `.other`.
    package enum Kind: String, Codable, Sendable {
        case `private`, group, supergroup, channel, other

        package init(from decoder: any Decoder) throws {
            self = Kind(rawValue: try decoder.singleValueContainer().decode(String.self)) ?? .other
        }
    }
    /// Negative for groups.
    package var id: Int64
    package var type: Kind
    package var title: String?
    package var username: String?

    /// Whether several people write here.
    package var isGroup: Bool { type == .group || type == .supergroup }
}

/// The bot's or a person's standing in a chat has changed.
package struct ChatMemberUpdated: Codable, Sendable {
    /// What is used of a member.
    package struct Member: Codable, Sendable {
        /// `creator`, `administrator`, `member`, `restricted`, `left` or `kicked`.
        package var status: String
        package var user: User
    }
    package var chat: Chat
    package var from: User
    package var date: Int
    package var oldChatMember: Member
    package var newChatMember: Member
}
