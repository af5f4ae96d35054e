// One download of the queue, as it is kept on the disk and told to clients.

package import Foundation

/// A download with its state.
package struct DownloadRecord: Codable, Hashable, Sendable, Identifiable {
    /// The states of jobs, less `draft`.
    package enum State: String, Codable, Sendable, CaseIterable {
        case queued, running, completed, failed, canceled

        /// Whether nothing changes any more.
        package var isFinal: Bool { self != .queued && self != .running }
    }

    /// The webhook that is still to be called.
    package struct PendingHook: Codable, Hashable, Sendable {
        /// How often it was called.
        package internal(set) var attempts = 0
        /// When it is due.
        package internal(set) var next: Date
    }

    package let id: String
    package let link: CivitaiLink
    package internal(set) var state: State
    package internal(set) var progress: FetchProgress
    package internal(set) var result: FetchedModel?
    package internal(set) var failure: DownloadFailure?
    package let createdAt: Date
    package internal(set) var startedAt: Date?
    package internal(set) var endedAt: Date?
    /// Whether a client's own key goes with it; the key itself is kept in memory alone.
    package internal(set) var hasOwnKey: Bool
    package internal(set) var hook: PendingHook?

    init(id: String, link: CivitaiLink, hasOwnKey: Bool, createdAt: Date) {
        self.id = id
        self.link = link
        self.hasOwnKey = hasOwnKey
        self.createdAt = createdAt
        state = .queued
        progress = FetchProgress()
    }
}
