// A crop larger than a generator takes, handed over in interleaved parts.

internal import Pixels

extension Crop {
    /// The `factor`² crops of every `factor`-th pixel: part (row i, column j), row by row, holds the pixels whose row is
    /// i and whose column is j modulo `factor`. Sides must be multiples of `factor`.
    ///
    /// Source: FaceFusion's pixel boost. Each part shows the whole face at the generator's size.
    func interleavedParts(_ factor: Int) -> [Crop] {
        guard factor > 1 else { return [self] }
        let (w, h) = (width / factor, height / factor)
        return (0..<factor * factor).map { part in
            let (i, j) = (part / factor, part % factor)
            var crop = Crop(width: w, height: h)
            for channel in 0..<3 {
                for y in 0..<h {
                    let from = (channel * height + y * factor + i) * width + j
                    let to = (channel * h + y) * w
                    for x in 0..<w { crop.values[to + x] = values[from + x * factor] }
                }
            }
            return crop
        }
    }

    /// The crop that ``interleavedParts(_:)`` took apart; all parts are of one size, `factor`² of them.
    init(interleaving parts: [Crop], factor: Int) {
        let (w, h) = (parts[0].width, parts[0].height)
        self.init(width: w * factor, height: h * factor)
        for (part, crop) in parts.enumerated() {
            let (i, j) = (part / factor, part % factor)
            for channel in 0..<3 {
                for y in 0..<h {
                    let to = (channel * height + y * factor + i) * width + j
                    let from = (channel * h + y) * w
                    for x in 0..<w { values[to + x * factor] = crop.values[from + x] }
                }
            }
        }
    }
}
