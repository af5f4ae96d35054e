// One line of progress for each download that runs.

internal import Foundation
internal import ModelStore
internal import Synchronization

/// Draws the running downloads on a terminal, one line each, and says on anything else when each begins and ends.
final class PullDisplay: Sendable {
    private struct State {
        var running: [(name: String, progress: DownloadProgress)] = []
        var drawn = 0
        var last: ContinuousClock.Instant?
    }
    private let state = Mutex(State())
    private let isLive: Bool
    private let width: Int

    init(names: [String], isLive: Bool) {
        self.isLive = isLive
        width = names.map(\.count).max() ?? 0
    }

    func note(_ progress: DownloadProgress, of name: String) {
        state.withLock { state in
            if let place = state.running.firstIndex(where: { $0.name == name }) {
                state.running[place].progress = progress
            } else {
                state.running.append((name, progress))
                if !isLive { Console.err("\(name): fetching \(modelSize(progress.total))") }
            }
            let now = ContinuousClock.now
            guard isLive, state.last.map({ $0.duration(to: now) > .milliseconds(100) }) ?? true else { return }
            state.last = now
            draw(&state)
        }
    }

    func end(_ name: String, _ words: String) {
        state.withLock { state in
            state.running.removeAll { $0.name == name }
            clear(&state)
            Console.err("\(name): \(words)")
            if isLive { draw(&state) }
        }
    }

    /// Lets something be said without a tear in the lines.
    func say(_ body: () -> Void) {
        state.withLock { state in
            clear(&state)
            body()
            if isLive { draw(&state) }
        }
    }

    private func clear(_ state: inout State) {
        if state.drawn > 0 { Console.errRaw("\u{1B}[\(state.drawn)A\u{1B}[J") }
        state.drawn = 0
    }

    private func draw(_ state: inout State) {
        clear(&state)
        for (name, progress) in state.running {
            let done = modelSize(progress.bytes)
            let text =
                progress.total.map { total in
                    let part = total > 0 ? Double(progress.bytes) / Double(total) : 1
                    return String(format: "%3.0f %%  ", (part * 100).rounded(.down)) + "\(done) of \(modelSize(total))"
                } ?? done
            let line = name + String(repeating: " ", count: width - name.count) + "  " + text
            Console.errRaw(String(line.prefix(Console.width - 1)) + "\n")
            state.drawn += 1
        }
    }
}
