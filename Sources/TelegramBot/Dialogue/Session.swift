// Where a person stands in a chat: what has been chosen and sent so far. Kept in the database after every step.

package import Foundation
internal import JobQueue
internal import Services

/// One person in one chat. Two people in one group have nothing to do with each other.
package struct SessionKey: Sendable, Hashable {
    package let chat: Int64
    package let user: Int64

    package init(chat: Int64, user: Int64) {
        self.chat = chat
        self.user = user
    }

    package init(_ place: Place) { self.init(chat: place.chat, user: place.user) }

    static let folder = "bot-session"
    var document: DocumentKey { DocumentKey(Self.folder, "\(chat):\(user)") }
}

/// What comes next.
package enum Step: String, Sendable, Codable {
    /// Somebody must say that he may use the faces that he sends.
    case terms
    /// A mode must be chosen.
    case mode
    /// Photo 1, whose face is taken.
    case source
    /// The photo or video that the face goes into.
    case target
    /// Which moment of a video shows the face.
    case frame
    /// Who becomes whom, where there is a choice.
    case faces
    /// Yes or no.
    case confirm
}

/// A session as it is kept.
package struct Session: Sendable, Codable, Equatable {
    package var step = Step.mode
    package var mode: String?
    /// The draft that the files are in.
    package var job: String?
    package var source: HeldFile?
    package var target: HeldFile?
    /// The files that are in the draft, by their unique ids.
    var sourceIn: String?
    var targetIn: String?
    /// How many faces were found in each; of a video in the chosen frame.
    var sourceFaces: Int?
    var targetFaces: Int?
    /// Frames a second and seconds of the target video.
    var framesPerSecond: Double?
    var duration: Double?
    /// Seconds into the target video.
    package var referenceTime: Double?
    /// Face of the target → face of the source; nil: as it is by itself.
    package var map: [Int: Int]?
    /// Whether the questions for moment and faces were answered, or passed over.
    var hasMoment = false
    var hasFaces = false
    /// Whether source and target came as an album, which goes straight to the confirmation.
    var isStraight = false
    /// Whether the two photos were exchanged after they came.
    var isFlipped = false
    /// The message whose buttons hold now.
    package var menu: Int?
    /// Whether that message is a text, which can be changed into another.
    var isMenuText = false
    /// Files that came before the person had agreed to the terms; they are taken up afterwards.
    package var waiting: [HeldFile] = []
    /// The person's latest message, which answers refer to in groups.
    var anchor: Int?
    /// When the person last did something here.
    package var touchedAt: Date?
    /// An update whose doing is done, and only what is shown then is not.
    var unshown: Int64?
    /// What was said to an update besides.
    struct Remarks: Sendable, Codable, Equatable {
        var update: Int64
        var texts: [String] = []
    }
    /// The latest ones, those included of which nobody knows whether they came.
    var remarks: Remarks?
    /// Updates that were answered, newest last: what is delivered again is not answered again.
    package var answered: [Int64] = []

    package init() {}

    /// Forgets what was sent; keeps what was answered.
    package mutating func clear() {
        let (answered, touchedAt, anchor, remarks) = (answered, touchedAt, anchor, remarks)
        self = Session()
        (self.answered, self.touchedAt, self.anchor, self.remarks) = (answered, touchedAt, anchor, remarks)
    }

    /// The mode that was chosen, where there is one of that name.
    var chosen: Mode? { mode.flatMap(Mode.named) }

    /// The draft that the files are in.
    var draft: JobID? { job.map { JobID(rawValue: $0) } }

    /// Whether anything was chosen or sent.
    var isEmpty: Bool { mode == nil && source == nil && target == nil && waiting.isEmpty }

    mutating func note(update: Int64) {
        if answered.last != update { answered = Array((answered + [update]).suffix(20)) }
    }
}

extension Mode {
    /// Whether the target is of the kind that the mode's face goes into.
    func takes(_ target: HeldFile) -> Bool { (lane == .video) == target.isVideo }
}

/// What is kept of a person, over all chats.
package struct Person: Sendable, Codable, Equatable {
    package var firstName: String?
    /// The language that was chosen; nil: Telegram's.
    package var language: String?
    /// Telegram's, when the person last did something.
    package var languageTag: String?
    /// When the person said that he may use the faces that he sends.
    package var agreedAt: Date?
    /// The last source, for «same face again».
    package var lastSource: HeldFile?
    package var lastMode: String?
    /// The job that had them.
    var lastJob: String?
    package var isBanned = false
    /// Whether there is a private chat to write to, and the bot is not blocked in it.
    package var isReachable = false
    package var firstSeen: Date?
    package var lastSeen: Date?
    /// When swaps were begun in the last hour.
    package var starts: [Date] = []

    package init() {}

    /// The swaps that were begun within the hour before `now`.
    func recentStarts(_ now: Date) -> [Date] { starts.filter { now.timeIntervalSince($0) < 3600 } }

    /// Counts a swap that is begun now; older ones than an hour are not kept.
    mutating func noteStart(_ now: Date) { starts = recentStarts(now) + [now] }
}
