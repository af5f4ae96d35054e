// The sample pictures that scripts/setup fetches, and a film made of one.

package import Errors
internal import Foundation
internal import ImageIO
internal import Pixels
internal import VideoIO

package enum Samples {
    /// Where a sample lies, such as `astronaut.png`.
    /// - Throws: ``MasqueError`` when it is not there.
    package static func path(_ name: String) throws(MasqueError) -> String {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["MASQUE_CACHE"] ?? (environment["HOME"] ?? "") + "/.cache/masque"
        let path = "\(cache)/samples/\(name)"
        guard FileManager.default.fileExists(atPath: path) else {
            throw MasqueError(.notFound, "The sample \(path) is missing.", advice: "Run scripts/setup.")
        }
        return path
    }

    /// Writes an MP4 film of a face that moves sideways: 320×320, 25 frames a second, without sound.
    package static func writeMovie(to path: String, frames: Int) throws {
        let (whole, _) = try decodePicture(at: self.path("astronaut.png"))
        let writer = try VideoWriter(
            path: path, source: nil, options: try VideoIO.EncodeOptions(container: .mp4, preset: .ultrafast))
        for index in 0..<frames {
            let frame = try VideoFrame.blank(width: 320, height: 320, index: index, rate: Rational(25, 1))
            let view = Affine(a: 1, b: 0, tx: 70 + Float(index % 20), c: 0, d: 1, ty: 0)
            try frame.withWritablePlanes { planes in
                var planes = planes
                let seen = whole.sample(view, width: 320, height: 320)
                planes.paste(seen, mask: Plane(width: 320, height: 320, fill: 1), through: .identity)
            }
            try writer.write(frame)
        }
        try writer.finish()
    }
}
