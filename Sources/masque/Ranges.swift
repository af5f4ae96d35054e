// Numbers that must lie in a range.

internal import Errors

/// Passes a number in its range through; everything else, also what is no number, is refused with a sentence.
func within<T: BinaryFloatingPoint>(_ range: ClosedRange<T>, _ value: T, _ option: String) throws -> T {
    guard range.contains(value) else {
        throw outside(option, "\(value)", "\(short(range.lowerBound))", "\(short(range.upperBound))")
    }
    return value
}

/// The same for whole numbers.
func within(_ range: ClosedRange<Int>, _ value: Int, _ option: String) throws -> Int {
    guard range.contains(value) else { throw outside(option, "\(value)", "\(range.lowerBound)", "\(range.upperBound)") }
    return value
}

private func outside(_ option: String, _ value: String, _ low: String, _ high: String) -> MasqueError {
    MasqueError(.badInput, "\(value) for \(option) is outside \(low) to \(high).")
}

private func short<T: BinaryFloatingPoint>(_ value: T) -> String {
    value == value.rounded() ? String(Int(value)) : "\(value)"
}
