// Makes a result smaller until it has no more bytes than wanted, and keeps what it says of its origin.

internal import Errors
internal import Files
internal import Foundation
package import ImageIO
internal import Inference
internal import Pixels
package import VideoIO

/// A result that is to be made smaller.
package struct FitRequest: Sendable {
    /// The result: a picture or an MP4.
    package var path: String
    /// The most bytes that it may have.
    package var maxBytes: Int
    /// A folder that is given `fitted.` and the format's ending; what is there is replaced.
    package var folder: String
    package var pictureLimits = PictureLimits.default
    package var videoLimits = VideoLimits()

    package init(path: String, maxBytes: Int, folder: String) {
        self.path = path
        self.maxBytes = maxBytes
        self.folder = folder
    }
}

/// A result that was made smaller.
package struct FittedFile: Sendable {
    package let path: String
    package let mediaType: String
    /// Pixels as people see them.
    package let width: Int
    package let height: Int
    /// Seconds; `nil` for a picture.
    package let duration: Double?
}

extension Engine {
    /// Makes a result smaller: a picture as JPEG, a video as H.264 and AAC in an MP4 that plays while it loads; all of its
    /// frames stay, with their times. One that is small enough already is copied.
    ///
    /// - Parameter progress: told now and then how far it is, 0…1.
    /// - Throws: ``MasqueError``: `.badInput` when the file does not state its origin, `.tooLarge` when it cannot be made so
    ///   small, `.unsupportedMedia`, `.stopped`; nothing is left behind then.
    package func fit(
        _ request: FitRequest, progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) async throws -> FittedFile {
        try await onEngineThread("masque-fit") { flag in
            try FitWork(request: request, stop: flag, progress: progress).run()
        }
    }
}

/// One result, on the calling thread.
struct FitWork: Sendable {
    let request: FitRequest
    let stop: CancellationFlag
    let progress: @Sendable (Double) -> Void

    func run() throws -> FittedFile {
        guard request.maxBytes > 0 else {
            throw MasqueError(.badInput, "No file can be made as small as \(request.maxBytes) bytes.")
        }
        let head = try fileHead(request.path)
        guard let format = PictureFormat(sniffing: head) else { return try video(head) }
        return try picture(format)
    }

    private var name: String { URL(fileURLWithPath: request.path).lastPathComponent }

    private func isSmallEnough() throws -> Bool {
        let size = try FileManager.default.attributesOfItem(atPath: request.path)[.size] as? Int
        return size.map { $0 <= request.maxBytes } ?? false
    }

    /// The refusal of what Masque did not make.
    private var unstated: MasqueError {
        MasqueError(
            .badInput, "“\(name)” does not state its origin, so it is not made smaller.",
            advice: "Only results that Masque made are sent on.")
    }

    private var tooLarge: MasqueError {
        MasqueError(
            .tooLarge, "“\(name)” cannot be made as small as \(megabytes(request.maxBytes)).",
            advice: "Take it from the server instead, or cut it.")
    }

    // MARK: Pictures

    private func picture(_ format: PictureFormat) throws -> FittedFile {
        guard let statement = readProvenance(try readFile(at: request.path, maxBytes: request.pictureLimits.maxBytes))
        else { throw unstated }
        let header = try PictureHeader(path: request.path, limits: request.pictureLimits)
        if try isSmallEnough() {
            let path = "\(request.folder)/fitted.\(format.fileExtension)"
            try copy(to: path)
            return FittedFile(
                path: path, mediaType: format.mediaType, width: header.width, height: header.height, duration: nil)
        }
        let (whole, metadata) = try decodePicture(at: request.path, limits: request.pictureLimits)
        let path = "\(request.folder)/fitted.jpg"
        let longest = max(whole.width, whole.height)
        for step in 0..<24 {
            try stop.check()
            progress(Double(step) / 24)
            // First coarser, then smaller.
            let quality = [88, 82, 75][min(step, 2)]
            let picture = try whole.shrunk(
                longest: max(16, Int(Double(longest) * pow(0.85, Double(max(0, step - 2))))))
            let bytes = try encodePicture(
                picture, as: .jpeg, options: .sent(quality: quality, keeping: metadata, provenance: statement))
            guard bytes.count <= request.maxBytes else { continue }
            guard readProvenance(bytes) == statement else { throw lost }
            try writeFile(bytes, to: path, overwrite: true)
            return FittedFile(
                path: path, mediaType: PictureFormat.jpeg.mediaType, width: picture.width, height: picture.height,
                duration: nil)
        }
        throw tooLarge
    }

    // MARK: Videos

    /// How often a video is encoded before it is given up.
    private static let attempts = 3

    private func video(_ head: [UInt8]) throws -> FittedFile {
        // Says first what a file is that is no video.
        let info = try VideoReader(path: request.path, limits: request.videoLimits).info
        guard info.container == "mov", let statement = try VideoProvenance(path: request.path) else { throw unstated }
        let path = "\(request.folder)/fitted.mp4"
        if try isSmallEnough() {
            try copy(to: path)
            return FittedFile(
                path: path, mediaType: "video/mp4", width: info.displayWidth, height: info.displayHeight,
                duration: info.duration)
        }
        var share = 0.97
        for attempt in 0..<Self.attempts {
            guard
                let budget = BitBudget(
                    maxBytes: request.maxBytes, duration: info.duration, width: info.width, height: info.height,
                    frameRate: info.frameRate.isKnown ? info.frameRate.value : 25, soundStreams: info.audio.count,
                    share: share)
            else { throw tooLarge }
            let file = try AtomicFile(path: path, overwrite: true)
            let (summary, made) = try encode(budget, statement, to: file.temporaryPath) {
                progress((Double(attempt) + $0) / Double(Self.attempts))
            }
            if summary.bytes <= request.maxBytes {
                guard try VideoProvenance(path: file.temporaryPath) == statement else { throw lost }
                try file.commit()
                return FittedFile(
                    path: path, mediaType: "video/mp4", width: made.width, height: made.height,
                    duration: summary.duration)
            }
            share *= 0.96 * Double(request.maxBytes) / Double(summary.bytes)
        }
        throw tooLarge
    }

    /// Encodes all frames within a budget.
    private func encode(
        _ budget: BitBudget, _ statement: VideoProvenance, to path: String, progress: (Double) -> Void
    ) throws -> (VideoSummary, size: (width: Int, height: Int)) {
        var options = try VideoIO.EncodeOptions(
            container: .mp4, codec: .h264, preset: .faster, scale: budget.scale < 1 ? .factor(budget.scale) : nil)
        options.bitRate = budget.pictureRate
        options.soundBitRate = budget.soundRate > 0 ? budget.soundRate : nil
        let reader = try VideoReader(path: request.path, limits: request.videoLimits)
        try reader.prepare(for: options)
        let writer = try VideoWriter(path: path, source: reader.source, options: options, provenance: statement)
        let expected = Double(max(1, reader.info.frameCountEstimate))
        var size = (width: 0, height: 0)
        while let frame = try reader.next() {
            try stop.check()
            size = reader.rotation % 180 == 0 ? (frame.width, frame.height) : (frame.height, frame.width)
            try writer.write(frame)
            progress(min(1, Double(frame.index) / expected))
        }
        return (try writer.finish(), size)
    }

    private var lost: MasqueError { MasqueError(.failed, "The statement of origin of “\(name)” could not be kept.") }

    private func copy(to path: String) throws {
        try? removeAll(path)
        try copyFile(request.path, to: path)
    }
}

extension ImageIO.EncodeOptions {
    /// Options for a copy that is sent: a profile that is larger than a small picture is left out.
    static func sent(quality: Int, keeping metadata: PictureMetadata, provenance: Provenance?) -> Self {
        var options = Self(quality: quality, keeping: metadata, provenance: provenance)
        if let profile = options.iccProfile, profile.count > 20_000 { options.iccProfile = nil }
        return options
    }
}
