// Irises and fine eye contours: MediaPipe's iris model.

package import Inference
package import Pixels

/// One eye in fine detail, in frame pixels.
package struct Iris: Sendable, Hashable, Codable {
    /// The pupil's centre and four points on the iris' edge (sides, top and bottom).
    package var iris: [Point]
    /// 71 points: the eye's contour (the first 16) and rings of the lids and brow around it.
    package var contour: [Point]

    /// The pupil's centre.
    package var center: Point { iris[0] }
    /// The iris' radius in pixels: the mean distance of the edge points from the centre.
    package var radius: Float { iris.dropFirst().reduce(0) { $0 + ($1 - iris[0]).length } / Float(iris.count - 1) }
}

/// Both eyes of a face; left is the left of the picture.
package struct Irises: Sendable, Hashable, Codable {
    package var left: Iris
    package var right: Iris
}

/// Finds the irises of a face whose mesh is known.
///
/// Source: Ablavatski et al., "Real-time pupil tracking from monocular video", 2020, and the model card "MediaPipe
/// Iris" (Apache-2.0): a 64×64 crop of 2.3 times the distance of the eye's corners, turned by them; the eye on the
/// picture's left is mirrored. Outputs 71 × 3 and 5 × 3 in crop pixels.
package struct IrisLandmarker: Sendable {
    /// The model's id in the model library.
    package static let model = "iris"
    /// Side of the crop in pixels.
    package static let side = 64

    private let network: SingleInputModel

    /// Makes a landmarker over the loaded model `iris`.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`) when the graph has no input.
    package init(session: any InferenceSession) throws {
        network = try SingleInputModel(session, name: Self.model)
    }

    /// Finds both irises; about one millisecond an eye.
    ///
    /// - Throws: ``MasqueError`` when the model fails.
    package func irises(of mesh: FaceMesh, in surface: some Surface) throws -> Irises {
        let points = mesh.points
        return Irises(
            left: try iris(
                from: points[MeshIndex.leftEyeOuter], to: points[MeshIndex.leftEyeInner], mirrored: true, in: surface),
            right: try iris(
                from: points[MeshIndex.rightEyeInner], to: points[MeshIndex.rightEyeOuter], mirrored: false,
                in: surface))
    }

    private func iris(from start: Point, to end: Point, mirrored: Bool, in surface: some Surface) throws -> Iris {
        let line = end - start
        let roll = FivePoints(leftEye: start, rightEye: end, nose: start, leftMouth: start, rightMouth: start).roll
        var region = Affine.crop(
            center: (start + end) * 0.5, side: max(line.length, 1) * 2.3, angle: roll, size: Self.side)
        if mirrored {
            region = region.after(Affine(a: -1, b: 0, tx: Float(Self.side) - 1, c: 0, d: 1, ty: 0))
        }
        let crop = surface.sample(region, width: Self.side, height: Self.side, outsideIsBlack: false)
        let outputs = try network.outputs(for: crop, scale: 1 / 255)
        guard let contour = outputs.first(where: { $0.count == 213 }),
            let iris = outputs.first(where: { $0.count == 15 })
        else { throw unexpectedOutputs(of: Self.model) }
        func points(_ values: [Float]) -> [Point] {
            stride(from: 0, to: values.count, by: 3).map { region(Point(values[$0] - 0.5, values[$0 + 1] - 0.5)) }
        }
        return Iris(iris: points(iris), contour: points(contour))
    }
}
