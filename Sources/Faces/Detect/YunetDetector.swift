// The published detector `yunet_2023_mar`.

internal import Foundation
package import Inference
package import Pixels

/// YuNet, small and quick.
///
/// Source: Wu et al., "YuNet: a tiny millisecond-level face detector", 2023; FaceFusion's `yunet_2023_mar`: 640×640,
/// B, G, R 0…255; twelve outputs, class, object, box and points of the grids of 8, 16 and 32 pixels, one place a cell.
/// The score is class times object; a box is its middle's offset from the cell and the logarithms of its sides, in
/// cells.
package struct YunetDetector: SquareViewDetector {
    /// The file's name.
    package static let model = "yunet_2023_mar"
    private static let kinds = [1, 1, 4, 10]

    package let size = 640
    private let session: any InferenceSession

    /// Takes a loaded model.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is another model.
    package init(session: any InferenceSession) throws {
        try session.requireInput(ExpectedTensor(name: "input", shape: [1, 3, size, size]), of: Self.model)
        try AnchorMaps.require(session, kinds: Self.kinds, each: 1, size: size, of: Self.model)
        self.session = session
    }

    package func found(in view: Crop, threshold: Float) throws -> [Detection] {
        let maps = try AnchorMaps(
            session.run(["input": view.blueFirst()]), kinds: Self.kinds, each: 1, size: size, of: Self.model)
        var found: [Detection] = []
        maps.forEach(scoredBy: 2, atLeast: threshold) { place, score in
            let box = place.values(2, 4)
            // The exponent is bounded so that a damaged model cannot make an infinite box.
            let width = exp(min(box[2], 8)) * place.stride, height = exp(min(box[3], 8)) * place.stride
            let points = place.values(3, 10).enumerated().map { i, offset in
                (i.isMultiple(of: 2) ? place.x : place.y) + offset * place.stride
            }
            found.append(
                Detection(
                    box: Box(
                        x: place.x + box[0] * place.stride - width / 2, y: place.y + box[1] * place.stride - height / 2,
                        width: width, height: height), score: score, points: FivePoints(inARow: points)))
        }
        return found
    }
}
