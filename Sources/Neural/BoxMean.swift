// The mean of a pixel's surroundings, at a cost that does not grow with their size.

/// The mean over windows of (2·radius + 1)² pixels, smaller at the border.
func boxMean(_ values: [Float], width: Int, height: Int, radius: Int) -> [Float] {
    func sums(_ values: [Float], count: Int, lines: Int, step: Int, stride: Int) -> [Float] {
        var result = values
        for line in 0..<lines {
            let start = line * stride
            var running: [Double] = [0]
            running.reserveCapacity(count + 1)
            for i in 0..<count { running.append(running[i] + Double(values[start + i * step])) }
            for i in 0..<count {
                let (from, to) = (max(i - radius, 0), min(i + radius + 1, count))
                result[start + i * step] = Float((running[to] - running[from]) / Double(to - from))
            }
        }
        return result
    }
    let across = sums(values, count: width, lines: height, step: 1, stride: width)
    return sums(across, count: height, lines: width, step: width, stride: 1)
}
