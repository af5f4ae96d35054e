// Refuses options that make no sense, each with its own sentence.

internal import Errors
internal import JobQueue

/// What clients call the options that jobs and process calls have under different names.
struct OptionNames: Sendable {
    var detectorModel = "detector_model"
    var detectorScore = "detector_score"
    var outputScale = "output_scale"
    var outputRate = "output_fps"
    var threadCount = "thread_count"

    /// As `options` of a job has them.
    static let jobs = OptionNames()

    /// As the `request` of a process call has them (contract process.md).
    static func process(_ lane: Lane) -> OptionNames {
        OptionNames(
            detectorModel: "face_detector_model", detectorScore: "face_detector_score",
            outputScale: lane == .image ? "output_image_scale" : "output_video_scale", outputRate: "output_video_fps",
            threadCount: "execution_thread_count")
    }
}

extension JobOptions {
    /// - Parameter names: what the client calls them.
    /// - Throws: `.badInput` naming the option, its value and its range.
    func check(_ names: OptionNames = .jobs) throws {
        try JobOptions.check(names.detectorScore, detectorScore, in: 0...1)
        try JobOptions.check(names.outputScale, outputScale.map(Double.init), in: 10...400)
        try JobOptions.check(names.outputRate, outputFPS, in: 1...120)
        try JobOptions.check(names.threadCount, threadCount.map(Double.init), in: 1...32)
        try JobOptions.check("reference_time", referenceTime, in: 0...86400)
        try JobOptions.check("trim_start", trimStart, in: 0...86400)
        try JobOptions.check("trim_end", trimEnd, in: 0...86400)
        if let start = trimStart, let end = trimEnd, start >= end {
            throw MasqueError(
                .badInput, "trim_start (\(start)) is not before trim_end (\(end)).", advice: "Both are in seconds.")
        }
        if let map {
            guard !map.isEmpty, map.count <= 64, map.allSatisfy({ (0..<1000).contains($0) && (0..<1000).contains($1) })
            else {
                throw MasqueError(
                    .badInput, "The map of faces must name 1 to 64 faces by their numbers, from 0.",
                    advice: "Ask for the faces of both files first; a map is {\"target face\": source face}.")
            }
        }
        for (name, text) in [(names.detectorModel, detectorModel)]
            + (executionProviders ?? []).map({
                ("execution_providers", Optional($0))
            }) where (text?.unicodeScalars.count ?? 1) > 64 || text?.isEmpty == true
        {
            throw MasqueError(.badInput, "\(name) must be a name of 1 to 64 characters.")
        }
        if let count = executionProviders?.count, !(1...8).contains(count) {
            throw MasqueError(
                .badInput, "execution_providers names \(count) providers, but must name 1 to 8.",
                advice: "Use [\"cpu\"].")
        }
    }

    private static func check(_ name: String, _ value: Double?, in range: ClosedRange<Double>) throws {
        guard let value, !range.contains(value) else { return }
        throw MasqueError(
            .badInput,
            "\(name) is \(value.short), but must be from \(range.lowerBound.short) to \(range.upperBound.short).")
    }
}

extension Double {
    /// The number as people write it, without a needless fraction.
    var short: String { self == rounded() && abs(self) < 1e9 ? String(Int(self)) : String(self) }
}
