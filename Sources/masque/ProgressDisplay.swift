// Progress as it is shown while work is done: a line on a terminal, lines in a log, or JSON.

internal import Studio
internal import Synchronization

/// Shows the progress of one swap; told from any thread.
final class ProgressDisplay: Sendable {
    /// Where and how progress goes.
    enum Style: Sendable {
        /// Nowhere.
        case none
        /// One line on standard error, drawn again and again.
        case line
        /// A line on standard error every few seconds.
        case log
        /// A JSON object on standard output at each stage and a few times a second.
        case json

        /// The shortest time between two prints of one stage.
        var interval: Duration {
            switch self {
            case .none, .line: .milliseconds(100)
            case .log: .seconds(4)
            case .json: .milliseconds(250)
            }
        }
    }

    private struct State {
        var pace: ProgressPace?
        let start = ContinuousClock.now
        var lastPrint: ContinuousClock.Instant?
        var ended = false
    }

    private let style: Style
    private let item: (index: Int, count: Int)?
    private let state = Mutex(State())

    /// Makes a display; `item` is the place in a batch, from 0.
    init(style: Style, item: (index: Int, count: Int)?) {
        self.style = style
        self.item = item
    }

    /// Takes a piece of progress and shows it if it is time.
    func show(_ progress: MediaProgress) {
        if case .none = style { return }
        state.withLock { state in
            guard !state.ended else { return }
            let now = ContinuousClock.now
            let isNewStage = state.pace?.stage != progress.stage
            if isNewStage { state.pace = ProgressPace(progress, at: now) }
            let isLast = progress.frames > 0 && progress.frame == progress.frames
            if case .log = style {
                // Work that ends soon says nothing but its result.
                guard now - (state.lastPrint ?? state.start) >= style.interval else { return }
            } else if let last = state.lastPrint, now - last < style.interval, !isNewStage, !isLast {
                return
            }
            guard let pace = state.pace else { return }
            state.lastPrint = now
            print(progress, pace: pace, now: now)
        }
    }

    /// Clears the line; nothing is shown afterwards.
    func end() {
        state.withLock { state in
            if case .line = style, state.lastPrint != nil { Console.errRaw("\r\u{1B}[K") }
            state.ended = true
        }
    }

    private func print(_ progress: MediaProgress, pace: ProgressPace, now: ContinuousClock.Instant) {
        let rate = pace.framesPerSecond(progress, now: now)
        let left = pace.secondsLeft(progress, now: now)
        switch style {
        case .none: break
        case .line:
            let line = ProgressLine(progress, item: item, framesPerSecond: rate, secondsLeft: left)
            Console.errRaw("\r\u{1B}[K" + line.drawn(width: Console.width, fancy: Console.hasUnicode))
        case .log:
            Console.err(ProgressLine(progress, item: item, framesPerSecond: rate, secondsLeft: left).plain)
        case .json:
            Console.json(
                ProgressEvent(
                    item: item?.index, stage: progress.stage.rawValue, fraction: progress.fraction,
                    frame: progress.frames > 0 ? progress.frame : nil,
                    frames: progress.frames > 0 ? progress.frames : nil, framesPerSecond: rate, secondsLeft: left))
        }
    }
}

/// `{"event":"progress",…}`.
private struct ProgressEvent: Encodable {
    let event = "progress"
    let item: Int?
    let stage: String
    let fraction: Double
    let frame: Int?
    let frames: Int?
    let framesPerSecond: Double?
    let secondsLeft: Double?
}
