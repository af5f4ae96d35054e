// What a swap prints when it is done or has failed.

internal import Errors
internal import Studio

/// Prints results for people or for programs, as the options say.
struct SwapPrinting: Sendable {
    private let json: Bool
    private let quiet: Bool
    private let verbose: Bool

    /// Takes the options.
    init(_ options: OutputOptions) {
        json = options.json
        quiet = options.quiet
        verbose = options.verbose
    }

    /// How progress is shown.
    var progressStyle: ProgressDisplay.Style {
        if quiet { return .none }
        if json { return .json }
        return Console.errIsTerminal ? .line : .log
    }

    /// Prints a finished swap.
    func show(_ report: MediaReport, item: Int?) {
        if json { Console.json(ReportEvent(item: item, report: report)) }
        guard !quiet else { return }
        let text = Console.plain(SwapSummary(report, verbose: verbose).text)
        if json { Console.err(text) } else { Console.out(text) }
    }

    /// Prints a failed item of a batch.
    func show(_ error: any Error, target: String, item: Int) {
        let known = error as? MasqueError ?? MasqueError(.failed, "\(error)", cause: error)
        if json { Console.json(ErrorEvent(known, item: item)) }
        Console.err(Console.plain("masque: \(target): \(known)"))
    }

    /// Prints how a batch went.
    func showSummary(done: Int, failed: Int, seconds: Double) {
        if json { Console.json(BatchEvent(done: done, failed: failed, seconds: seconds)) }
        guard !quiet else { return }
        let failures = failed == 0 ? "" : " \(failed) failed."
        let text = "\(done) of \(done + failed) swaps done in \(SwapSummary.time(seconds)).\(failures)"
        if json { Console.err(text) } else { Console.out(text) }
    }
}

/// The report with `"event":"report"` and, in a batch, the item's number.
private struct ReportEvent: Encodable {
    enum CodingKeys: CodingKey { case event, item }
    let item: Int?
    let report: MediaReport

    func encode(to encoder: any Encoder) throws {
        var own = encoder.container(keyedBy: CodingKeys.self)
        try own.encode("report", forKey: .event)
        try own.encodeIfPresent(item, forKey: .item)
        try report.encode(to: encoder)
    }
}

/// `{"event":"batch",…}`, the last line of a batch.
private struct BatchEvent: Encodable {
    let event = "batch"
    let done: Int
    let failed: Int
    let seconds: Double
}
