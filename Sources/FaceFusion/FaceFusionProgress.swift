// What FaceFusion says while it works, and how far it is by that.

internal import WorkerProtocol

/// Reads the lines that FaceFusion writes: bars as tqdm draws them, and sentences of its log.
struct FaceFusionProgress: Sendable {
    /// A bar's label, the part of the whole (0…100) that it stands for, and Masque's name of the stage.
    private static let bars: [(label: String, stage: String, from: Double, to: Double)] = [
        ("downloading", "loading", 0, 2), ("analysing", "analysing", 2, 10), ("extracting", "analysing", 10, 20),
        ("processing", "swapping", 20, 92), ("merging", "joining", 92, 99),
    ]
    /// Beginnings of sentences of its log (version 3.5), by the bar that is under way from then on.
    private static let sentences: [(beginning: String, bar: Int, part: Double)] = [
        ("extracting frames", 2, 0), ("copying image", 3, 0.1), ("processing step", 1, 0), ("merging video", 4, 0),
        ("finalizing image", 4, 0.5), ("restoring audio", 4, 1),
    ]
    /// How far it is: never falls.
    private(set) var percent = 0.0
    private(set) var stage = "loading"
    /// What its log said since it began the step, without what it says at each end.
    private(set) var remarks: [String] = []
    /// Whether it began the step, so its settings and models were in order so far.
    private(set) var hasBegun = false

    /// Takes a line.
    ///
    /// - Returns: how far it is now, when the line says something of it.
    mutating func take(_ line: String) -> WorkProgress? {
        let text = Self.plain(line)
        if let (bar, part, rate) = Self.bar(text) {
            // Frames are counted for the swap alone, as Masque's own engine does.
            return move(to: bar, part, rate: Self.bars[bar].label == "processing" ? rate : nil)
        }
        guard text.hasPrefix("[") else {
            // A traceback, or what a library complains of.
            if hasBegun, !text.allSatisfy(\.isWhitespace), !text.contains("onnxruntime") { remark(text) }
            return nil
        }
        let sentence = text.drop { $0 != "]" }.dropFirst().trimmingPrefix { $0 == " " }.lowercased()
        if sentence.hasPrefix("processing step") {
            hasBegun = true
            remarks = []
        } else if !sentence.hasPrefix("processing of job"), !sentence.hasPrefix("processing job") {
            remark(String(sentence))
        }
        guard let known = Self.sentences.first(where: { sentence.hasPrefix($0.beginning) }) else { return nil }
        return move(to: known.bar, known.part, rate: nil)
    }

    private mutating func remark(_ text: String) {
        if remarks.count < 50 { remarks.append(String(text.prefix(300))) }
    }

    private mutating func move(to bar: Int, _ part: Double, rate: Double?) -> WorkProgress? {
        let bar = Self.bars[bar]
        let reached = bar.from + (bar.to - bar.from) * min(max(part, 0), 1)
        guard reached >= percent else { return nil }
        percent = reached
        stage = bar.stage
        return WorkProgress(stage: stage, percent: percent, framesPerSecond: rate)
    }

    /// A bar as tqdm draws it: `processing:  40%|====      | 4/10 [00:02<00:03,  2.00frame/s, …]`.
    private static func bar(_ text: String) -> (bar: Int, part: Double, rate: Double?)? {
        guard let colon = text.firstIndex(of: ":"), let mark = text.firstIndex(of: "%"), colon < mark else {
            return nil
        }
        let label = text[..<colon].trimmingPrefix { $0 == " " }
        let figure = text[text.index(after: colon)..<mark].trimmingPrefix { $0 == " " }
        guard let bar = bars.firstIndex(where: { label == $0.label }), let percent = Int(figure),
            (0...100).contains(percent)
        else { return nil }
        var rate: Double?
        for word in text[mark...].split(whereSeparator: { $0 == " " || $0 == "," || $0 == "]" }) {
            if let figure = number(word, before: "frame/s"), figure > 0 { rate = figure }
            // Slower than one frame a second it counts the other way round.
            if let figure = number(word, before: "s/frame"), figure > 0 { rate = 1 / figure }
        }
        return (bar, Double(percent) / 100, rate)
    }

    private static func number(_ word: Substring, before unit: String) -> Double? {
        guard word.hasSuffix(unit) else { return nil }
        return Double(word.dropLast(unit.count)).flatMap { $0.isFinite ? $0 : nil }
    }

    /// Without the colours of terminals.
    private static func plain(_ line: String) -> String {
        guard line.contains("\u{1B}") else { return line }
        var result = "", isInside = false
        for character in line {
            if character == "\u{1B}" {
                isInside = true
            } else if !isInside {
                result.append(character)
            } else if character.isLetter {
                isInside = false
            }
        }
        return result
    }
}
