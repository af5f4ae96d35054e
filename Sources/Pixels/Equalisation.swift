// More contrast for dark crops: histograms of small fields evened out, none of them too steeply.

extension Plane {
    /// Contrast-limited adaptive histogram equalisation of values 0…255, as whole numbers.
    ///
    /// Source: K. Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV, 1994, with OpenCV's
    /// way of handing out what is clipped. Sides must be multiples of `fields`.
    ///
    /// - Parameters:
    ///   - limit: how many times its fair share a level may have.
    ///   - fields: how many fields there are along each side.
    package func equalised(limit: Float, fields: Int = 8) -> Plane {
        precondition(width % fields == 0 && height % fields == 0)
        let tables = fieldTables(limit: limit, fields: fields)
        let across = Self.neighbours(width, fields: fields), down = Self.neighbours(height, fields: fields)
        var result = self
        for y in 0..<height {
            let row = down[y]
            for x in 0..<width {
                let column = across[x]
                let level = Self.level(values[y * width + x])
                func value(_ fieldRow: Int, _ fieldColumn: Int) -> Float {
                    tables[(fieldRow * fields + fieldColumn) * 256 + level]
                }
                let top =
                    value(row.first, column.first) * (1 - column.share) + value(row.first, column.second) * column.share
                let bottom =
                    value(row.second, column.first) * (1 - column.share)
                    + value(row.second, column.second) * column.share
                result.values[y * width + x] = (top * (1 - row.share) + bottom * row.share).rounded(.toNearestOrEven)
            }
        }
        return result
    }

    private static func level(_ value: Float) -> Int { Int(min(max(value.rounded(), 0), 255)) }

    /// What each level becomes in each field, field by field.
    private func fieldTables(limit: Float, fields: Int) -> [Float] {
        let (w, h) = (width / fields, height / fields)
        let most = max(Int(limit * Float(w * h) / 256), 1)
        var tables: [Float] = []
        for field in 0..<fields * fields {
            let (left, top) = (field % fields * w, field / fields * h)
            var counts = [Int](repeating: 0, count: 256)
            for y in top..<top + h {
                for x in left..<left + w { counts[Self.level(values[y * width + x])] += 1 }
            }
            var clipped = 0
            for i in counts.indices where counts[i] > most {
                clipped += counts[i] - most
                counts[i] = most
            }
            let share = clipped / 256
            var rest = clipped - share * 256
            for i in counts.indices { counts[i] += share }
            var i = 0
            let step = max(256 / max(rest, 1), 1)
            while i < 256, rest > 0 {
                counts[i] += 1
                rest -= 1
                i += step
            }
            var sum = 0
            for count in counts {
                sum += count
                tables.append((Float(sum) * 255 / Float(w * h)).rounded(.toNearestOrEven))
            }
        }
        return tables
    }

    /// For each place along a side: the fields before and behind it, and the share of the second.
    private static func neighbours(_ side: Int, fields: Int) -> [(first: Int, second: Int, share: Float)] {
        let size = Float(side / fields)
        return (0..<side).map { place in
            let position = Float(place) / size - 0.5
            let first = Int(position.rounded(.down))
            return (max(first, 0), min(first + 1, fields - 1), position - Float(first))
        }
    }
}
