// Adds up the progress of a model's files.

internal import Synchronization

/// The progress of several downloads as one.
final class ProgressSum: Sendable {
    private let parts: Mutex<[DownloadProgress]>

    init(_ count: Int) { parts = Mutex(Array(repeating: DownloadProgress(bytes: 0, total: nil), count: count)) }

    /// Sets one and gives the sum; the total is known when all are.
    func set(_ progress: DownloadProgress, at place: Int) -> DownloadProgress {
        parts.withLock { parts in
            parts[place] = progress
            let totals = parts.compactMap(\.total)
            return DownloadProgress(
                bytes: parts.reduce(0) { $0 + $1.bytes }, total: totals.count == parts.count ? totals.reduce(0, +) : nil
            )
        }
    }
}
