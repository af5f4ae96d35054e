// A piece of progress in words and as a bar.

internal import Foundation
internal import Studio

/// One line of progress.
struct ProgressLine {
    private let head: String
    private let fraction: Double
    /// What stands behind the bar, the most important first.
    private let tail: [String]

    /// Puts the words together.
    init(_ progress: MediaProgress, item: (index: Int, count: Int)?, framesPerSecond: Double?, secondsLeft: Double?) {
        head = (item.map { "\($0.index + 1)/\($0.count) " } ?? "") + Self.words(progress.stage)
        fraction = progress.fraction
        guard progress.stage != .finishing else {
            tail = []
            return
        }
        var tail = [String(format: "%3.0f %%", (progress.fraction * 100).rounded(.down))]
        if let secondsLeft { tail.append("\(Self.clock(secondsLeft)) left") }
        if let framesPerSecond { tail.append(String(format: "%.1f frames/s", framesPerSecond)) }
        if progress.frames > 0 { tail.append("frame \(progress.frame) of \(progress.frames)") }
        self.tail = tail
    }

    /// The line for a log.
    var plain: String {
        ([head] + tail).map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: ", ")
    }

    /// The line with a bar, no wider than a terminal; what does not fit is left out, the least important first.
    func drawn(width: Int, fancy: Bool) -> String {
        let room = max(width - 1, 0)
        guard !tail.isEmpty else { return String(head.prefix(room)) }
        var parts = tail
        func text(_ parts: [String]) -> String { ([""] + parts).joined(separator: "  ") }
        while !parts.isEmpty, head.count + 9 + text(parts).count > room { parts.removeLast() }
        let bar = min(40, room - head.count - 1 - text(parts).count)
        guard bar >= 4 else { return String((head + text(parts)).prefix(room)) }
        let filled = Int((Double(bar) * fraction).rounded())
        let drawing =
            String(repeating: fancy ? "█" : "#", count: filled)
            + String(repeating: fancy ? "░" : "-", count: bar - filled)
        return head + " " + drawing + text(parts)
    }

    private static func words(_ stage: MediaProgress.Stage) -> String {
        switch stage {
        case .loading: "Getting ready"
        case .checking: "Checking the content"
        case .analysing: "Looking for faces"
        case .swapping: "Swapping"
        case .finishing: "Finishing"
        }
    }

    /// Seconds as 0:05 or 1:02:03.
    private static func clock(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds, 0), 359_999).rounded(.up))
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
    }
}
