// What waits of one person in one chat: in order, albums gathered, repetitions and floods thinned out.

/// Something that waits to be answered.
struct Waiting: Sendable {
    var event: Event
    /// The updates that it was made of, in the order in which they came.
    var updates: [Int64]
    /// An album that further parts may come for.
    var gathering: Gathering?

    /// An album on its way.
    struct Gathering: Sendable {
        var id: String
        var parts: [Event]
        /// When the latest part came.
        var latest: ContinuousClock.Instant
    }

    /// By which update it is known: of an album the last part's.
    var update: Int64 { updates.max() ?? 0 }

    /// The event to answer: of an album's parts one event.
    var whole: Event { gathering.map { Self.album($0.parts) } ?? event }

    /// One event of the parts of an album; a part alone is a file.
    private static func album(_ parts: [Event]) -> Event {
        let parts = parts.sorted { $0.place.message < $1.place.message }
        var event = parts[0]
        var files: [HeldFile] = [], captions: [String] = []
        for case .file(let file, let caption, _) in parts.map(\.deed) {
            files.append(file)
            if !caption.isEmpty { captions.append(caption) }
        }
        let caption = captions.joined(separator: "\n")
        event.deed = files.count == 1 ? .file(files[0], caption: caption, album: nil) : .album(files, caption: caption)
        event.isAddressed = parts.contains(where: \.isAddressed)
        event.answersBot = parts.contains(where: \.answersBot)
        event.answered = parts.lazy.compactMap(\.answered).first
        return event
    }
}

/// One person's events in one chat, oldest first. Its length is bounded whatever comes.
struct WaitingLine: Sendable {
    /// How much may wait.
    struct Limits: Sendable {
        /// Beyond this, texts and commands are dropped.
        var words = 30
        /// Beyond this, files and presses are, too.
        var all = 60
        /// Telegram's albums have no more parts.
        var albumParts = 10
    }

    private(set) var items: [Waiting] = []
    /// Where to say that something was left out; said once for as long as something waits.
    var excuse: Place?
    private var hasExcused = false
    /// Whether the one before is being answered.
    var isBusy = false
    /// Whether it is among those whose turn comes.
    var isQueued = false

    /// Whether the first one can be answered now.
    var isReady: Bool { items.first.map { $0.gathering == nil } ?? false }
    var isEmpty: Bool { items.isEmpty && !isBusy }

    /// Puts an event at the end, or into the album that it is a part of.
    /// - Returns: updates that will not be answered, because they are said again later or are too many.
    mutating func add(
        _ event: Event, update: Int64, now: ContinuousClock.Instant, limits: Limits
    ) -> [Int64] {
        var left: [Int64] = []
        switch event.deed {
        case .command, .text:
            // Between two files or presses, the same words need one answer.
            if let same = lastItems(where: \.isWords).first(where: { items[$0].event.deed == event.deed }) {
                left += items.remove(at: same).updates
            }
            guard items.count < limits.words else { return leaveOut(event, update, left) }
        case .edited:
            guard items.count < limits.words else { return left + [update] }
        case .joined, .left:
            // Only how it ended counts.
            for place in lastItems(where: \.isStanding) { left += items.remove(at: place).updates }
        case .moved: break
        case .press, .album:
            guard items.count < limits.all else { return leaveOut(event, update, left) }
        case .file(_, _, let album):
            if let album {
                if let place = items.firstIndex(where: { $0.gathering?.id == album }) {
                    items[place].updates.append(update)
                    items[place].gathering?.parts.append(event)
                    items[place].gathering?.latest = now
                    if items[place].updates.count >= limits.albumParts { close(at: place) }
                    return left
                }
            }
            guard items.count < limits.all else { return leaveOut(event, update, left) }
            let gathering = album.map { Waiting.Gathering(id: $0, parts: [event], latest: now) }
            items.append(Waiting(event: event, updates: [update], gathering: gathering))
            return left
        }
        items.append(Waiting(event: event, updates: [update]))
        return left
    }

    /// The places of the last items that all are of a kind, last one first.
    private func lastItems(where isOfKind: (Event) -> Bool) -> [Int] {
        items.indices.reversed().prefix { isOfKind(items[$0].event) }.map(\.self)
    }

    private mutating func leaveOut(_ event: Event, _ update: Int64, _ left: [Int64]) -> [Int64] {
        // What people say to each other in a group is no concern of theirs here.
        if event.isAddressed, !hasExcused { (excuse, hasExcused) = (event.place, true) }
        return left + [update]
    }

    /// Takes the first one out.
    mutating func next() -> Waiting? {
        guard isReady else { return nil }
        let item = items.removeFirst()
        if items.isEmpty { hasExcused = false }
        return item
    }

    /// When the latest part of an album came that is still gathered.
    func latest(album: String) -> ContinuousClock.Instant? {
        items.first { $0.gathering?.id == album }?.gathering?.latest
    }

    /// The albums that are gathered.
    var albums: [String] { items.compactMap { $0.gathering?.id } }

    /// Nothing more comes for an album.
    mutating func close(album: String) {
        if let place = items.firstIndex(where: { $0.gathering?.id == album }) { close(at: place) }
    }

    /// Begins all waits for parts anew.
    mutating func wait(from now: ContinuousClock.Instant) {
        for place in items.indices { items[place].gathering?.latest = now }
    }

    private mutating func close(at place: Int) {
        items[place].event = items[place].whole
        items[place].gathering = nil
    }
}

extension Event {
    fileprivate var isWords: Bool {
        switch deed {
        case .command, .text: true
        default: false
        }
    }

    fileprivate var isStanding: Bool { deed == .joined || deed == .left }
}
