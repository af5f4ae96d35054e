// The views of a frame that a detector looks at.

package import Pixels

/// One view of a frame: a turned, scaled part of it, with its size rounded up to what the model takes.
package struct DetectionPass: Sendable, Hashable {
    /// Leads from the view's pixels to the frame's.
    package private(set) var transform: Affine
    /// Columns, a multiple of `DetectionPass.multiple`.
    package let width: Int
    /// Rows, a multiple of `DetectionPass.multiple`.
    package let height: Int
    /// Columns of the view that show the frame; the rest is black.
    package let usedWidth: Float
    /// Rows of the view that show the frame.
    package let usedHeight: Float
    /// Which sides of the view cut through the frame rather than end at its border: left, top, right, bottom.
    package let cuts: [Bool]

    /// What widths and heights are multiples of.
    package static let multiple = 32

    /// The whole frame, turned, its longest side `longest` pixels (never enlarged more than `enlargement` times).
    package static func whole(
        width: Int, height: Int, longest: Int, turn: QuarterTurn, enlargement: Float = 1
    ) -> DetectionPass {
        let turned = turn == .upright || turn == .down ? (width, height) : (height, width)
        let scale = max(Float(max(width, height)) / Float(longest), 1 / enlargement)
        let used = (Float(turned.0) / scale, Float(turned.1) / scale)
        return DetectionPass(
            turn: turn, frame: (Float(width), Float(height)), scale: scale, origin: Point(0, 0), used: used,
            cuts: [false, false, false, false])
    }

    /// The parts of the frame, turned and scaled so that its longest side is `longest` pixels, each part at most
    /// `tile` pixels wide and high and overlapping its neighbours by at least `overlap`: a face up to that size is
    /// whole in one of them.
    package static func tiles(
        width: Int, height: Int, longest: Int, tile: Int, overlap: Int, turn: QuarterTurn
    ) -> [DetectionPass] {
        let turned = turn == .upright || turn == .down ? (width, height) : (height, width)
        let scale = max(Float(max(width, height)) / Float(longest), 1)
        func spans(_ side: Int) -> [(start: Float, length: Float)] {
            let length = Float(side) / scale
            if length <= Float(tile) { return [(0, length)] }
            let step = Float(tile - overlap)
            let count = Int(((length - Float(tile)) / step).rounded(.up)) + 1
            return (0..<count).map { index in
                ((length - Float(tile)) * Float(index) / Float(count - 1), Float(tile))
            }
        }
        let columns = spans(turned.0)
        let rows = spans(turned.1)
        return rows.enumerated().flatMap { r, row in
            columns.enumerated().map { c, column in
                DetectionPass(
                    turn: turn, frame: (Float(width), Float(height)), scale: scale,
                    origin: Point(column.start, row.start), used: (column.length, row.length),
                    cuts: [c > 0, r > 0, c < columns.count - 1, r < rows.count - 1])
            }
        }
    }

    /// The same view of a frame that lies `offset` pixels from where the view was made for.
    func shifted(by offset: Point) -> DetectionPass {
        guard offset != Point(0, 0) else { return self }
        var pass = self
        pass.transform = Affine(a: 1, b: 0, tx: offset.x, c: 0, d: 1, ty: offset.y).after(transform)
        return pass
    }

    private init(
        turn: QuarterTurn, frame: (Float, Float), scale: Float, origin: Point, used: (Float, Float), cuts: [Bool]
    ) {
        // View pixel → turned frame: centres at whole numbers, so edges lie half a pixel out.
        let view = Affine(
            a: scale, b: 0, tx: (origin.x + 0.5) * scale - 0.5, c: 0, d: scale, ty: (origin.y + 0.5) * scale - 0.5)
        // Turned frame → frame. `right` shows the frame turned 90° clockwise.
        let untwist: Affine
        switch turn {
        case .upright: untwist = .identity
        case .right: untwist = Affine(a: 0, b: 1, tx: 0, c: -1, d: 0, ty: frame.1 - 1)
        case .down: untwist = Affine(a: -1, b: 0, tx: frame.0 - 1, c: 0, d: -1, ty: frame.1 - 1)
        case .left: untwist = Affine(a: 0, b: -1, tx: frame.0 - 1, c: 1, d: 0, ty: 0)
        }
        transform = untwist.after(view)
        func rounded(_ side: Float) -> Int {
            let whole = max(Int(side.rounded(.up)), 1)
            return (whole + Self.multiple - 1) / Self.multiple * Self.multiple
        }
        width = rounded(used.0)
        height = rounded(used.1)
        usedWidth = used.0
        usedHeight = used.1
        self.cuts = cuts
    }

    /// Whether a box in view pixels is whole: it does not come near a side that cuts through the frame, nor is it
    /// larger than `overlap`, within which tiles see faces whole (larger ones are found in a coarser view).
    package func showsWhole(_ box: Box, overlap: Int = .max) -> Bool {
        let margin = 0.04 * min(usedWidth, usedHeight)
        let isTile = cuts.contains(true)
        return !(isTile && max(box.width, box.height) > Float(overlap))
            && !(cuts[0] && box.x < margin || cuts[1] && box.y < margin
                || cuts[2] && box.x + box.width > usedWidth - margin
                || cuts[3] && box.y + box.height > usedHeight - margin)
    }
}
