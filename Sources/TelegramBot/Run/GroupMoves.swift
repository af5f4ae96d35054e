// Groups that got new ids while the bot runs, and what has to go along.

/// Moves sessions, limits and deliveries, and readdresses what was on its way.
actor GroupMoves {
    private let book: BotBook
    private var deliveries: Deliveries?
    private var moved: [Int64: Int64] = [:]

    init(book: BotBook) { self.book = book }

    func follow(_ deliveries: Deliveries) { self.deliveries = deliveries }

    func move(_ old: Int64, to new: Int64) async throws {
        moved[old] = new
        try await book.moveGroup(old, to: new)
        try await deliveries?.move(from: old, to: new)
    }

    /// The event where its chat is now; messages of the old one cannot be answered there.
    func readdressed(_ event: Event) -> Event {
        guard let chat = moved[event.place.chat] else { return event }
        var event = event
        (event.place.chat, event.place.message) = (chat, 0)
        return event
    }

    /// After an answer in the course of which the group moved: the session as it was saved then goes along, too.
    func settle(_ place: Place) async throws {
        guard let chat = moved[place.chat] else { return }
        try await book.moveSession(SessionKey(place), to: SessionKey(chat: chat, user: place.user), keepsMessages: true)
    }
}
