// A job whose end somebody in a chat waits for.

package import JobQueue

/// What is kept of it, until the result was sent.
package struct Delivery: Sendable, Codable, Equatable {
    /// How far it is.
    package enum Phase: String, Sendable, Codable {
        /// The job is on its way; the status message tells how far.
        case following
        /// The result was about to be sent when this was written: it may have come or not.
        case sending
        /// Nobody knows whether it came, and the status message asks.
        case asking
        /// The result is in the chat; the status message may have to go still.
        case sent
        /// The job failed: kept for a while, so that it can be tried again in the same place.
        case failed
    }
    package var job: JobID
    package var chat: Int64
    package var isGroup: Bool
    package var thread: Int?
    package var user: Int64
    /// The message that the result answers, in groups.
    package var replyTo: Int?
    /// The status message.
    package var status: Int?
    /// The language of the person, by its tag.
    package var language: String?
    package var phase = Phase.following
    /// Whether the result is to come as a file, byte for byte, instead of as a photo or video. Beside the first delivery.
    package var isFile = false
    /// What the status message shows, as far as it is known: the same is never written again.
    package var shown: String?
    /// A status message was about to be sent when this was written; without a number it may be there or not.
    package var isAnnounced: Bool?

    package init(
        job: JobID, chat: Int64, isGroup: Bool, thread: Int?, user: Int64, replyTo: Int?, status: Int?,
        language: String?
    ) {
        (self.job, self.chat, self.isGroup, self.thread, self.user) = (job, chat, isGroup, thread, user)
        (self.replyTo, self.status, self.language) = (replyTo, status, language)
    }

    package static let collection = "bot-delivery"
    package var key: DocumentKey { DocumentKey(Self.collection, name) }
    /// The document's name: a job's result may be on its way as it is and as a file at once.
    var name: String { Self.name(job, isFile: isFile) }

    static func name(_ job: JobID, isFile: Bool) -> String { isFile ? "\(job.rawValue):file" : job.rawValue }

    /// The place that it is for, as far as messages need it.
    var place: Place {
        Place(
            chat: chat, isGroup: isGroup, thread: thread, user: user, firstName: "", languageTag: language,
            message: replyTo ?? 0)
    }
}
