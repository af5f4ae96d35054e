// The faces of a picture, as `masque faces` lists and draws them.

internal import Errors
package import Faces
internal import Files
internal import Foundation
internal import ImageIO
package import Pixels

/// What was found in one picture.
package struct FaceListing: Sendable {
    /// The file.
    package let path: String
    /// The picture, upright.
    package let picture: Picture
    /// Its faces, best score first.
    package let faces: [Face]

    init(path: String, engine: Engine, detection: DetectionOptions) throws {
        let gate = try ContentGate(engine.library, policy: engine.policy)
        let (picture, _) = try decodePicture(at: path)
        let finder = try engine.faceModels.finder(embeddings: true, irises: true)
        let faces = try finder.faces(in: picture, options: detection)
        try gate.check(picture, faces: faces, role: "picture", name: URL(fileURLWithPath: path).lastPathComponent)
        self.path = path
        self.picture = picture
        self.faces = faces
    }

    /// The picture with boxes, meshes, irises and numbers drawn in, faces counted in `order`.
    package func drawn(order: FaceOrder) -> Picture {
        var canvas = Canvas(picture)
        for (number, face) in order.sorted(faces).enumerated() {
            let thickness = max(1, face.box.width / 150)
            for point in face.mesh.points { canvas.dot(point, radius: thickness * 0.6, color: (90, 220, 255)) }
            for point in face.points.all { canvas.dot(point, radius: thickness * 2, color: (255, 80, 80)) }
            canvas.frame(face.box, thickness: thickness * 1.5, color: (255, 220, 60))
            canvas.number(
                number, at: Point(face.box.x, face.box.y), height: max(12, face.box.height / 6), color: (255, 220, 60))
        }
        return canvas.picture
    }

    /// Writes ``drawn(order:)`` to a file.
    package func draw(to path: String, order: FaceOrder, overwrite: Bool) throws {
        let options = ImageIO.EncodeOptions(
            quality: 92, provenance: Provenance(software: Version.product, system: "mesh"))
        try writePicture(drawn(order: order), to: path, options: options, overwrite: overwrite)
    }
}
