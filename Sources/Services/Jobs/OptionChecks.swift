// Refuses options that make no sense, each with its own sentence.

internal import Errors
package import JobQueue

extension JobOptions {
    /// - Throws: `.badInput` naming the option, its value and its range.
    package func check() throws {
        try JobOptions.check("detector_score", detectorScore, in: 0...1)
        try JobOptions.check("output_scale", outputScale.map(Double.init), in: 10...400)
        try JobOptions.check("output_fps", outputFPS, in: 1...120)
        try JobOptions.check("thread_count", threadCount.map(Double.init), in: 1...32)
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
        for (name, text) in [("detector_model", detectorModel)]
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
            "\(name) is \(short(value)), but must be from \(short(range.lowerBound)) to \(short(range.upperBound)).")
    }

    private static func short(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : String(value)
    }
}
