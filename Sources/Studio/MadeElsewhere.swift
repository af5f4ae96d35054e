// Finishes what another program made of a picture or a video: reads it, gives it the target's sound and tags, and states
// its origin.

internal import Errors
internal import Files
internal import Foundation
package import ImageIO
internal import Inference
internal import Pixels
package import VideoIO

/// A result that another program made.
package struct MadeElsewhere: Sendable {
    /// The file that the program made; what it is shows in its content.
    package var made: String
    /// What it was made from.
    package var target: String
    /// Where the finished result is written; one that is there is replaced.
    package var output: String
    /// What made it, for the statement of origin.
    package var system: String
    /// The part of a target video that the result shows.
    package var trim = VideoTrim.all
    /// A recording whose sound takes the place of a target video's.
    package var voice: String?
    package var pictureLimits = PictureLimits.default
    package var videoLimits = VideoLimits()

    package init(made: String, target: String, output: String, system: String) {
        self.made = made
        self.target = target
        self.output = output
        self.system = system
    }
}

/// What a finished result is.
package struct FinishedFile: Sendable {
    package let width: Int
    package let height: Int
    /// Seconds; `nil` for a picture.
    package let duration: Double?
    /// What could not be kept, as sentences.
    package let warnings: [String]
}

extension Engine {
    /// Lets the sources and the target of a request pass the content gate; nothing is made.
    ///
    /// - Throws: ``MasqueError``: `.refusedContent`, `.noFace` for a source without one, `.unsupportedMedia`, `.tooLarge`,
    ///   `.stopped`, `.missingModel`: the gate fails closed.
    package func admit(
        _ request: MediaRequest, progress: @escaping @Sendable (MediaProgress) -> Void = { _ in }
    ) async throws {
        try await onEngineThread("masque-admit") { flag in
            try MediaWork(engine: self, request: request, stop: flag, progress: progress).admit()
        }
    }

    /// Finishes what another program made.
    ///
    /// - Throws: ``MasqueError``: `.unsupportedMedia` or `.tooLarge` when it is no picture or video that Masque takes;
    ///   nothing is left behind then.
    package func finish(_ made: MadeElsewhere) async throws -> FinishedFile {
        try await onEngineThread("masque-finish") { flag in
            let isPicture = try PictureFormat(sniffing: fileHead(made.made)) != nil
            return try isPicture ? made.finishPicture() : made.finishVideo(check: flag.check)
        }
    }
}

extension MadeElsewhere {
    fileprivate func finishPicture() throws -> FinishedFile {
        let format = try PictureFormat(outputPath: output)
        let (picture, _) = try decodePicture(at: made, limits: pictureLimits)
        // The colours are still the target's: programs that know of no profiles keep its numbers.
        let (_, metadata) = try decodePicture(at: target, limits: pictureLimits)
        let options = ImageIO.EncodeOptions(
            quality: 92, keeping: metadata, provenance: Provenance(software: Version.product, system: system))
        try writeFile(encodePicture(picture, as: format, options: options), to: output, overwrite: true)
        return FinishedFile(width: picture.width, height: picture.height, duration: nil, warnings: [])
    }

    fileprivate func finishVideo(check: () throws -> Void) throws -> FinishedFile {
        let info = try VideoReader(path: made, limits: videoLimits).info
        let reader = try VideoReader(path: target, limits: videoLimits)
        let options = try VideoIO.EncodeOptions(container: VideoContainer(path: output))
        try reader.prepare(trim: trim)
        let file = try AtomicFile(path: output, overwrite: true)
        var source = reader.source
        source.sound = voice
        let summary = try copyVideo(
            pictures: made, source: source, to: file.temporaryPath, options: options,
            provenance: VideoProvenance(
                software: Version.product, system: system,
                comment: "Faces in this video were changed by \(system), driven by \(Version.product)."),
            check: check)
        try file.commit()
        return FinishedFile(
            width: info.displayWidth, height: info.displayHeight, duration: summary.duration,
            warnings: summary.warnings)
    }
}
