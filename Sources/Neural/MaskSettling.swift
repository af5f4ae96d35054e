// A coarse mask of people without its doubts where no edge explains them.

package import Pixels

extension Plane {
    /// The mask with what a segmenter hesitates at made one or the other away from edges: holes with a person all around
    /// are filled unless they are surely ground, and half-seen ground (a flag, a curtain) fades out from `near` to `far`
    /// pixels from what surely is a person.
    ///
    /// Such doubts are smears in a still picture and flicker in a video. All changes are gradual, so that a mask that
    /// differs little gives a result that differs little. Pixels are the mask's own; the segmenter's soft edges are 2 to
    /// 4 wide.
    package func settled(near: Float = 2, far: Float = 5) -> Plane {
        var result = self
        let enclosure = enclosure()
        for i in values.indices {
            let fill = Self.step(enclosure[i], 5, 6.4) * Self.step(values[i], 0.1, 0.6)
            result.values[i] += (1 - values[i]) * fill
        }
        let sure = result.values.map { Self.step($0, 0.6, 0.95) }
        let reach = Int(far.rounded(.up))
        var offsets: [(x: Int, y: Int, share: Float)] = []
        for y in -reach...reach {
            for x in -reach...reach {
                let share = (far - Float(x * x + y * y).squareRoot()) / (far - near)
                if share > 0 { offsets.append((x, y, min(share, 1))) }
            }
        }
        offsets.sort { $0.share > $1.share }
        for y in 0..<height {
            for x in 0..<width where result.values[y * width + x] > 0 && sure[y * width + x] < 1 {
                var most: Float = 0
                for offset in offsets {
                    if offset.share <= most { break }
                    let (u, v) = (x + offset.x, y + offset.y)
                    guard u >= 0, u < width, v >= 0, v < height else { continue }
                    most = max(most, sure[v * width + u] * offset.share)
                }
                result.values[y * width + x] *= most
            }
        }
        return result
    }

    /// In how many of eight directions a person is seen from each pixel, itself left out: 1 for each where one is at
    /// once, less the farther away, 0 from 48 pixels on.
    private func enclosure() -> [Float] {
        let sure = values.map { Self.step($0, 0.6, 0.95) }
        var total = [Float](repeating: 0, count: values.count)
        for (dx, dy) in [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)] {
            let loss = Float(dx * dx + dy * dy).squareRoot() / 48
            var seen = sure
            for row in 0..<height {
                let y = dy < 0 ? height - 1 - row : row
                for column in 0..<width {
                    let x = dx < 0 ? width - 1 - column : column
                    let (u, v) = (x - dx, y - dy)
                    guard u >= 0, u < width, v >= 0, v < height else { continue }
                    let beside = max(seen[v * width + u] - loss, 0)
                    total[y * width + x] += beside
                    seen[y * width + x] = max(seen[y * width + x], beside)
                }
            }
        }
        return total
    }

    /// 0 below `from`, 1 above `to`, smooth between.
    private static func step(_ value: Float, _ from: Float, _ to: Float) -> Float {
        let t = min(max((value - from) / (to - from), 0), 1)
        return t * t * (3 - 2 * t)
    }
}
