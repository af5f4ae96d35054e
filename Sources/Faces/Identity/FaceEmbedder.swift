// What every identity model does, and the built-in one.

package import Inference
package import Pixels

/// Says who a face is. Life cycle: made once over a loaded model, then asked from any engine thread; it keeps nothing
/// from one call to the next. Calls block for about twenty milliseconds: ask once per track, not once per frame.
package protocol FaceEmbedder: Sendable {
    /// The identity of the face under `mesh`.
    ///
    /// - Throws: ``MasqueError`` when the model fails.
    func embedding(of mesh: FaceMesh, in surface: some Surface) throws -> FaceEmbedding
}

/// Identity by dlib's ResNet: a 150×150 chip aligned by the four eye corners and the nose base.
///
/// Source: `dlib_face_recognition_resnet_model_v1` (CC0); the chip is dlib's `get_face_chip_details` with padding
/// 0.25, its five reference points as published in dlib's `interpolation.h`. Input R, G, B 0…255; output 128 values.
package struct DlibFaceEmbedder: FaceEmbedder {
    /// The model's id in the model library.
    package static let model = "identity"
    /// Side of the chip in pixels.
    package static let side = 150

    /// dlib's reference positions as fractions of the unpadded chip, in the order of ``meshIndices``.
    private static let reference: [Point] = [
        Point(0.8595674595992, 0.2134981538014), Point(0.6460604764104, 0.2289674387677),
        Point(0.1205750620789, 0.2137274526848), Point(0.3340850613712, 0.2290642403242),
        Point(0.4901123135679, 0.6277975316475),
    ]
    private static let meshIndices = [
        MeshIndex.rightEyeOuter, MeshIndex.rightEyeInner, MeshIndex.leftEyeOuter, MeshIndex.leftEyeInner,
        MeshIndex.noseBase,
    ]
    private static let padding: Float = 0.25

    private let network: SingleInputModel

    /// Makes an embedder over the loaded model `identity`.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`) when the graph has no input.
    package init(session: any InferenceSession) throws {
        network = try SingleInputModel(session, name: Self.model, layout: .nchw)
    }

    /// The chip's map to the frame for a mesh.
    package static func chip(for mesh: FaceMesh) -> Affine {
        let chipPoints = reference.map { ($0 + Point(padding, padding)) * (Float(side) / (2 * padding + 1)) }
        return Affine.similarity(from: meshIndices.map { mesh.points[$0] }, to: chipPoints).inverse
    }

    package func embedding(of mesh: FaceMesh, in surface: some Surface) throws -> FaceEmbedding {
        let chip = surface.sample(Self.chip(for: mesh), width: Self.side, height: Self.side, outsideIsBlack: true)
        let outputs = try network.outputs(for: chip)
        guard let values = outputs.first, values.count == 128, values.allSatisfy(\.isFinite) else {
            throw unexpectedOutputs(of: Self.model)
        }
        return FaceEmbedding(values: values)
    }
}
