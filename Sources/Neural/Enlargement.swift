// Small planes read at a larger size, row by row: bilinear, pixel areas on pixel areas, edges repeated.

/// How the rows of planes of one size are read at another.
struct Enlargement {
    /// Between which two samples each place lies, and how near it is to the second.
    private struct Places {
        var first: [Int] = []
        var second: [Int] = []
        var share: [Float] = []

        init(_ count: Int, from size: Int) {
            for place in 0..<count {
                let at = (Float(place) + 0.5) * Float(size) / Float(count) - 0.5
                let held = min(max(at, 0), Float(size - 1))
                first.append(Int(held))
                second.append(min(Int(held) + 1, size - 1))
                share.append(held - Float(Int(held)))
            }
        }
    }

    private let width: Int
    private let columns: Places
    private let rows: Places

    /// Reads planes of `small` as planes of `large` (width and height in pixels).
    init(from small: (width: Int, height: Int), to large: (width: Int, height: Int)) {
        width = small.width
        columns = Places(large.width, from: small.width)
        rows = Places(large.height, from: small.height)
    }

    /// One row of the large plane.
    func row(_ y: Int, of values: [Float]) -> [Float] {
        let (top, bottom, share) = (rows.first[y] * width, rows.second[y] * width, rows.share[y])
        var line = [Float](repeating: 0, count: width)
        for x in 0..<width { line[x] = values[top + x] * (1 - share) + values[bottom + x] * share }
        var result = [Float](repeating: 0, count: columns.first.count)
        for x in result.indices {
            let share = columns.share[x]
            result[x] = line[columns.first[x]] * (1 - share) + line[columns.second[x]] * share
        }
        return result
    }
}
