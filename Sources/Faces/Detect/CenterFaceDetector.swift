// The default detector: CenterFace at one or several scales and turns.

internal import Errors
package import Inference
package import Pixels

/// Finds faces with CenterFace: box, score and five points, from about 8 pixels of face height in its view upwards.
package struct CenterFaceDetector: FaceDetector {
    /// The model's id in the model library.
    package static let model = "centerface"

    private let network: SingleInputModel

    /// The longest side in pixels of the view that ``DetectionEffort/fast`` looks at.
    private static let fastSide = 416
    /// The longest side of the view that the other efforts begin with.
    private static let side = 640
    /// The longest sides of the finer views that ``DetectionEffort/thorough`` adds, and the tiles they are cut in: two
    /// cover 1280 pixels and four 2560. Smaller tiles need less of the runtime's memory, and a face larger than the
    /// overlap is found in the next coarser view, where it is half as large.
    private static let finerSides = [1280, 2560]
    private static let tile = 736
    private static let overlap = 128

    /// Makes a detector over the loaded model `centerface`.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`) when the graph has no input.
    package init(session: any InferenceSession) throws {
        network = try SingleInputModel(session, name: Self.model, layout: .nchw)
    }

    package func detect(in surface: some Surface, options: DetectionOptions) throws -> [Detection] {
        try options.search { turns in
            var found: [Detection] = []
            for turn in turns {
                let passes = options.margin.passes(width: surface.width, height: surface.height) {
                    Self.passes(width: $0, height: $1, effort: options.effort, turn: turn)
                }
                for pass in passes { found += try detect(pass, in: surface, threshold: options.threshold) }
            }
            return found.suppressed(overlap: DetectionOptions.overlap(turns: turns.count))
        }
    }

    /// The views that an effort looks at, coarsest first.
    package static func passes(
        width: Int, height: Int, effort: DetectionEffort, turn: QuarterTurn
    ) -> [DetectionPass] {
        let longest = max(width, height)
        switch effort {
        case .fast:
            return [.whole(width: width, height: height, longest: fastSide, turn: turn)]
        case .balanced, .thorough:
            var passes = [
                DetectionPass.whole(width: width, height: height, longest: side, turn: turn, enlargement: 2)
            ]
            guard effort == .thorough else { return passes }
            for finer in finerSides where Float(longest) > 0.6 * Float(finer) {
                passes += DetectionPass.tiles(
                    width: width, height: height, longest: min(finer, longest), tile: tile, overlap: overlap, turn: turn
                )
            }
            return passes
        }
    }

    private func detect(_ pass: DetectionPass, in surface: some Surface, threshold: Float) throws -> [Detection] {
        let crop = surface.sampleByQuarters(
            pass.transform, width: pass.width, height: pass.height, outsideIsBlack: true)
        let maps = try network.outputs(for: crop)
        let rows = pass.height / 4
        let columns = pass.width / 4
        guard maps.count == 4, maps[0].count == rows * columns, maps[3].count == 10 * rows * columns else {
            throw unexpectedOutputs(of: Self.model)
        }
        return CenterFaceDecoder.decode(
            heat: maps[0], size: maps[1], offset: maps[2], points: maps[3], rows: rows, columns: columns,
            threshold: threshold
        )
        .filter { pass.showsWhole($0.box, overlap: Self.overlap + 16) }
        .map { $0.moved(by: pass.transform) }
    }
}
