// A tiny picture of a frame, enough to tell one scene from another.

package import Pixels

/// The luma of a frame in 32×18 blocks and as a histogram.
package struct FrameSignature: Sendable, Hashable, Codable {
    /// Blocks across.
    package static let columns = 32
    /// Blocks down.
    package static let rows = 18

    /// The mean luma of each block, 0…255, row by row from the top.
    package let blocks: [UInt8]
    /// The share of samples in each of 32 equal ranges of luma; sums to about 1.
    package let histogram: [Float]

    /// Looks at every second row and up to 16 columns of every block.
    package init(of planes: PlanarYUV) {
        var blocks = [UInt8](repeating: 0, count: Self.columns * Self.rows)
        var counts = [Int32](repeating: 0, count: 32)
        let shift = planes.bitDepth - 8
        var total: Int32 = 0
        for blockRow in 0..<Self.rows {
            let y0 = blockRow * planes.height / Self.rows
            let y1 = max(y0 + 1, (blockRow + 1) * planes.height / Self.rows)
            let rowStep = max(1, (y1 - y0) / 10)
            for blockColumn in 0..<Self.columns {
                let x0 = blockColumn * planes.width / Self.columns
                let x1 = max(x0 + 1, (blockColumn + 1) * planes.width / Self.columns)
                let step = max(1, (x1 - x0) / 16)
                var sum: Int32 = 0
                var samples: Int32 = 0
                for y in stride(from: y0, to: min(y1, planes.height), by: rowStep) {
                    let row = unsafe planes.y + y * planes.yStride
                    for x in stride(from: x0, to: min(x1, planes.width), by: step) {
                        let value: Int32
                        if shift == 0 {
                            value = unsafe Int32(row[x])
                        } else {
                            let word = unsafe UInt16(row[2 * x]) | UInt16(row[2 * x + 1]) << 8
                            value = min(255, Int32(word >> UInt16(shift)))
                        }
                        sum &+= value
                        samples &+= 1
                        counts[Int(value >> 3)] &+= 1
                    }
                }
                if samples > 0 { blocks[blockRow * Self.columns + blockColumn] = UInt8(sum / samples) }
                total += samples
            }
        }
        self.blocks = blocks
        histogram = counts.map { Float($0) / Float(max(1, total)) }
    }

    /// Mean absolute difference of the blocks, 0…255.
    package func blockDifference(_ other: FrameSignature) -> Float {
        var sum: Int32 = 0
        for i in blocks.indices { sum &+= abs(Int32(blocks[i]) - Int32(other.blocks[i])) }
        return Float(sum) / Float(blocks.count)
    }

    /// Half the summed difference of the histograms: 0 (the same) … 1 (nothing in common).
    package func histogramDifference(_ other: FrameSignature) -> Float {
        var sum: Float = 0
        for i in histogram.indices { sum += abs(histogram[i] - other.histogram[i]) }
        return sum / 2
    }

    /// The correlation of the blocks after taking out mean brightness and contrast, -1…1; 1 when both are nearly flat.
    package func correlation(_ other: FrameSignature) -> Float {
        var sa: Float = 0, sb: Float = 0, saa: Float = 0, sbb: Float = 0, sab: Float = 0
        for i in blocks.indices {
            let a = Float(blocks[i]), b = Float(other.blocks[i])
            sa += a
            sb += b
            saa += a * a
            sbb += b * b
            sab += a * b
        }
        let n = Float(blocks.count)
        let va = saa - sa * sa / n, vb = sbb - sb * sb / n
        if va < 9 * n, vb < 9 * n { return 1 }
        guard va >= n, vb >= n else { return 0 }
        return (sab - sa * sb / n) / (va * vb).squareRoot()
    }
}

extension VideoFrame {
    /// The frame's tiny picture.
    package func signature() -> FrameSignature { withPlanes { FrameSignature(of: $0) } }
}
