// The states of a job, the lanes that work them off, and which way a job may go.

/// `draft → queued → running → completed | failed | canceled`; a failed attempt that will be tried again is `queued` with
/// `attempts` above zero. The words are the ones clients see.
package enum JobState: String, Sendable, Codable, CaseIterable {
    case draft, queued, running, completed, failed, canceled

    /// Whether nothing will change any more but deletion.
    package var isFinal: Bool {
        switch self {
        case .draft, .queued, .running: false
        case .completed, .failed, .canceled: true
        }
    }
}

/// The two queues, apart from each other; each has its own workers, execution provider and memory strategy.
package enum Lane: String, Sendable, Codable, CaseIterable {
    case image, video
}

/// What a job waits for as input.
package enum InputRole: String, Sendable, Codable, CaseIterable {
    /// A picture of the face that is put in; a process call may have several of one person.
    case source
    /// A recording to which mouths move. Clients send it as a source too.
    case voice
    case target
}
