// The identity model that published swappers were trained with.

package import Inference
package import Pixels

/// Identity by InsightFace's ArcFace (`w600k_r50`): a 112×112 crop, 512 values.
///
/// Source: InsightFace's model zoo; crop `arcface_112_v2`, R, G, B as v / 127.5 - 1. The values are the network's own,
/// not at length 1: swappers want both.
package struct ArcFaceEmbedder: FaceEmbedder {
    /// The model's id in the model library: FaceFusion's name of the file.
    package static let model = "arcface_w600k_r50"
    /// Side of the crop in pixels.
    package static let side = 112
    /// The values of an embedding.
    package static let count = 512

    private let network: SingleInputModel

    /// Makes an embedder over the loaded model ``model``.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is another model. Its input may have
    ///   any name: InsightFace's file and FaceFusion's differ in it.
    package init(session: any InferenceSession) throws {
        let input = ExpectedTensor(
            name: session.inputs.first?.name ?? "input", shape: [1, 3, Self.side, Self.side])
        try session.requireInput(input, of: Self.model)
        try session.requireOutput(shape: [1, Self.count], of: Self.model)
        network = try SingleInputModel(session, name: Self.model, layout: .nchw)
    }

    package func embedding(of mesh: FaceMesh, in surface: some Surface) throws -> FaceEmbedding {
        try embedding(of: mesh.fivePoints, in: surface)
    }

    /// The identity of the face with these five points.
    ///
    /// - Throws: ``MasqueError`` when the model fails or gives what are not that many numbers.
    package func embedding(of points: FivePoints, in surface: some Surface) throws -> FaceEmbedding {
        let transform = AlignmentTemplate.arcface112v2.crop(for: points, size: Self.side)
        let crop = surface.sample(transform, width: Self.side, height: Self.side)
        let outputs = try network.outputs(for: crop, scale: 1 / 127.5, shift: -1)
        guard let values = outputs.first, values.count == Self.count, values.allSatisfy(\.isFinite) else {
            throw unexpectedOutputs(of: Self.model)
        }
        return FaceEmbedding(values: values)
    }
}
