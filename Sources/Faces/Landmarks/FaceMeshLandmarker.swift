// The dense landmarker: MediaPipe's face mesh.

internal import Foundation
package import Inference
package import Pixels

/// Lays 468 points with MediaPipe's `face_landmark` model on a crop of 192×192 pixels.
///
/// Source: Kartynnik et al., "Real-time facial surface geometry from monocular video on mobile GPUs", 2019, and the
/// model card "MediaPipe Face Mesh" (Apache-2.0). Input R, G, B in 0…1; outputs 468 × (x, y, z) in crop pixels and a
/// face flag as a logit.
package struct FaceMeshLandmarker: MeshLandmarker {
    /// The model's id in the model library.
    package static let model = "face_mesh"
    /// Side of the crop in pixels.
    package static let side = 192

    /// From the model's coordinates to pixels whose centres lie at whole numbers. Nine faces and their mirror images gave
    /// x + x′ = 191.4 on average where whole-number centres would give 191 and edges 192.
    private static let shift: Float = 0.2

    private let network: SingleInputModel

    /// Makes a landmarker over the loaded model `face_mesh`.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`) when the graph has no input.
    package init(session: any InferenceSession) throws {
        network = try SingleInputModel(session, name: Self.model)
    }

    package func mesh(of face: Detection, in surface: some Surface, refinements: Int) throws -> FaceMesh {
        let region = Affine.crop(
            center: face.box.center, side: max(face.box.width, face.box.height, 1) * 1.5, angle: face.points.roll,
            size: Self.side)
        var mesh = try mesh(in: region, of: surface)
        var previous = region
        // A face found in an odd turn needs more passes until its crop settles.
        for pass in 0..<(refinements > 0 ? refinements + 2 : 0) {
            let next = mesh.region(size: Self.side)
            if pass >= refinements, Self.isSettled(previous, next) { break }
            mesh = try self.mesh(in: next, of: surface)
            previous = next
        }
        return mesh
    }

    /// Whether two crops are so alike that the mesh would not change: by less than a fifteenth of the side in place and
    /// size and about three degrees in turn.
    private static func isSettled(_ a: Affine, _ b: Affine) -> Bool {
        let change = a.inverse.after(b)
        let middle = Point(Float(side - 1) / 2, Float(side - 1) / 2)
        return (change(middle) - middle).length < Float(side) / 15 && abs(change.scale - 1) < 1 / 15
            && abs(atan2(change.c, change.a)) < 0.06
    }

    package func mesh(following previous: FaceMesh, in surface: some Surface) throws -> FaceMesh {
        try mesh(in: previous.region(size: Self.side), of: surface)
    }

    /// Lays the mesh on what `region` (crop → frame) shows.
    package func mesh(in region: Affine, of surface: some Surface) throws -> FaceMesh {
        let crop = surface.sample(region, width: Self.side, height: Self.side, outsideIsBlack: true)
        let outputs = try network.outputs(for: crop, scale: 1 / 255)
        guard let values = outputs.first(where: { $0.count == 3 * FaceMesh.count }),
            let flag = outputs.first(where: { $0.count == 1 })?.first
        else { throw unexpectedOutputs(of: Self.model) }
        let scale = region.scale
        var points: [Point] = []
        var depths: [Float] = []
        points.reserveCapacity(FaceMesh.count)
        depths.reserveCapacity(FaceMesh.count)
        for i in 0..<FaceMesh.count {
            points.append(region(Point(values[3 * i] - Self.shift, values[3 * i + 1] - Self.shift)))
            depths.append(values[3 * i + 2] * scale)
        }
        guard points.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else { throw unexpectedOutputs(of: Self.model) }
        return FaceMesh(points: points, depths: depths, presence: 1 / (1 + exp(-flag)))
    }
}
