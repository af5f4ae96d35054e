// What a part of the bench is, and the tools that parts share.
internal import Foundation

/// One part of the bench.
protocol BenchPart: Sendable {
    /// The name by which the command line asks for it.
    var name: String { get }
    /// The heading over its tables.
    var title: String { get }
    /// Measures, on a thread of its own, and returns Markdown.
    /// - Parameter quick: fewer repetitions, for a look.
    func run(quick: Bool) throws -> String
}

/// The median time of a run of `body` in milliseconds, after one run that warms up. Runs at least `atLeast` times, and
/// on until `seconds` have passed.
func medianMilliseconds(atLeast: Int, seconds: Double, _ body: () throws -> Void) rethrows -> Double {
    try body()
    let clock = ContinuousClock()
    let start = clock.now
    var times: [Double] = []
    while times.count < atLeast || (clock.now - start < .seconds(seconds) && times.count < 1000) {
        times.append(try clock.measure(body) / .milliseconds(1))
    }
    times.sort()
    return times[times.count / 2]
}

/// A Markdown table.
struct Table {
    private var rows: [[String]]

    /// Begins a table with its column heads.
    init(_ heads: [String]) { rows = [heads, heads.map { _ in "---" }] }

    /// Adds a row.
    mutating func add(_ row: [String]) { rows.append(row) }

    /// The table as Markdown.
    var markdown: String { rows.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n") }
}
