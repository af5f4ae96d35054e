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

    package init(
        job: JobID, chat: Int64, isGroup: Bool, thread: Int?, user: Int64, replyTo: Int?, status: Int?,
        language: String?
    ) {
        (self.job, self.chat, self.isGroup, self.thread, self.user) = (job, chat, isGroup, thread, user)
        (self.replyTo, self.status, self.language) = (replyTo, status, language)
    }

    package static let collection = "bot-delivery"
    package var key: DocumentKey { DocumentKey(Self.collection, job.rawValue) }
}
