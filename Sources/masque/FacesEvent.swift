// The faces of a picture as JSON.

internal import Faces
internal import Pixels
internal import Studio

/// What `masque faces --json` prints.
struct FacesEvent: Encodable {
    struct Angles: Encodable {
        let yaw, pitch, roll: Float
    }
    struct OneFace: Encodable {
        let number: Int
        let box: Box
        let score: Float
        let size: Float
        let angles: Angles
        /// Left eye, right eye, nose, left and right corner of the mouth, as [x, y].
        let points: [[Float]]
        /// 468 points as [x, y, depth].
        let mesh: [[Float]]?
        let irises: Irises?
        let embedding: [Float]?
    }

    let event = "faces"
    let path: String
    let width: Int
    let height: Int
    let order: String
    let faces: [OneFace]

    init(_ listing: FaceListing, order: FaceOrder, full: Bool) {
        path = listing.path
        width = listing.picture.width
        height = listing.picture.height
        self.order = order.rawValue
        faces = order.sorted(listing.faces).enumerated().map { number, face in
            OneFace(
                number: number, box: face.box, score: face.score, size: face.points.size,
                angles: Angles(yaw: face.angles.yaw, pitch: face.angles.pitch, roll: face.angles.roll),
                points: face.points.all.map { [$0.x, $0.y] },
                mesh: full ? zip(face.mesh.points, face.mesh.depths).map { [$0.x, $0.y, $1] } : nil,
                irises: full ? face.irises : nil, embedding: full ? face.embedding?.values : nil)
        }
    }
}
