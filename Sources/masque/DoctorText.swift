// The doctor's findings as a person reads them.

internal import Foundation
internal import Inference
internal import Studio

/// What `masque doctor` prints.
struct DoctorText {
    /// The lines, without a newline at the end.
    let text: String

    init(_ report: DoctorReport) {
        var lines = [
            Self.row("Masque", report.version),
            Self.row("System", "\(report.system.name), Linux \(report.system.kernel), \(report.system.architecture)"),
            Self.row(
                "Processor",
                "\(report.cpu.model), \(report.cpu.cores) core\(report.cpu.cores == 1 ? "" : "s"), "
                    + (report.cpu.features.isEmpty
                        ? "no vector sets known" : report.cpu.features.joined(separator: ", "))),
            Self.row(
                "Memory", "\(Self.size(report.memory.available)) free of \(Self.size(report.memory.total))"),
        ]
        for runtime in report.runtimes {
            let state = runtime.version.map { "\($0), \(runtime.providers.joined(separator: ", "))" }
            lines.append(Self.row(runtime.name, state ?? "not installed"))
        }
        lines.append(Self.row("Libraries", report.libraries.map { "\($0.name) \($0.version)" }.joined(separator: ", ")))
        lines.append(
            Self.row(
                "Video codecs",
                report.codecs.map { $0.available ? $0.name : "\($0.name) (missing)" }.joined(separator: ", ")))
        lines.append(
            Self.row(
                "Cache",
                "\(report.cache.path), \(Self.size(report.cache.used)) used, \(Self.size(report.cache.free)) free"))
        lines += ["", "Models"] + report.models.map(Self.line)
        lines += ["", "Processors"]
        lines += report.processors.map { processor in
            let what = processor.reason ?? processor.models.joined(separator: ", ")
            return "  " + processor.name.padding(toLength: 20, withPad: " ", startingAt: 0) + " " + what
        }
        if !report.notes.isEmpty { lines += ["", "Worth knowing"] + report.notes.map { "  \($0)" } }
        lines.append("")
        if report.isReady {
            lines.append("Everything that a swap needs is here.")
        } else {
            lines.append("Missing")
            lines += report.problems.map { "  \($0.message)\($0.advice.map { " " + $0 } ?? "")" }
        }
        text = lines.joined(separator: "\n")
    }

    private static func line(_ model: DoctorReport.Model) -> String {
        let facts = [model.role, size(model.bytes), model.licence, model.source].compactMap { $0 }
        return "  " + padded(model.state.rawValue, 9) + padded(model.id, 21) + facts.joined(separator: ", ")
    }

    private static func row(_ name: String, _ value: String) -> String { padded(name, 14) + value }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private static func size(_ bytes: Int) -> String {
        bytes >= 1 << 30
            ? String(format: "%.1f GB", Double(bytes) / Double(1 << 30))
            : bytes >= 1 << 20
                ? String(format: "%.1f MB", Double(bytes) / Double(1 << 20))
                : String(format: "%.0f kB", Double(bytes) / 1024)
    }
}
