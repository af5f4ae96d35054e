// How published detectors look at a frame: square views of one size, the frame in the top left corner.

internal import Inference
package import Pixels

/// A detector whose graph takes a square picture of ``size`` pixels. ``FaceDetector/detect(in:options:)`` comes with
/// it: the whole frame scaled down to the square (never up) with black beside it, and for
/// ``DetectionEffort/thorough`` on large pictures also parts of it at twice the fineness.
package protocol SquareViewDetector: FaceDetector {
    /// Side of the view in pixels.
    var size: Int { get }

    /// Finds the faces of one view, in its pixels; several times the same face is allowed.
    ///
    /// - Throws: ``MasqueError`` when the model fails.
    func found(in view: Crop, threshold: Float) throws -> [Detection]
}

extension SquareViewDetector {
    /// A face up to this many pixels of a finer view is whole in one of them.
    private var overlap: Int { size / 4 }

    package func detect(in surface: some Surface, options: DetectionOptions) throws -> [Detection] {
        try options.search { turns in
            var found: [Detection] = []
            for turn in turns {
                let passes = options.margin.passes(width: surface.width, height: surface.height) {
                    self.passes(width: $0, height: $1, effort: options.effort, turn: turn)
                }
                for pass in passes {
                    let view = surface.sampleByQuarters(
                        pass.transform, width: size, height: size, outsideIsBlack: true)
                    found += try self.found(in: view, threshold: options.threshold)
                        .filter { $0.isFinite && pass.showsWhole($0.box, overlap: overlap) }
                        .map { $0.moved(by: pass.transform) }
                }
            }
            return found.suppressed(overlap: DetectionOptions.overlap(turns: turns.count))
        }
    }

    private func passes(width: Int, height: Int, effort: DetectionEffort, turn: QuarterTurn) -> [DetectionPass] {
        var passes = [DetectionPass.whole(width: width, height: height, longest: size, turn: turn)]
        let longest = max(width, height)
        if effort == .thorough, Float(longest) > 1.2 * Float(size) {
            passes += DetectionPass.tiles(
                width: width, height: height, longest: min(2 * size, longest), tile: size, overlap: overlap, turn: turn)
        }
        return passes
    }
}

extension Detection {
    /// Whether all its numbers are numbers, and the box has a size.
    var isFinite: Bool {
        score.isFinite && box.x.isFinite && box.y.isFinite && box.width.isFinite && box.height.isFinite
            && box.width > 0 && box.height > 0 && points.all.allSatisfy { $0.x.isFinite && $0.y.isFinite }
    }
}

extension FivePoints {
    /// Five points of x and y in a row, in FaceFusion's order.
    init(inARow values: [Float]) {
        self.init(
            leftEye: Point(values[0], values[1]), rightEye: Point(values[2], values[3]),
            nose: Point(values[4], values[5]), leftMouth: Point(values[6], values[7]),
            rightMouth: Point(values[8], values[9]))
    }
}

extension Crop {
    /// The crop as [1, 3, height, width] with blue first, each value v as v · `scale` + `shift`.
    func blueFirst(scale: Float = 1, shift: Float = 0) -> Tensor {
        let plane = width * height
        var values = [Float](repeating: 0, count: 3 * plane)
        for channel in 0..<3 {
            let from = (2 - channel) * plane, to = channel * plane
            for i in 0..<plane { values[to + i] = self.values[from + i] * scale + shift }
        }
        return .float32(values, shape: [1, 3, height, width])
    }
}
