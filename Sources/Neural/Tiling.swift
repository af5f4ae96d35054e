// A picture cut into overlapping tiles, and their results laid together without seams.

internal import Pixels

/// Where tiles begin along one side of a picture.
struct TileSpan {
    /// The first pixel of the part of the picture that a tile answers for.
    let start: Int
    /// How many pixels that part has.
    let length: Int
    /// How many of them, from the start, fade over from the tile before.
    let feather: Int

    /// The spans that cover `side` pixels, each `length` long at most, neighbours overlapping by `feather` or more.
    static func covering(_ side: Int, length: Int, feather: Int) -> [TileSpan] {
        guard side > length else { return [TileSpan(start: 0, length: side, feather: 0)] }
        let step = length - feather
        let count = (side - length + step - 1) / step + 1
        return (0..<count).map { index in
            TileSpan(start: min(index * step, side - length), length: length, feather: index == 0 ? 0 : feather)
        }
    }

    /// The share of this tile at a pixel of its part (may lie between pixels): 0 to 1 across the feather.
    func share(at place: Float) -> Float {
        feather == 0 ? 1 : min(max((place + 0.5) / Float(feather), 0), 1)
    }
}

extension Picture {
    /// R, G and B from `x`, `y` on, each v as v · `scale`, planar; what lies outside repeats the edge.
    func tile(x: Int, y: Int, width tileWidth: Int, height tileHeight: Int, scale: Float) -> [Float] {
        let plane = tileWidth * tileHeight
        var values = [Float](repeating: 0, count: 3 * plane)
        for row in 0..<tileHeight {
            let line = min(max(y + row, 0), height - 1) * width
            for column in 0..<tileWidth {
                let from = (line + min(max(x + column, 0), width - 1)) * channels
                let to = row * tileWidth + column
                for channel in 0..<3 { values[channel * plane + to] = Float(bytes[from + channel]) * scale }
            }
        }
        return values
    }
}
