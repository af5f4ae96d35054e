// The folder of a video swap's finished parts.

internal import Errors
internal import Files
internal import Foundation
internal import Inference
internal import ModelFiles
internal import VideoIO

/// The finished parts of one video swap, kept so that a later run of the same swap goes on behind the last of them.
///
/// Every part is two files: `segment-00000.packets`, and `segment-00000.json` with what is known of it and the memory
/// before the next frame. Both appear whole or not at all, the second after the first has reached the disk; so a part
/// counts once its second file is there and the first one's digest is right. All files name the key of their swap, a
/// digest of the content of all inputs and of all choices: parts of another swap are deleted, never used.
struct VideoCheckpoint: Sendable {
    /// One finished part.
    struct Part: Sendable, Codable {
        let version: Int
        let key: String
        let number: Int
        let summary: SegmentSummary
        /// The memory before the next part's first frame; `nil` when the video ended.
        let next: VideoState?
        /// Counts at the end of the part.
        let tally: VideoTally.Swapped
        let seen: Set<Int>
        let frames: Int
        /// What the reader had to say so far.
        let warnings: [String]
    }
    /// What the content gate found.
    private struct Passed: Codable {
        let version: Int
        let key: String
        let frames: Int
    }

    private static let version = 2
    private let folder: String
    private let key: String
    private let target: String
    private let stamp: FileStamp
    /// Frames of one part.
    let length: Int

    /// Opens the folder, making it if needed, and deletes what another swap left there.
    ///
    /// - Parameter stamp: the target's, taken before anything of it was read.
    /// - Throws: ``MasqueError`` when an input cannot be read or the folder cannot be made.
    init(folder: String, work: MediaWork, stamp: FileStamp) throws {
        self.folder = folder
        self.stamp = stamp
        target = work.request.target
        length = work.request.checkpointFrames
        key = try Self.key(work.request, positions: work.positions, needed: work.needed)
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw MasqueError(
                .badInput, "The folder “\(folder)” for finished parts cannot be made.",
                advice: "Name a folder that may be written to.", cause: error)
        }
        let first = read(Part.self, Self.partName(0))?.key, passed = read(Passed.self, Self.gateName)?.key
        if (first ?? key) != key || (passed ?? key) != key { clear(from: 0) }
    }

    // MARK: The content gate

    /// The number of frames of the target, once it has passed the gate with all of its content and this program's gate.
    var checkedFrames: Int? {
        guard let passed = read(Passed.self, Self.gateName), passed.version == Self.version, passed.key == key else {
            return nil
        }
        return passed.frames
    }

    /// Remembers that the target passed the gate.
    ///
    /// - Throws: also `.badInput` when it is not the file any more whose content the key names.
    func passedGate(frames: Int) throws {
        try checkTarget()
        try write(Passed(version: Self.version, key: key, frames: frames), Self.gateName)
    }

    // MARK: Parts

    /// The finished parts that follow each other from the first on and are sound; all others are deleted.
    func parts(accept: (String, SegmentSummary) -> Bool) -> [Part] {
        var parts: [Part] = []
        while let part = read(Part.self, Self.partName(parts.count)), part.version == Self.version, part.key == key,
            part.number == parts.count, accept(packets(parts.count), part.summary)
        {
            parts.append(part)
            if part.next == nil { break }
        }
        clear(from: parts.count)
        return parts
    }

    /// Refuses to remember anything of a file that was written to since its content was looked at.
    private func checkTarget() throws {
        guard try stamp.fits(target) else {
            clear(from: 0)
            throw VideoWork.changed(URL(fileURLWithPath: target).lastPathComponent)
        }
    }

    /// Remembers a part whose packets have reached the disk; throws as ``passedGate(frames:)``.
    func finished(
        _ number: Int, _ summary: SegmentSummary, next: VideoState?, tally: VideoTally.Swapped, seen: Set<Int>,
        frames: Int, warnings: [String]
    ) throws {
        try checkTarget()
        let part = Part(
            version: Self.version, key: key, number: number, summary: summary, next: next, tally: tally, seen: seen,
            frames: frames, warnings: warnings)
        try write(part, Self.partName(number))
    }

    /// Where a part's packets lie.
    func packets(_ number: Int) -> String { path(Self.stem(number) + ".packets") }

    /// Deletes the parts from `number` on and what a run that was killed left half written; from 0 on also the gate's
    /// finding.
    func clear(from number: Int) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names {
            let isHalf = name.hasPrefix(".segment-") || name.hasPrefix("." + Self.gateName)
            let isGate = number == 0 && name == Self.gateName && checkedFrames == nil
            let isLater = Self.number(of: name).map { $0 >= number } ?? false
            if isHalf || isGate || isLater { try? FileManager.default.removeItem(atPath: path(name)) }
        }
    }

    // MARK: Files

    private static let gateName = "gate.json"
    private static func stem(_ number: Int) -> String {
        let digits = String(number)
        return "segment-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
    private static func partName(_ number: Int) -> String { stem(number) + ".json" }
    private static func number(of name: String) -> Int? {
        guard name.hasPrefix("segment-") else { return nil }
        return Int(name.dropFirst("segment-".count).prefix { $0 != "." })
    }
    private func path(_ name: String) -> String { folder + "/" + name }

    private func read<T: Decodable>(_ type: T.Type, _ name: String) -> T? {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard FileManager.default.fileExists(atPath: path(name)),
            let bytes = try? readFile(at: path(name), maxBytes: 256_000_000)
        else { return nil }
        return try? decoder.decode(T.self, from: Data(bytes))
    }

    private func write(_ value: some Encodable, _ name: String) throws {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        try writeFile([UInt8](encoder.encode(value)), to: path(name), overwrite: true)
    }

    /// The digest of everything that the result depends on: the inputs' content, the choices and this program.
    private static func key(_ request: MediaRequest, positions: [Int], needed: [Int]) throws -> String {
        var choices = request
        let inputs = try (request.sources + [request.target] + request.references + [request.voice].compactMap(\.self))
            .map { path in
                try SHA256.hex(ofFileAt: path)
            }
        choices.sources = []
        choices.target = ""
        choices.references = []
        choices.voice = request.voice.map { _ in "" }
        choices.output = (request.output as NSString).pathExtension.lowercased()
        choices.overwrite = false
        choices.checkpoint = nil
        choices.previewFolder = nil
        choices.previewInterval = 0
        choices.pairs = nil
        choices.targetIsImmutable = false
        choices.notes = []
        let lines = [
            Version.product, "\(version)", "\(ContentGate.model) \(ContentGate.threshold) \(ContentGate.videoShare)",
            "\(positions) \(needed)", String(describing: choices),
        ]
        return SHA256.hex(Array((lines + inputs).joined(separator: "\n").utf8))
    }
}
