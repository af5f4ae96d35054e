// What somebody answers to the question for a moment of a video.

/// Seconds, `mm:ss`, or a frame's number.
enum MomentAnswer: Equatable {
    /// Seconds from the beginning.
    case seconds(Double)
    /// A frame, from 0: second × frames a second (swap-jobs contract).
    case frame(Int)

    /// Reads `12.5`, `12,5`, `12 s`, `0:12`, `1:02:03.5` as times and `300`, `#300`, `frame 300` as a frame; nil for
    /// anything else.
    init?(_ text: String) {
        let plain = text.lowercased().replacing(",", with: ".").filter { !$0.isWhitespace }
        if let match = plain.wholeMatch(of: /(?:(\d{1,2}):)?(\d{1,4}):(\d{1,2}(?:\.\d{1,6})?)/) {
            let hours = match.1.flatMap { Double($0) } ?? 0
            guard let minutes = Double(match.2), let seconds = Double(match.3), seconds < 60 else { return nil }
            self = .seconds(hours * 3600 + minutes * 60 + seconds)
        } else if let match = plain.wholeMatch(of: /(\d{1,6}(?:\.\d{1,6})?)(?:s|sec|seconds?|с|сек|секунд[аы]?|초)/),
            let seconds = Double(match.1)
        {
            self = .seconds(seconds)
        } else if let match = plain.wholeMatch(of: /\d{1,6}\.\d{1,6}/), let seconds = Double(match.0) {
            self = .seconds(seconds)
        } else if let match = plain.wholeMatch(of: /(?:#|frame|кадр|프레임)?(\d{1,8})(?:프레임)?/),
            let number = Int(match.1)
        {
            self = .frame(number)
        } else {
            return nil
        }
    }

    /// Seconds from the beginning; nil for a frame where the rate of frames is not known. Looking from there on, the
    /// first frame is the one that is meant.
    func time(framesPerSecond: Double?) -> Double? {
        switch self {
        case .seconds(let seconds): return seconds
        case .frame(let number):
            guard let framesPerSecond, framesPerSecond > 0 else { return nil }
            return max(0, (Double(number) - 0.5) / framesPerSecond)
        }
    }
}

/// `1:02.5` for 62.5 seconds.
func clockText(_ seconds: Double) -> String {
    let tenths = Int((max(0, seconds) * 10).rounded())
    let (minutes, rest) = (tenths / 600, tenths % 600)
    let text = "\(minutes):\(rest / 10 < 10 ? "0" : "")\(rest / 10)"
    return rest % 10 == 0 ? text : "\(text).\(rest % 10)"
}
