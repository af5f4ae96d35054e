// Which presses of buttons were answered in this run: each must be, and once.

internal import Synchronization

/// The latest presses that were answered.
final class Presses: Sendable {
    private static let remembered = 2_000
    private let answered = Mutex<[String]>([])

    /// Whether a press was answered.
    func isAnswered(_ query: String) -> Bool { answered.withLock { $0.contains(query) } }

    /// A press was answered, or never can be.
    func note(_ query: String) {
        answered.withLock { answered in
            guard !answered.contains(query) else { return }
            if answered.count >= Self.remembered { answered.removeFirst(Self.remembered / 2) }
            answered.append(query)
        }
    }
}
