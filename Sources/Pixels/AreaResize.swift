// Changes of size by averaging, and enlargements along cubic curves, as OpenCV's INTER_AREA and INTER_CUBIC do.

extension Crop {
    /// The crop at a smaller size: each new pixel is the mean of the area it covers (INTER_AREA). An axis that does not
    /// shrink is interpolated linearly.
    package func averaged(width: Int, height: Int) -> Crop {
        resampled(.averaging(from: self.width, to: width), .averaging(from: self.height, to: height))
    }

    /// The crop at a larger size, through Keys' cubic with a = -0.75 (INTER_CUBIC); edges repeat. Values may overshoot.
    package func enlargedCubically(width: Int, height: Int) -> Crop {
        resampled(.cubic(from: self.width, to: width), .cubic(from: self.height, to: height))
    }

    private func resampled(_ columns: Taps, _ rows: Taps) -> Crop {
        let (newWidth, newHeight) = (columns.size, rows.size)
        if newWidth == width, newHeight == height { return self }
        var result = Crop(width: newWidth, height: newHeight)
        var across = [Float](repeating: 0, count: newWidth * height)
        for channel in 0..<3 {
            for y in 0..<height {
                let from = (channel * height + y) * width
                for x in 0..<newWidth {
                    var sum: Float = 0
                    for tap in x * columns.count..<(x + 1) * columns.count {
                        sum += columns.weights[tap] * values[from + columns.places[tap]]
                    }
                    across[y * newWidth + x] = sum
                }
            }
            for y in 0..<newHeight {
                let to = (channel * newHeight + y) * newWidth
                for tap in y * rows.count..<(y + 1) * rows.count where rows.weights[tap] != 0 {
                    let weight = rows.weights[tap]
                    let from = rows.places[tap] * newWidth
                    for x in 0..<newWidth { result.values[to + x] += weight * across[from + x] }
                }
            }
        }
        return result
    }
}

/// Which old places make up each new place along an axis, and how much each counts.
private struct Taps {
    /// How many new places there are.
    let size: Int
    /// How many old places each takes.
    let count: Int
    private(set) var places: [Int]
    private(set) var weights: [Float]

    private init(size: Int, count: Int) {
        self.size = size
        self.count = count
        places = [Int](repeating: 0, count: size * count)
        weights = [Float](repeating: 0, count: size * count)
    }

    static func averaging(from old: Int, to new: Int) -> Taps {
        let ratio = Double(old) / Double(new)
        guard new < old else {
            var taps = Taps(size: new, count: 2)
            for place in 0..<new {
                let position = min(max((Double(place) + 0.5) * ratio - 0.5, 0), Double(old - 1))
                let first = Int(position)
                taps.set(place, 0, first, Float(1 - position + Double(first)))
                taps.set(place, 1, min(first + 1, old - 1), Float(position - Double(first)))
            }
            return taps
        }
        var taps = Taps(size: new, count: Int(ratio.rounded(.up)) + 1)
        for place in 0..<new {
            let start = Double(place) * ratio
            let end = min(start + ratio, Double(old))
            for tap in 0..<taps.count {
                let cell = Int(start) + tap
                let cover = min(end, Double(cell + 1)) - max(start, Double(cell))
                if cell < old, cover > 0 { taps.set(place, tap, cell, Float(cover / (end - start))) }
            }
        }
        return taps
    }

    static func cubic(from old: Int, to new: Int) -> Taps {
        let ratio = Double(old) / Double(new), a = -0.75
        var taps = Taps(size: new, count: 4)
        for place in 0..<new {
            let position = (Double(place) + 0.5) * ratio - 0.5
            let first = position.rounded(.down)
            let x = position - first
            func near(_ d: Double) -> Double { ((a + 2) * d - (a + 3)) * d * d + 1 }
            func far(_ d: Double) -> Double { ((a * d - 5 * a) * d + 8 * a) * d - 4 * a }
            for (tap, weight) in [far(x + 1), near(x), near(1 - x), far(2 - x)].enumerated() {
                taps.set(place, tap, min(max(Int(first) - 1 + tap, 0), old - 1), Float(weight))
            }
        }
        return taps
    }

    private mutating func set(_ place: Int, _ tap: Int, _ old: Int, _ weight: Float) {
        places[place * count + tap] = old
        weights[place * count + tap] = weight
    }
}
