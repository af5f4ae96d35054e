// The faces of a picture as a table.

internal import Faces
internal import Foundation
internal import Pixels
internal import Studio

/// What `masque faces` prints.
struct FaceTable {
    /// The lines, without a newline at the end.
    let text: String

    init(_ listing: FaceListing, order: FaceOrder) {
        let name = (listing.path as NSString).lastPathComponent
        let size = "\(listing.picture.width)×\(listing.picture.height)"
        guard !listing.faces.isEmpty else {
            text = "\(name) (\(size)): no face was found."
            return
        }
        let count = listing.faces.count
        var lines = [
            "\(name) (\(size)): \(count) face\(count == 1 ? "" : "s"), counted \(order.rawValue)",
            "  no   score      x      y  width height    yaw  pitch   roll   size",
        ]
        for (number, face) in order.sorted(listing.faces).enumerated() {
            let (box, angles) = (face.box, face.angles)
            lines.append(
                String(
                    format: "%4d%8.2f%7.0f%7.0f%7.0f%7.0f%6.0f°%6.0f°%6.0f°%7.0f", number, face.score, box.x, box.y,
                    box.width, box.height, angles.yaw, angles.pitch, angles.roll, face.points.size))
        }
        text = lines.joined(separator: "\n")
    }
}
