// A message, and what of it the bot reads.

/// A message. Fields that the bot does not use are not read.
package struct Message: Codable, Sendable, Equatable {
    package var messageID: Int
    package var messageThreadID: Int?
    /// Nobody for messages of channels.
    package var from: User?
    /// A group or channel in whose name an anonymous administrator writes.
    package var senderChat: Chat?
    /// Seconds since 1970.
    package var date: Int
    package var editDate: Int?
    package var chat: Chat
    /// The album that this message is one of.
    package var mediaGroupID: String?
    package var text: String?
    package var entities: [MessageEntity]?
    package var caption: String?
    package var captionEntities: [MessageEntity]?
    /// The same picture in several sizes.
    package var photo: [PhotoSize]?
    package var document: Document?
    package var video: Video?
    package var videoNote: Video?
    /// Messages with an animation also have it as a document.
    package var animation: Video?
    package var sticker: Sticker?
    package var voice: Sound?
    package var audio: Sound?
    /// The message that this one answers; it answers none itself.
    package var replyToMessage: Box<Message>?
    package var replyMarkup: InlineKeyboard?
    package var newChatMembers: [User]?
    package var leftChatMember: User?
    /// The group became a supergroup with this id; nothing can be sent to the old one.
    package var migrateToChatID: Int64?
    package var migrateFromChatID: Int64?
    /// Present when it was sent by the bot's own inline button or such.
    package var viaBot: User?
}

/// A special part of a text.
package struct MessageEntity: Codable, Sendable, Equatable {
    /// `mention`, `bot_command`, `url`, `text_mention`, …
    package var type: String
    /// In UTF-16 code units.
    package var offset: Int
    package var length: Int
    /// Of a `text_mention`.
    package var user: User?
    /// Of a `text_link`.
    package var url: String?

    /// The part of `text` that it marks; nil when it lies outside.
    package func part(of text: String) -> String? {
        let units = text.utf16
        guard offset >= 0, length >= 0,
            let start = units.index(units.startIndex, offsetBy: offset, limitedBy: units.endIndex),
            let end = units.index(start, offsetBy: length, limitedBy: units.endIndex)
        else { return nil }
        return String(units[start..<end])
    }
}

/// A value that may hold itself.
package final class Box<Value: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
    package let value: Value
    package init(_ value: Value) { self.value = value }
    package convenience init(from decoder: any Decoder) throws { self.init(try Value(from: decoder)) }
    package func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
    package static func == (a: Box, b: Box) -> Bool { a.value == b.value }
}
