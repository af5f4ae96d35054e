// A contact sheet: rows of pictures side by side.

internal import Pixels

/// Lays square cells out in rows.
struct Sheet {
    private var rows: [[Picture]] = []
    let cell: Int

    init(cell: Int) { self.cell = cell }

    /// Adds a row; each picture shows the square of `side` about `center`, or all of it.
    mutating func add(_ cells: [(Picture, Box?)]) {
        rows.append(cells.map { picture, box in cut(picture, box) })
    }

    /// The sheet.
    var picture: Picture {
        let gap = 6
        let columns = rows.map(\.count).max() ?? 1
        let width = columns * (cell + gap) + gap, height = max(1, rows.count) * (cell + gap) + gap
        var sheet = Picture(width: width, height: height, fill: (250, 250, 250))
        for (r, row) in rows.enumerated() {
            for (c, picture) in row.enumerated() {
                let (x0, y0) = (gap + c * (cell + gap), gap + r * (cell + gap))
                for y in 0..<cell {
                    let from = y * cell * 3, to = ((y0 + y) * width + x0) * 3
                    sheet.bytes.replaceSubrange(to..<to + cell * 3, with: picture.bytes[from..<from + cell * 3])
                }
            }
        }
        return sheet
    }

    private func cut(_ picture: Picture, _ box: Box?) -> Picture {
        let all = Box(x: 0, y: 0, width: Float(picture.width), height: Float(picture.height))
        let area = box ?? all
        let side = max(area.width, area.height)
        let transform = Affine.crop(center: area.center, side: side, angle: 0, size: cell)
        return picture.sample(transform, width: cell, height: cell, outsideIsBlack: false).picture
    }
}
