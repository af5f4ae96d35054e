// One who listens to a job: what it still has to be told, in bounded memory.

internal import Synchronization

/// Stands between the feed, which offers events, and the consumer of one stream, which takes them when it can.
///
/// First, and whenever it could not keep up, it reads the store itself; `isBehind` says that it must. While it is behind,
/// offers are ignored, because the store has them; while it reads, offers are kept and those that were read are dropped.
final class EventListener: Sendable {
    private struct State {
        /// The number of the newest event that was taken.
        var last: Int64
        /// Not yet taken, in order.
        var waiting: [JobEvent] = []
        var isBehind = true
        /// Nothing more is offered; what waits is still told.
        var isEnding = false
        /// All is told.
        var isOver = false
        /// Whether the store was asked before.
        var hasRead = false
    }

    private enum Step {
        case tell(JobEvent), end, read(after: Int64, isFirst: Bool), wait
    }

    private static let limit = 64

    private let job: JobID
    private let store: any JobStore
    private let state: Mutex<State>
    private let bell = Bell()

    init(job: JobID, after number: Int64, store: any JobStore) {
        self.job = job
        self.store = store
        state = Mutex(State(last: number))
    }

    /// A new event of the job; of progress in one stage only the newest is kept.
    func offer(_ event: JobEvent) {
        state.withLock { state in
            guard !state.isBehind, event.number > (state.waiting.last?.number ?? state.last) else { return }
            if event.kind == .progress, let old = state.waiting.last, old.kind == .progress,
                old.stage == event.stage, old.attempts == event.attempts
            {
                state.waiting.removeLast()
            }
            state.waiting.append(event)
            if state.waiting.count > Self.limit {
                state.waiting.removeAll()
                state.isBehind = true
            }
        }
        bell.ring()
    }

    /// Has it look at the store again.
    func reread() {
        state.withLock { $0.isBehind = true }
        bell.ring()
    }

    /// Nothing more will be offered.
    func end() {
        state.withLock { $0.isEnding = true }
        bell.ring()
    }

    /// The next event; nil at the end, and when the task is cancelled.
    func next() async throws -> JobEvent? {
        while !Task.isCancelled {
            switch step() {
            case .tell(let event): return event
            case .end: return nil
            case .wait: await bell.wait()
            case .read(let number, let isFirst):
                do { try await read(after: number, isFirst: isFirst) } catch {
                    state.withLock { $0.isBehind = true }
                    throw error
                }
            }
        }
        return nil
    }

    private func step() -> Step {
        state.withLock { state in
            if state.isOver { return .end }
            if !state.waiting.isEmpty {
                let event = state.waiting.removeFirst()
                state.last = event.number
                state.isOver = event.state.isFinal
                return .tell(event)
            }
            if state.isBehind {
                state.isBehind = false
                defer { state.hasRead = true }
                return .read(after: state.last, isFirst: !state.hasRead)
            }
            return state.isEnding ? .end : .wait
        }
    }

    private func read(after number: Int64, isFirst: Bool) async throws {
        let limit = Self.limit
        var page = try await store.events(of: job, after: number, limit: limit)
        if page.isEmpty, isFirst {
            // Either all is told already, or nothing is there.
            let found = try await store.job(job, owner: nil)
            if found?.state.isFinal ?? true {
                // It may have ended just now.
                page = try await store.events(of: job, after: number, limit: limit)
                if page.isEmpty {
                    state.withLock { $0.isOver = true }
                    return
                }
            }
        }
        state.withLock { state in
            if page.count == limit || state.isBehind {
                state.waiting = page
                state.isBehind = true
            } else {
                let read = page.last?.number ?? number
                state.waiting = page + state.waiting.filter { $0.number > read }
            }
        }
    }
}
