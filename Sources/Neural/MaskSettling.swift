// A coarse mask of people without its doubts far from any edge.

package import Pixels

extension Plane {
    /// The mask with what a segmenter hesitates at made one or the other where no edge explains it: holes inside of a
    /// person are filled unless something in them is surely background, and half-seen ground (a flag, a curtain) beside
    /// the person fades out from `near` to `far` pixels from what surely is a person.
    ///
    /// Both are smears in a still picture and flicker in a video. Pixels are the mask's own; the segmenter's soft edges
    /// are 2 to 4 wide.
    package func settled(near: Float = 2, far: Float = 5) -> Plane {
        var result = self
        result.fillHoles(below: 0.85, deepest: 0.2)
        let reach = Int(far.rounded(.up))
        var offsets: [(x: Int, y: Int, distance: Float)] = []
        for y in -reach...reach {
            for x in -reach...reach {
                let distance = Float(x * x + y * y).squareRoot()
                if distance > 0 && distance < far { offsets.append((x, y, distance)) }
            }
        }
        offsets.sort { $0.distance < $1.distance }
        let sure = result.values.map { $0 >= 0.8 }
        for y in 0..<height {
            for x in 0..<width where result.values[y * width + x] > 0 && !sure[y * width + x] {
                let nearest = offsets.first { offset in
                    let (u, v) = (x + offset.x, y + offset.y)
                    return u >= 0 && u < width && v >= 0 && v < height && sure[v * width + u]
                }
                let share = nearest.map { min(max((far - $0.distance) / (far - near), 0), 1) } ?? 0
                result.values[y * width + x] *= share
            }
        }
        return result
    }

    /// Makes 1 of every connected region (by sides) of values under `bound` that never goes down to `deepest`.
    private mutating func fillHoles(below bound: Float, deepest: Float) {
        var isSeen = values.map { $0 >= bound }
        var region: [Int] = []
        for start in values.indices where !isSeen[start] {
            isSeen[start] = true
            region = [start]
            var least = values[start], next = 0
            while next < region.count {
                let place = region[next]
                next += 1
                least = min(least, values[place])
                let x = place % width
                for (isThere, neighbour) in [
                    (x > 0, place - 1), (x < width - 1, place + 1), (place >= width, place - width),
                    (place < values.count - width, place + width),
                ] where isThere && !isSeen[neighbour] {
                    isSeen[neighbour] = true
                    region.append(neighbour)
                }
            }
            if least > deepest { for place in region { values[place] = 1 } }
        }
    }
}
