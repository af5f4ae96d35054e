// Loaded models, shared: each is loaded once however many ask.
internal import Errors
package import Foundation
internal import Synchronization

/// Hands out loaded models. A model is loaded once per policy, however many threads ask at the same time; the others
/// wait for that load. A failed load is reported to all who wait, and tried again at the next ask.
///
/// All calls block (loading takes from milliseconds to seconds): make them from an engine thread
/// (``onEngineThread(_:_:)``), never from the cooperative pool.
package final class ModelLibrary: Sendable {
    /// What the library keeps: a session that can also be held weakly.
    package typealias LoadedSession = InferenceSession & AnyObject

    /// The library over this machine's installation.
    package static let shared = ModelLibrary(Installation())

    private struct Key: Hashable {
        let id: String
        let policy: ExecutionPolicy
    }

    /// One load in progress, for those who wait on it.
    private final class Flight: Sendable {
        private let outcome = Mutex<Result<any LoadedSession, any Error>?>(nil)
        private let landed = NSCondition()

        func land(_ result: Result<any LoadedSession, any Error>) {
            landed.lock()
            outcome.withLock { $0 = result }
            landed.broadcast()
            landed.unlock()
        }

        func wait() throws -> any LoadedSession {
            landed.lock()
            defer { landed.unlock() }
            while true {
                if let result = outcome.withLock({ $0 }) { return try result.get() }
                landed.wait()
            }
        }
    }

    /// A loaded model. `kept` is dropped to unload it; whoever still uses it keeps `alive`.
    private struct Entry {
        var kept: (any LoadedSession)?
        weak var alive: (any LoadedSession)?
        var lastAsked: ContinuousClock.Instant
    }

    private struct State {
        var flights: [Key: Flight] = [:]
        var entries: [Key: Entry] = [:]
        var loads = 0
    }

    private enum Step {
        case ready(any LoadedSession)
        case wait(Flight)
        case load(Flight)
    }

    private let state = Mutex(State())
    private let load: Loader
    private let locate: @Sendable (String) throws -> URL

    /// Loads a model by id, as a policy says; measures on what the probe makes where there is something to measure.
    package typealias Loader =
        @Sendable (_ id: String, _ policy: ExecutionPolicy, _ probe: BackendChoice.Probe?) throws -> any LoadedSession

    /// Makes a library that loads as `load` says, and finds models' files as `locate` says.
    package init(
        probing load: @escaping Loader,
        locating locate: @escaping @Sendable (_ id: String) throws -> URL = { id in
            throw MasqueError(.missingModel, "The model “\(id)” has no file.")
        }
    ) {
        self.load = load
        self.locate = locate
    }

    /// Makes a library that loads as `load` says and measures nothing.
    package convenience init(
        loading load: @Sendable @escaping (_ id: String, _ policy: ExecutionPolicy) throws -> any LoadedSession
    ) {
        self.init(probing: { id, policy, _ in try load(id, policy) })
    }

    /// How many loads were begun so far.
    package var loadCount: Int { state.withLock { $0.loads } }

    /// The loaded model `id`.
    /// - Parameter probe: makes a typical input, on which the automatic backend measures (see ``BackendChoice``) the
    ///   first time that this machine loads the model; without one it measures on noise.
    /// - Throws: `.missingModel`, `.damagedModel`, or `.failed` when the runtime or provider fails.
    package func session(
        _ id: String, policy: ExecutionPolicy = ExecutionPolicy(), probe: BackendChoice.Probe? = nil
    ) throws -> any InferenceSession {
        let key = Key(id: id, policy: policy)
        switch state.withLock({ Self.step(&$0, key) }) {
        case .ready(let session): return session
        case .wait(let flight): return try flight.wait()
        case .load(let flight):
            let result = Result { try RuntimeClock.loading { try load(id, policy, probe) } }
            state.withLock { state in
                state.flights[key] = nil
                if case .success(let session) = result {
                    state.entries[key] = Entry(
                        kept: policy.memory == .strict ? nil : session, alive: session, lastAsked: .now)
                }
            }
            flight.land(result)
            return try result.get()
        }
    }

    /// The verified file of a model, for what a session does not tell of it.
    /// - Throws: `.missingModel` or `.damagedModel`.
    package func file(_ id: String) throws -> URL { try locate(id) }

    private static func step(_ state: inout State, _ key: Key) -> Step {
        if let session = state.entries[key]?.alive {
            state.entries[key]?.lastAsked = .now
            return .ready(session)
        }
        if let flight = state.flights[key] { return .wait(flight) }
        let flight = Flight()
        state.flights[key] = flight
        state.loads += 1
        return .load(flight)
    }

    /// Lets go of models of the moderate strategy that nobody asked for since `age`; of all models when `all`. A
    /// model in use stays until its last user lets go, and is handed out again meanwhile.
    package func unloadIdle(olderThan age: Duration = .seconds(60), all: Bool = false) {
        // Released after the lock: unloading joins threads.
        let released = state.withLock { state in
            var released: [any LoadedSession] = []
            for (key, entry) in state.entries where all || key.policy.memory != .tolerant {
                guard all || entry.lastAsked.duration(to: .now) >= age else { continue }
                if let kept = entry.kept { released.append(kept) }
                state.entries[key]?.kept = nil
                if entry.kept == nil && entry.alive == nil { state.entries[key] = nil }
            }
            return released
        }
        _ = consume released
    }
}
