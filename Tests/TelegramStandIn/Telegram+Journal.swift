// What the bot did in chats, in order and with the time: for loads, where nobody can look at every chat.

internal import Synchronization

extension Telegram {
    /// A call of the bot's that was done: a message, a change, a deletion, the answer to a press.
    package struct Written: Sendable {
        package var time: ContinuousClock.Instant
        package var method: String
        /// 0 for the answer to a press.
        package var chat: Int64
        package var message: Int?
        /// The text or caption that the message has now; what is shown for a moment in the answer to a press.
        package var text: String
        /// The press that is answered.
        package var query: String?
    }

    /// What was written from the journal's entry numbered `index` on; empty unless ``Rules/keepsJournal``.
    package func written(from index: Int = 0) -> [Written] { state.withLock { Array($0.journal.dropFirst(index)) } }

    /// A message of a chat.
    package func post(_ id: Int, in chat: Int64) -> Post? { state.withLock { $0.chats[chat]?.posts[id] } }

    /// How many updates the bot has not fetched, or not confirmed.
    package var pendingUpdates: Int { state.withLock(\.updates.count) }
}

extension State {
    mutating func write(_ method: String, _ parameters: Parameters, _ result: JSON) {
        let query = parameters["callback_query_id"]?.string
        guard let chat = parameters["chat_id"]?.int ?? (query == nil ? nil : 0) else { return }
        let message = result["message_id"]?.int ?? parameters["message_id"]?.int
        let text = result["text"]?.string ?? result["caption"]?.string ?? parameters["text"]?.string ?? ""
        journal.append(
            Telegram.Written(
                time: .now, method: method, chat: chat, message: message.map { Int($0) }, text: text, query: query))
    }
}
