// Where a frame lies in a video, and what it looks like, so that it can be found again.

internal import CFFmpeg
package import Errors
internal import Pixels

/// A frame of a prepared reader, named so that another reader of the same file finds it; see ``VideoReader/go(to:)``.
package struct FramePlace: Sendable, Hashable, Codable {
    /// The frame's number among those that the reader gives.
    package let index: Int
    /// Its time, in the ticks in which the reader gives times.
    let pts: Int64
    /// The timestamp in the file of the stored frame that it shows.
    let sourcePts: Int64
    /// The digest of its pixels.
    let digest: String
}

extension VideoFrame {
    /// Names the frame; before anything is written into it.
    ///
    /// - Throws: ``MasqueError`` when there is no memory for it.
    package func place() throws(MasqueError) -> FramePlace {
        FramePlace(index: index, pts: pts, sourcePts: sourcePts, digest: try digest())
    }

    /// The digest of the frame's samples.
    func digest() throws(MasqueError) -> String {
        let hash = try ContentDigest()
        withPlanes { planes in
            let sample = planes.bitDepth > 8 ? 2 : 1
            for y in 0..<planes.height {
                unsafe hash.add(planes.y + y * planes.yStride, planes.width * sample)
            }
            let columns = (planes.width + (1 << planes.chromaShiftX) - 1) >> planes.chromaShiftX
            let rows = (planes.height + (1 << planes.chromaShiftY) - 1) >> planes.chromaShiftY
            for y in 0..<rows {
                unsafe hash.add(planes.u + y * planes.uvStride, columns * sample)
                unsafe hash.add(planes.v + y * planes.uvStride, columns * sample)
            }
        }
        return hash.finish()
    }
}

/// A quick digest (MurmurHash3, 128 bits) against damage, not against forgery.
@safe final class ContentDigest {
    private let state: OpaquePointer

    init() throws(MasqueError) {
        guard let state = unsafe av_murmur3_alloc() else { throw LibAV.outOfMemory("a digest") }
        unsafe av_murmur3_init(state)
        unsafe self.state = state
    }

    deinit { unsafe av_free(UnsafeMutableRawPointer(state)) }

    /// Takes bytes in.
    func add(_ bytes: UnsafePointer<UInt8>, _ count: Int) { unsafe av_murmur3_update(state, bytes, count) }

    /// Takes bytes in.
    func add(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBufferPointer { unsafe av_murmur3_update(state, $0.baseAddress, $0.count) }
    }

    /// The digest of all bytes in hexadecimal; nothing can be added afterwards.
    func finish() -> String {
        var out = [UInt8](repeating: 0, count: 16)
        unsafe av_murmur3_final(state, &out)
        return out.map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }
}
