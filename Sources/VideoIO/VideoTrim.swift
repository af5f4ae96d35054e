// Which part of a video is meant.

package import Errors

/// A part of a video: from `start` up to but not including `end`.
package struct VideoTrim: Sendable, Hashable {
    /// A place in a video.
    package enum Mark: Sendable, Hashable {
        /// Seconds from the video's beginning.
        case seconds(Double)
        /// A frame's number in display order, from 0.
        case frame(Int)
    }

    /// The first moment; nil is the beginning.
    package var start: Mark?
    /// The first moment that is left out; nil is the end.
    package var end: Mark?

    /// The whole video.
    package static let all = VideoTrim(start: nil, end: nil)

    /// Makes a part.
    package init(start: Mark?, end: Mark?) {
        self.start = start
        self.end = end
    }

    /// Reads "2.5..7", "00:01:02..", "..90f", "30f..60f": seconds, clock times or frame numbers with an "f".
    ///
    /// - Throws: ``MasqueError/Code/badInput`` for anything else, and when the end is not after the start.
    package init(_ text: String) throws(MasqueError) {
        let bad = MasqueError(
            .badInput, "“\(text)” is not a part of a video.",
            advice: "Write start..end in seconds (2.5..7), clock time (1:02..1:10) or frames (30f..60f).")
        guard let gap = text.firstRange(of: "..") else { throw bad }
        let sides = [text[..<gap.lowerBound], text[gap.upperBound...]]
        var marks: [Mark?] = []
        for side in sides {
            guard let mark = VideoTrim.mark(side) else { throw bad }
            marks.append(mark)
        }
        self.init(start: marks[0], end: marks[1])
        switch (start, end) {
        case (.seconds(let a), .seconds(let b)) where b <= a: throw bad
        case (.frame(let a), .frame(let b)) where b <= a: throw bad
        default: break
        }
    }

    /// The mark that a word names; the outer nil means that it names none, the inner that it is empty.
    private static func mark(_ word: Substring) -> Mark?? {
        if word.isEmpty { return .some(nil) }
        if word.hasSuffix("f") {
            guard let n = Int(word.dropLast()), n >= 0 else { return .none }
            return .some(.frame(n))
        }
        var seconds = 0.0
        let parts = word.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return .none }
        for part in parts {
            guard part.allSatisfy({ "0123456789.".contains($0) }) else { return .none }
            guard let value = Double(part), value >= 0, value < 1e7 else { return .none }
            seconds = seconds * 60 + value
        }
        return .some(.seconds(seconds))
    }
}
