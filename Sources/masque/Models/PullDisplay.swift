// One line of progress for each download that runs.

internal import Foundation
internal import ModelStore
internal import Synchronization

/// Draws the running downloads on a terminal, one line each, and says on anything else when each begins and ends.
final class PullDisplay: Sendable {
    private struct State {
        var running: [(name: String, progress: DownloadProgress)] = []
        var asked: Set<String> = []
        var drawn = 0
        var last: ContinuousClock.Instant?
    }
    private let state = Mutex(State())
    private let isLive: Bool
    private let width: Int
    private let verb: String

    /// - Parameter verb: what is done with a model, for who reads no terminal.
    init(names: [String], isLive: Bool, verb: String = "fetching") {
        self.isLive = isLive
        self.verb = verb
        width = names.map(\.count).max() ?? 0
    }

    func note(_ progress: DownloadProgress, of name: String) {
        state.withLock { state in
            if let place = state.running.firstIndex(where: { $0.name == name }) {
                state.running[place].progress = progress
            } else {
                state.running.append((name, progress))
                if !isLive { Console.err(Console.plain("\(name): \(verb) \(modelSize(progress.total))")) }
            }
            let now = ContinuousClock.now
            guard isLive, state.last.map({ $0.duration(to: now) > .milliseconds(100) }) ?? true else { return }
            state.last = now
            draw(&state)
        }
    }

    /// Says which server is asked, each once, and why one is asked again.
    func note(_ notice: DownloadNotice, of name: String) {
        state.withLock { state in
            let text: String
            switch notice {
            case .asking(let host):
                guard state.asked.insert("\(name) \(host)").inserted else { return }
                text = "asking \(host)"
            case .again(let reason, let pause):
                text = "\(reason); again in \(max(1, Int((pause / .seconds(1)).rounded()))) s"
            }
            clear(&state)
            Console.err(Console.plain("\(name): \(text)"))
            if isLive { draw(&state) }
        }
    }

    func end(_ name: String, _ words: String) { drop(name) { Console.err(Console.plain("\(name): \(words)")) } }

    /// Takes a line away and says how it ended.
    func drop(_ name: String, _ body: () -> Void) {
        state.withLock { state in
            state.running.removeAll { $0.name == name }
            clear(&state)
            body()
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
            let line = name + String(repeating: " ", count: max(0, width - name.count)) + "  " + text
            Console.errRaw(String(Console.plain(line).prefix(Console.width - 1)) + "\n")
            state.drawn += 1
        }
    }
}
