// The colours of a cut-out's subject without the ground that shows through at its edges.

package import Pixels

extension Picture {
    /// R, G and B of the subject at every pixel, three bytes each.
    ///
    /// Where the subject covers a pixel wholly these are the picture's own; where it covers a part, the ground's share is
    /// taken out (a subject cut from a green wall has no green rim); where it covers nothing, the surroundings' subject
    /// colours, so that nothing of the ground is left.
    ///
    /// Source: M. Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021: blurred colours of subject and ground,
    /// in windows of 90 and then 6 pixels to each side, corrected by what the picture shows. The blurs are made at a
    /// working size of at most 512 pixels.
    package func foreground(alpha: Plane) -> [UInt8] {
        let (picture, w, h) = small(within: 512)
        let share = alpha.shrunk(width: w, height: h)
        var front = picture, back = picture
        var blurs: [(front: [Float], back: [Float])] = []
        for radius in [90, 6] {
            func mean(_ values: [Float]) -> [Float] { boxMean(values, width: w, height: h, radius: radius) }
            let covered = mean(share)
            blurs = (0..<3).map { c in
                let blurredFront = mean(zip(front[c], share).map { $0 * $1 })
                let blurredBack = mean(zip(back[c], share).map { $0 * (1 - $1) })
                return (
                    zip(blurredFront, covered).map { $0 / ($1 + 1e-5) },
                    zip(blurredBack, covered).map { $0 / (1 - $1 + 1e-5) }
                )
            }
            for c in 0..<3 {
                let (blurredFront, blurredBack, seen) = (blurs[c].front, blurs[c].back, picture[c])
                front[c] = share.indices.map {
                    Self.corrected(blurredFront[$0], blurredBack[$0], seen: seen[$0], share: share[$0])
                }
                back[c] = blurredBack
            }
        }
        let enlargement = Enlargement(from: (w, h), to: (width, height))
        var colours = [UInt8](repeating: 0, count: 3 * width * height)
        for y in 0..<height {
            for c in 0..<3 {
                let (front, back) = (enlargement.row(y, of: blurs[c].front), enlargement.row(y, of: blurs[c].back))
                for x in 0..<width {
                    let place = y * width + x
                    let share = alpha.values[place], seen = bytes[place * channels + c]
                    guard share < 1 else {
                        colours[3 * place + c] = seen
                        continue
                    }
                    let value = Self.corrected(front[x], back[x], seen: Float(seen) / 255, share: share)
                    colours[3 * place + c] = UInt8(value * 255 + 0.5)
                }
            }
        }
        return colours
    }

    /// The subject's colour, 0…1, that with the ground's gives what is seen, beginning from estimates of both.
    private static func corrected(_ front: Float, _ back: Float, seen: Float, share: Float) -> Float {
        min(max(front + share * (seen - share * front - (1 - share) * back), 0), 1)
    }
}

extension Plane {
    /// The plane's means over a coarser grid's cells, row by row.
    fileprivate func shrunk(width w: Int, height h: Int) -> [Float] {
        guard w != width || h != height else { return values }
        var result = [Float](repeating: 0, count: w * h)
        for y in 0..<h {
            let rows = y * height / h..<max((y + 1) * height / h, y * height / h + 1)
            for x in 0..<w {
                let columns = x * width / w..<max((x + 1) * width / w, x * width / w + 1)
                var sum: Float = 0
                for row in rows { for column in columns { sum += values[row * width + column] } }
                result[y * w + x] = sum / Float(rows.count * columns.count)
            }
        }
        return result
    }
}
