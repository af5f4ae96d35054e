// Person or background, pixel by pixel.

package import Inference
package import Pixels

/// Tells people from background. Life cycle: made once over a loaded model, then asked from any engine thread; it keeps
/// nothing from one call to the next.
///
/// Source: model card "MediaPipe Selfie Segmentation", general model (Apache-2.0). Input R, G, B in 0…1 at 256×256;
/// output 256×256 in 0…1. It wants to see the upper body: give it a view about three faces wide.
package struct PersonSegmenter: Sendable {
    /// The model's id in the model library.
    package static let model = "selfie_segmentation"
    /// Side of the view in pixels.
    package static let side = 256

    private let network: SingleInputModel

    /// Makes a segmenter over the loaded model `selfie_segmentation`.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`) when the graph has no input.
    package init(session: any InferenceSession) throws {
        network = try SingleInputModel(session, name: Self.model)
    }

    /// The person mask of what `view` (crop of 256×256 → frame) shows: 1 person, 0 background.
    ///
    /// - Throws: ``MasqueError`` when the model fails.
    package func mask(of view: Affine, in surface: some Surface) throws -> Plane {
        let crop = surface.sample(view, width: Self.side, height: Self.side, outsideIsBlack: false)
        let outputs = try network.outputs(for: crop, scale: 1 / 255)
        guard let values = outputs.first, values.count == Self.side * Self.side else {
            throw unexpectedOutputs(of: Self.model)
        }
        return Plane(width: Self.side, height: Self.side, values: values.map { min(max($0, 0), 1) })
    }

    /// The person mask around a face, at the size of the crop of `size`×`size` pixels that `transform` cuts.
    ///
    /// The model looks at a square three times as wide as the mesh, upright in the face's turn, its middle half a face
    /// below the face's.
    package func mask(
        of mesh: FaceMesh, in surface: some Surface, transform: Affine, size: Int
    ) throws -> Plane {
        let region = mesh.region(size: Self.side, margin: 3)
        let shift = Affine(a: 1, b: 0, tx: 0, c: 0, d: 1, ty: Float(Self.side) / 6)
        let view = region.after(shift)
        let wide = try mask(of: view, in: surface)
        let toView = view.inverse.after(transform)
        var result = Plane(width: size, height: size)
        for y in 0..<size {
            for x in 0..<size {
                result.values[y * size + x] = wide.value(at: toView(Point(Float(x), Float(y))))
            }
        }
        return result
    }
}
