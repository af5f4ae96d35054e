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

/// A part whose figures are there, but are not as they must be: they are shown, and put in no document.
struct FailedBench: Error {
    let tables: String
    /// What is wrong.
    let complaint: String
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

/// The median processor time in milliseconds that `body` takes of the calling thread, after one run that warms up; of
/// at least 3 runs, and more until `seconds` have passed. Other programs disturb it less than they do wall time.
func medianProcessorMilliseconds(seconds: Double, _ body: () throws -> Void) rethrows -> Double {
    try body()
    let start = Machine.threadSeconds
    var times: [Double] = []
    while times.count < 3 || (Machine.threadSeconds - start < seconds && times.count < 1000) {
        let before = Machine.threadSeconds
        try body()
        times.append((Machine.threadSeconds - before) * 1000)
    }
    times.sort()
    return times[times.count / 2]
}

/// A Markdown table.
struct Table: Sendable {
    private var rows: [[String]]

    /// Begins a table with its column heads.
    init(_ heads: [String]) { rows = [heads, heads.map { _ in "---" }] }

    /// Adds a row.
    mutating func add(_ row: [String]) { rows.append(row) }

    /// The table as Markdown.
    var markdown: String { rows.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n") }
}

/// Markdown for a terminal: the tables' columns aligned, first column left, the others right; all else as it is.
func aligned(_ markdown: String) -> String {
    var result: [String] = []
    var rows: [[String]] = []
    func flush() {
        guard !rows.isEmpty else { return }
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
        for row in rows {
            let isRule = row.allSatisfy { $0 == "---" }
            let cells = row.enumerated().map { column, cell in
                if isRule { return String(repeating: "-", count: widths[column]) }
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + space : space + cell
            }
            result.append(cells.joined(separator: "  "))
        }
        rows = []
    }
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.hasPrefix("| "), line.hasSuffix(" |") {
            rows.append(line.dropFirst(2).dropLast(2).components(separatedBy: " | "))
        } else {
            flush()
            result.append(String(line))
        }
    }
    flush()
    return result.joined(separator: "\n")
}

/// A number with so many places behind the point.
func text(_ value: Double, _ places: Int = 1) -> String { String(format: "%.\(places)f", value) }

/// A folder that is there while `body` runs.
func withTemporaryFolder<T>(_ body: (URL) throws -> T) throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("masque-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
