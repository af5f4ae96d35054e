// Changes of size that keep the picture's middle in place, as OpenCV's `resize` does.

extension Plane {
    /// Bilinear change to `side`×`side` pixels: pixel centres map by the ratio of sizes about the picture's middle, edges
    /// repeat, nothing is averaged (OpenCV's INTER_LINEAR), which is what published models were trained with.
    package func scaledLikeOpenCV(to side: Int) -> Plane {
        guard width != side || height != side else { return self }
        return Plane(
            width: side, height: side, values: scaledPlanes(values, width: width, height: height, planes: 1, to: side))
    }
}

extension Crop {
    /// Bilinear change to `side`×`side` pixels; see ``Plane/scaledLikeOpenCV(to:)``.
    package func scaledLikeOpenCV(to side: Int) -> Crop {
        guard width != side || height != side else { return self }
        return Crop(
            width: side, height: side, values: scaledPlanes(values, width: width, height: height, planes: 3, to: side))
    }
}

/// For each new place along an axis: the two old ones and the share of the second.
private func taps(from old: Int, to new: Int) -> [(first: Int, second: Int, share: Float)] {
    let ratio = Float(old) / Float(new)
    return (0..<new).map { place in
        let position = min(max((Float(place) + 0.5) * ratio - 0.5, 0), Float(old - 1))
        let first = Int(position)
        return (first, min(first + 1, old - 1), position - Float(first))
    }
}

private func scaledPlanes(_ values: [Float], width: Int, height: Int, planes: Int, to side: Int) -> [Float] {
    let columns = taps(from: width, to: side), rows = taps(from: height, to: side)
    var result = [Float](repeating: 0, count: planes * side * side)
    for plane in 0..<planes {
        let base = plane * width * height
        for (y, row) in rows.enumerated() {
            let top = base + row.first * width, bottom = base + row.second * width
            let out = (plane * side + y) * side
            for (x, column) in columns.enumerated() {
                let (a, b) = (values[top + column.first], values[top + column.second])
                let (c, d) = (values[bottom + column.first], values[bottom + column.second])
                let upper = a + (b - a) * column.share
                let lower = c + (d - c) * column.share
                result[out + x] = upper + (lower - upper) * row.share
            }
        }
    }
    return result
}
