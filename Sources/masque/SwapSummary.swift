// A finished swap in plain words.

internal import Faces
internal import Foundation
internal import Studio

/// The sentences that follow a swap.
struct SwapSummary {
    /// The lines, without a newline at the end.
    let text: String

    /// Writes them; `verbose` adds where the time went.
    init(_ report: MediaReport, verbose: Bool) {
        var lines = [Self.headline(report)]
        lines += report.swapped.prefix(12).map { Self.line($0, isVideo: report.kind == "video") }
        if report.swapped.count > 12 { lines.append("  … and \(report.swapped.count - 12) more faces") }
        if verbose { lines += Self.table(report) }
        lines += report.warnings.map { "Note: \($0)" }
        text = lines.joined(separator: "\n")
    }

    /// Seconds in few digits.
    static func time(_ seconds: Double) -> String {
        if seconds < 10 { return String(format: "%.1f s", seconds) }
        if seconds < 90 { return String(format: "%.0f s", seconds) }
        return String(format: "%d min %02d s", Int(seconds) / 60, Int(seconds) % 60)
    }

    private static func headline(_ report: MediaReport) -> String {
        let size = "\(report.width)×\(report.height)"
        let time = time(report.seconds)
        let isSwap = report.swapped.contains { $0.source != nil }
        guard report.kind == "video" else {
            guard isSwap else { return "\(report.output): \(size), \(time)" }
            return "\(report.output): \(size), \(report.swapped.count) of \(count(report.facesFound, "face")) swapped, "
                + time
        }
        let rate = String(format: "%.1f", Double(report.frames) / max(report.seconds, 0.001))
        let worked = "\(report.framesSwapped) of \(count(report.frames, "frame"))"
        let done = isSwap ? "faces swapped in \(worked)" : report.facesFound > 0 ? "faces in \(worked)" : worked
        return "\(report.output): \(size), \(done), \(time) (\(rate) frames/s)"
    }

    private static func line(_ face: MediaReport.SwappedFace, isVideo: Bool) -> String {
        var line =
            face.source.map { "  Face \(face.number) became source \($0)" } ?? "  Face \(face.number) was worked on"
        if let after = face.distanceAfter {
            let before = face.distanceBefore.map { String(format: "%.2f → ", $0) } ?? ""
            let same = after < FaceEmbedding.samePersonDistance
            line += String(format: ": identity distance \(before)%.2f", after)
            line += same ? " (same person, below 0.6)" : " (not the same person yet: that is below 0.6)"
        }
        if let error = face.landmarkError {
            line += String(format: "; landmarks off by %.1f %% of the eye distance", error)
        }
        return line
    }

    private static func table(_ report: MediaReport) -> [String] {
        let frames = Double(max(report.frames, 1))
        var lines = ["  stage          seconds" + (report.kind == "video" ? "   ms/frame" : "")]
        for stage in report.stages {
            var line = "  " + stage.name.padding(toLength: 12, withPad: " ", startingAt: 0)
            line += String(format: "%10.3f", stage.seconds)
            if report.kind == "video" { line += String(format: "%11.2f", stage.seconds / frames * 1000) }
            lines.append(line)
        }
        return lines
    }

    private static func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
}
