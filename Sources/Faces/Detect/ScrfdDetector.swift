// The published SCRFD detectors, `scrfd_2.5g` and what FaceFusion calls `retinaface_10g`.

package import Inference
package import Pixels

/// SCRFD.
///
/// Source: Guo et al., "Sample and computation redistribution for efficient face detection", 2021; FaceFusion's files:
/// B, G, R as (v - 127.5) / 128; nine outputs, scores, boxes and points of the grids of 8, 16 and 32 pixels, two places
/// a cell. A box is its sides' distances from the cell's top left pixel, points are offsets from it, in cells.
package struct ScrfdDetector: SquareViewDetector {
    /// The files' names: the small and the large one.
    package static let small = "scrfd_2.5g"
    package static let large = "retinaface_10g"
    /// The sides that a view may have (`--face-detector-size`).
    package static let sizes = [160, 320, 480, 512, 640]
    private static let kinds = [1, 4, 10]
    private static let each = 2

    package let size: Int
    /// Which of the files it is.
    package let model: String
    private let session: any InferenceSession

    /// Takes a loaded model.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is another model.
    package init(session: any InferenceSession, model: String = ScrfdDetector.small, size: Int = 640) throws {
        precondition(Self.sizes.contains(size))
        try session.requireInput(ExpectedTensor(name: "input", shape: [1, 3, size, size]), of: model)
        self.session = session
        self.model = model
        self.size = size
        // The counts of places that a file declares are those of the size that it was exported with.
        guard session.outputs.count == 9 else {
            throw unexpectedTensor(model, "gives \(session.outputs.count) outputs where 9 are due")
        }
        for place in 0..<9 {
            let values = Self.kinds[place / 3]
            let rank = session.outputs[place].shape.count
            try session.requireOutput(place, shape: rank == 3 ? [1, -1, values] : [-1, values], of: model)
        }
    }

    package func found(in view: Crop, threshold: Float) throws -> [Detection] {
        let maps = try AnchorMaps(
            session.run(["input": view.blueFirst(scale: 1 / 128, shift: -127.5 / 128)]), kinds: Self.kinds,
            each: Self.each, size: size, of: model)
        var found: [Detection] = []
        maps.forEach(scoredBy: 1, atLeast: threshold) { place, score in
            let sides = place.values(1, 4).map { $0 * place.stride }
            let points = place.values(2, 10).enumerated().map { i, offset in
                (i.isMultiple(of: 2) ? place.x : place.y) + offset * place.stride
            }
            found.append(
                Detection(
                    box: Box(
                        x: place.x - sides[0], y: place.y - sides[1], width: sides[0] + sides[2],
                        height: sides[1] + sides[3]), score: score, points: FivePoints(inARow: points)))
        }
        return found
    }
}
