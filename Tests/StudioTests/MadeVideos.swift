// Videos drawn frame by frame, so that what moves where is known, and frames read back.

import Faces
import Foundation
import Pixels
import Studio
import Testing
import VideoIO

/// A portrait's face on which a virtual camera looks.
enum Scene: Sendable {
    case astronaut, hopper

    /// The portrait and the middle of its face.
    var source: (Portrait, Point) {
        switch self {
        case .astronaut: (.astronaut, Point(224, 118))
        case .hopper: (.hopper, Point(262, 172))
        }
    }

    /// What the camera sees with the face's middle moved from the picture's by `offset`, in new pixels.
    func picture(
        width: Int = 320, height: Int = 240, scale: Float = 1, degrees: Float = 0, offset: Point = Point(0, 0)
    ) throws -> Picture {
        let (portrait, middle) = source
        let whole = try Self.whole(portrait)
        let view = Picture.view(around: middle, scale: scale, degrees: degrees, width: width, height: height)
        let moved = view.after(Affine(a: 1, b: 0, tx: -offset.x, c: 0, d: 1, ty: -offset.y))
        return whole.seen(through: moved, width: width, height: height)
    }

    private static let pictures = (try? Portrait.astronaut.picture(), try? Portrait.hopper.picture())

    private static func whole(_ portrait: Portrait) throws -> Picture {
        try #require(portrait == .astronaut ? pictures.0 : pictures.1, "Run scripts/setup: the samples are missing.")
    }
}

extension StudioFixture {
    /// Writes a video of drawn frames and gives its path.
    @discardableResult
    func movie(
        _ name: String, frames: Int, rate: Int32 = 25, quality: Int = 92, codec: VideoCodec? = nil,
        draw: (Int) throws -> Picture
    ) throws -> String {
        let path = path(name)
        let options = try EncodeOptions(
            container: VideoContainer(path: path), codec: codec, quality: quality, preset: .ultrafast)
        let writer = try VideoWriter(path: path, source: nil, options: options)
        for index in 0..<frames {
            let picture = try draw(index)
            let frame = try VideoFrame.blank(
                width: picture.width, height: picture.height, index: index, rate: Rational(rate, 1))
            try frame.withWritablePlanes { planes in
                var planes = planes
                let all = Plane(width: picture.width, height: picture.height, fill: 1)
                planes.paste(picture.crop, mask: all, through: .identity)
            }
            try writer.write(frame)
        }
        try writer.finish()
        return path
    }

    /// Options of fast tests.
    func fast(_ output: String, quality: Int = 85) throws -> EncodeOptions {
        try EncodeOptions(container: VideoContainer(path: output), quality: quality, preset: .veryfast)
    }

    /// A video swap in the tests' settings.
    func videoRequest(_ sources: [String], _ target: String, _ output: String) throws -> MediaRequest {
        var request = request(sources, target, output)
        request.video = try fast(output)
        return request
    }

    /// All frames as pictures, with their times in seconds.
    func frames(_ path: String, trim: VideoTrim = .all) throws -> (pictures: [Picture], times: [Double]) {
        let reader = try VideoReader(path: path)
        try reader.prepare(trim: trim)
        var pictures: [Picture] = [], times: [Double] = []
        while let frame = try reader.next() {
            pictures.append(
                frame.withPlanes { $0.sample(.identity, width: $0.width, height: $0.height).picture })
            times.append(frame.seconds)
        }
        return (pictures, times)
    }

    /// The same video, decoded and encoded with `options` and nothing done to it.
    func reencode(_ source: String, _ name: String, options: EncodeOptions) throws -> String {
        let reader = try VideoReader(path: source)
        try reader.prepare(for: options)
        let writer = try VideoWriter(path: path(name), source: reader.source, options: options)
        while let frame = try reader.next() { try writer.write(frame) }
        try writer.finish()
        return path(name)
    }

    /// The same video with a tag that says how far clockwise it is turned for showing.
    func tag(_ source: String, rotation: Int, as target: String) throws {
        // FFmpeg 5.1 counts this option counter-clockwise.
        let option = "rotate=\((360 - rotation) % 360)"
        try run("ffmpeg", "-v", "error", "-i", source, "-c", "copy", "-metadata:s:v:0", option, target)
        try #require(try VideoReader(path: target).info.rotation == rotation)
    }

    /// Whether a file of the folder is there.
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}
