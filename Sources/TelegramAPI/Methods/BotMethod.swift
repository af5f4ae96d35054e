// What every call of the Bot API is.

/// A method with its parameters. Its coding keys are the parameters' names in Swift's writing.
package protocol BotMethod: Encodable, Sendable {
    associatedtype Answer: Decodable & Sendable
    /// As in the URL.
    static var name: String { get }
    /// Whether calling twice leaves what calling once leaves, so that a call whose answer was lost may be made again.
    static var isRepeatable: Bool { get }
    /// The chat that the call writes to; nil when it writes nowhere.
    var chatID: Int64? { get }
    /// How many messages the call counts for in the limits of the chat; 0: none.
    var messageCount: Int { get }
    /// Files that go along.
    var uploads: [Upload] { get }
    /// The same call for the chat's new id.
    func moved(to chat: Int64) -> Self
}

extension BotMethod {
    package static var isRepeatable: Bool { true }
    package var chatID: Int64? { nil }
    package var messageCount: Int { chatID == nil ? 0 : 1 }
    package var uploads: [Upload] { [] }
    package func moved(to chat: Int64) -> Self { self }
}

/// A call that writes to a chat.
package protocol ChatMethod: BotMethod {
    var chat: Int64 { get set }
}

extension ChatMethod {
    package var chatID: Int64? { chat }
    package func moved(to chat: Int64) -> Self {
        var copy = self
        copy.chat = chat
        return copy
    }
}

/// A call that makes a message: made again, it would make two.
package protocol SendMethod: ChatMethod {}

extension SendMethod {
    package static var isRepeatable: Bool { false }
}

/// Which message is answered.
package struct ReplyParameters: Codable, Sendable, Equatable {
    package var messageID: Int
    /// Whether the answer is sent also when that message is gone.
    package var allowSendingWithoutReply = true

    package init(_ messageID: Int) { self.messageID = messageID }
}

/// What a text's markup is. Without one, every character is shown as it is.
package enum ParseMode: String, Codable, Sendable {
    case html = "HTML"
}
