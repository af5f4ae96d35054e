// `masque doctor`.

internal import ArgumentParser
internal import Studio

/// Says whether this machine is ready, and what would be slow.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say what is installed, what is missing and what would be slow.",
        discussion: "Exit code 1 when something is missing that a swap needs.")

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let report = try await Interruption.stoppable { try await Doctor.examine() }
        if json {
            Console.json(DoctorEvent(report: report))
        } else {
            Console.out(Console.plain(DoctorText(report).text))
        }
        if !report.isReady { throw ExitCode(1) }
    }
}

/// The report with `"event":"doctor"` and `"ready"`.
private struct DoctorEvent: Encodable {
    enum CodingKeys: CodingKey { case event, ready }
    let report: DoctorReport

    func encode(to encoder: any Encoder) throws {
        var own = encoder.container(keyedBy: CodingKeys.self)
        try own.encode("doctor", forKey: .event)
        try own.encode(report.isReady, forKey: .ready)
        try report.encode(to: encoder)
    }
}
