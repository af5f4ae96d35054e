// Encodes a part of a video into a file of packets that is later joined with others.

internal import CFFmpeg
package import Errors
internal import Files

/// What a finished part is.
package struct SegmentSummary: Sendable, Hashable, Codable {
    /// Frames in it.
    package let frames: Int
    /// Bytes of its file.
    package let bytes: Int
    /// The digest of its file, against damage.
    package let digest: String
}

/// Encodes one part of a video. Its frames stand by themselves: an encoder of its own starts with a key frame and looks
/// at nothing outside, so the same frames give the same packets whatever came before, in this run or another.
///
/// The file appears whole on ``finish()`` or not at all. All calls block; one thread at a time.
// @unchecked: a writer is handed from thread to thread and used by one at a time.
package final class SegmentWriter: @unchecked Sendable {
    /// Frames taken so far.
    package private(set) var frames = 0

    private let file: AtomicFile
    private let encoder: FrameEncoder
    private let digest: ContentDigest
    private var bytes = 0
    private var lastPts: Int64?
    private let path: String

    init(path: String, recipe: EncoderRecipe) throws(MasqueError) {
        self.path = path
        file = try AtomicFile(path: path, overwrite: true)
        encoder = try recipe.open()
        digest = try ContentDigest()
        try put(SegmentFile.header(encoder))
    }

    /// Encodes a frame; as ``VideoWriter/write(_:)``.
    package func write(_ frame: VideoFrame) throws(MasqueError) {
        let shared = try frame.frame.reference()
        let f = unsafe shared.pointer
        unsafe f.pointee.pict_type = AV_PICTURE_TYPE_NONE
        let pts = frame.timeBase.rescale(frame.pts, to: encoder.timeBase)
        if let lastPts, pts <= lastPts {
            throw MasqueError(.failed, "Frame \(frame.index) of “\(path)” does not come after the frame before it.")
        }
        lastPts = pts
        unsafe f.pointee.pts = pts
        frames += 1
        try encoder.encode(shared, duration: frame.timeBase.rescale(frame.duration, to: encoder.timeBase)) {
            (packet) throws(MasqueError) in try store(packet)
        }
    }

    /// Writes what is left and brings the file to the disk.
    package func finish() throws(MasqueError) -> SegmentSummary {
        try encoder.encode(nil) { (packet) throws(MasqueError) in try store(packet) }
        try file.commit()
        return SegmentSummary(frames: frames, bytes: bytes, digest: digest.finish())
    }

    private func store(_ packet: OwnedPacket) throws(MasqueError) {
        try put(SegmentFile.record(packet))
        packet.clear()
    }

    private func put(_ some: [UInt8]) throws(MasqueError) {
        try file.write(some)
        digest.add(some)
        bytes += some.count
    }
}
