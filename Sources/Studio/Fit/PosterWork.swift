// Makes a small picture of a result, for a list or a chat to show before the result itself is there.

internal import Errors
internal import Files
internal import Foundation
package import ImageIO
internal import Inference
internal import Pixels
package import VideoIO

/// Of what a small picture is wanted.
package struct PosterRequest: Sendable {
    package var path: String
    /// Where the JPEG is written; what is there is replaced.
    package var output: String
    /// The longest side, in pixels.
    package var longest = 320
    /// The most bytes that it may have.
    package var maxBytes = 199_000
    package var pictureLimits = PictureLimits.default
    package var videoLimits = VideoLimits()

    package init(path: String, output: String) {
        self.path = path
        self.output = output
    }
}

extension Engine {
    /// Makes a small JPEG of a picture, or of a video's first frame that shows something; it states the same origin.
    ///
    /// - Returns: columns and rows.
    /// - Throws: ``MasqueError``: `.unsupportedMedia`, `.tooLarge`, `.stopped`, …
    package func poster(_ request: PosterRequest) async throws -> (width: Int, height: Int) {
        try await onEngineThread("masque-poster") { flag in
            try PosterWork(request: request, stop: flag).run()
        }
    }
}

/// One small picture, on the calling thread.
struct PosterWork: Sendable {
    let request: PosterRequest
    let stop: CancellationFlag

    /// Seconds of a video in which a frame is looked for, and frames that are looked at.
    private static let seconds = 5.0, frames = 150

    func run() throws -> (width: Int, height: Int) {
        let head = try fileHead(request.path)
        let (picture, metadata, statement) = try PictureFormat(sniffing: head) == nil ? ofVideo() : ofPicture()
        for quality in [85, 70, 50, 25] {
            let bytes = try encodePicture(
                picture, as: .jpeg, options: .sent(quality: quality, keeping: metadata, provenance: statement))
            guard bytes.count <= request.maxBytes else { continue }
            try writeFile(bytes, to: request.output, overwrite: true)
            return (picture.width, picture.height)
        }
        let name = URL(fileURLWithPath: request.path).lastPathComponent
        throw MasqueError(.tooLarge, "“\(name)” cannot be shown in a picture of \(request.maxBytes) bytes.")
    }

    private func ofPicture() throws -> (Picture, PictureMetadata, Provenance?) {
        let (whole, metadata) = try decodePicture(at: request.path, limits: request.pictureLimits)
        return (
            try whole.shrunk(longest: request.longest), metadata, metadata.xmp.flatMap { Provenance(xmpPacket: $0) }
        )
    }

    private func ofVideo() throws -> (Picture, PictureMetadata, Provenance?) {
        let reader = try VideoReader(path: request.path, limits: request.videoLimits)
        var best: (frame: VideoFrame, contrast: Double)?
        while let frame = try reader.next(), frame.index < Self.frames, frame.seconds <= Self.seconds {
            try stop.check()
            let look = FrameLook(frame.signature())
            if look.showsSomething {
                best = (frame, look.contrast)
                break
            }
            if best.map({ look.contrast > $0.contrast }) ?? true { best = (frame, look.contrast) }
        }
        guard let frame = best?.frame else {
            let name = URL(fileURLWithPath: request.path).lastPathComponent
            throw MasqueError(.unsupportedMedia, "“\(name)” has no frames.")
        }
        let picture = try frame.picture(longest: request.longest, rotation: reader.rotation)
        let statement = reader.info.container == "mov" ? try VideoProvenance(path: request.path) : nil
        return (picture, PictureMetadata(format: .jpeg), statement?.statement)
    }
}

/// How bright a frame is and how much it varies.
struct FrameLook {
    /// The mean of the blocks' luma, 0…255.
    let mean: Double
    /// The standard deviation of the blocks' luma.
    let contrast: Double

    init(_ signature: FrameSignature) {
        let blocks = signature.blocks.map(Double.init), count = Double(max(1, blocks.count))
        let mean = blocks.reduce(0, +) / count
        self.mean = mean
        contrast = (blocks.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    }

    /// Whether it is neither nearly black, nor nearly white, nor of one brightness.
    var showsSomething: Bool { (28...235).contains(mean) && contrast >= 6 }
}
