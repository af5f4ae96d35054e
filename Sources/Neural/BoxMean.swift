// The mean of a pixel's surroundings, at a cost that does not grow with their size.

/// The mean over windows of (2·radius + 1)² pixels, smaller at the border.
func boxMean(_ values: [Float], width: Int, height: Int, radius: Int) -> [Float] {
    var across = [Float](repeating: 0, count: values.count)
    var sums = [Double](repeating: 0, count: width + 1)
    for start in stride(from: 0, to: width * height, by: width) {
        var sum = 0.0
        for x in 0..<width {
            sum += Double(values[start + x])
            sums[x + 1] = sum
        }
        for x in 0..<width {
            let (from, to) = (max(x - radius, 0), min(x + radius + 1, width))
            across[start + x] = Float((sums[to] - sums[from]) / Double(to - from))
        }
    }
    // Whole rows come into the window and leave it.
    var result = across
    var window = [Double](repeating: 0, count: width)
    for y in -radius..<height {
        if y + radius < height {
            let start = (y + radius) * width
            for x in 0..<width { window[x] += Double(across[start + x]) }
        }
        guard y >= 0 else { continue }
        if y > radius {
            let start = (y - radius - 1) * width
            for x in 0..<width { window[x] -= Double(across[start + x]) }
        }
        let share = 1 / Double(min(y + radius + 1, height) - max(y - radius, 0))
        for x in 0..<width { result[y * width + x] = Float(window[x] * share) }
    }
    return result
}
