// Writes figures in the text format of Prometheus, version 0.0.4.

/// One text being written.
struct PrometheusText {
    private(set) var text = ""

    /// One kind of figure.
    mutating func family(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func value(_ name: String, _ labels: [(String, String)] = [], _ value: Double) {
        text += "\(name)\(PrometheusText.label(labels)) \(PrometheusText.number(value))\n"
    }

    mutating func histogram(_ name: String, _ labels: [(String, String)], _ histogram: Histogram) {
        var sum = 0
        for (bound, count) in zip(histogram.bounds, histogram.counts) {
            sum += count
            value("\(name)_bucket", labels + [("le", PrometheusText.number(bound))], Double(sum))
        }
        value("\(name)_bucket", labels + [("le", "+Inf")], Double(histogram.count))
        value("\(name)_sum", labels, histogram.sum)
        value("\(name)_count", labels, Double(histogram.count))
    }

    private static func label(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        let parts = labels.map { name, value in
            var escaped = ""
            for scalar in value.unicodeScalars {
                switch scalar {
                case "\\": escaped += "\\\\"
                case "\"": escaped += "\\\""
                case "\n": escaped += "\\n"
                default: escaped.unicodeScalars.append(scalar)
                }
            }
            return "\(name)=\"\(escaped)\""
        }
        return "{\(parts.joined(separator: ","))}"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}

/// Counts of values by size.
struct Histogram: Sendable {
    /// Upper bounds, growing; what is larger than the last is counted in ``count`` alone.
    let bounds: [Double]
    private(set) var counts: [Int]
    private(set) var count = 0
    private(set) var sum = 0.0

    init(_ bounds: [Double]) {
        self.bounds = bounds
        counts = [Int](repeating: 0, count: bounds.count)
    }

    mutating func add(_ value: Double) {
        count += 1
        sum += value
        if let index = bounds.firstIndex(where: { value <= $0 }) { counts[index] += 1 }
    }
}
