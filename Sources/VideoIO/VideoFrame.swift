// One picture of a video, in the planes that the decoder filled.

internal import CFFmpeg
package import Errors
package import Pixels

/// One picture of a video. It owns its planes, or shares them with the decoder until ``makeWritable()``.
// @unchecked: a frame is handed from thread to thread and has one holder at a time.
@safe package final class VideoFrame: @unchecked Sendable {
    /// Ticks of ``timeBase`` from the beginning of the output (after trimming) to this frame.
    package let pts: Int64
    /// Ticks of ``timeBase`` for which the frame is shown; at least 1.
    package let duration: Int64
    /// Seconds per tick.
    package let timeBase: Rational
    /// Whether the source stored it as a key frame.
    package let isKey: Bool
    /// The frame's number among those that the reader gave, from 0.
    package let index: Int
    /// Columns of the luma plane.
    package let width: Int
    /// Rows of the luma plane.
    package let height: Int
    /// The stored frame's timestamp in the file, in ticks of the stream's time base.
    let sourcePts: Int64

    let frame: OwnedFrame
    private let layout: PlanarLayout

    /// Wraps a frame whose layout ``PlanarLayout`` knows.
    init(
        _ frame: OwnedFrame, layout: PlanarLayout, pts: Int64, duration: Int64, timeBase: Rational, isKey: Bool,
        index: Int, sourcePts: Int64 = 0
    ) {
        self.frame = frame
        self.layout = layout
        self.pts = pts
        self.duration = duration
        self.timeBase = timeBase
        self.isKey = isKey
        self.index = index
        self.sourcePts = sourcePts
        unsafe width = Int(frame.pointer.pointee.width)
        unsafe height = Int(frame.pointer.pointee.height)
    }

    /// Seconds from the beginning of the output.
    package var seconds: Double { timeBase.seconds(pts) }
    /// Bits per sample: 8 or 10.
    package var bitDepth: Int { layout.bitDepth }

    /// Lends the planes for reading. They may be the decoder's own: writing here spoils later frames, so call
    /// ``makeWritable()`` first when anything is to change.
    package func withPlanes<Result>(_ body: (PlanarYUV) throws -> Result) rethrows -> Result {
        let f = unsafe frame.pointer
        guard let y = unsafe f.pointee.data.0, let u = unsafe f.pointee.data.1, let v = unsafe f.pointee.data.2 else {
            fatalError("VideoReader makes frames of three planes only")
        }
        let planes = unsafe PlanarYUV(
            width: width, height: height, bitDepth: layout.bitDepth, chromaShiftX: layout.chromaShiftX,
            chromaShiftY: layout.chromaShiftY, chromaSitedLeft: f.pointee.chroma_location != AVCHROMA_LOC_CENTER,
            color: FrameColor.relation(f), y: y, u: u, v: v, yStride: Int(f.pointee.linesize.0),
            uvStride: Int(f.pointee.linesize.1))
        return try body(planes)
    }

    /// Makes sure that nobody else holds these planes, copying them if the decoder still does.
    ///
    /// - Throws: ``MasqueError`` when there is no memory for the copy.
    package func makeWritable() throws(MasqueError) {
        try LibAV.check(
            unsafe av_frame_make_writable(frame.pointer), .failed, "There was not enough memory for a video frame.")
    }

    /// Lends the planes for writing in place.
    package func withWritablePlanes<Result>(_ body: (PlanarYUV) throws -> Result) throws -> Result {
        try makeWritable()
        return try withPlanes(body)
    }
}

/// A planar YUV layout that Masque works on: 4:2:0, 4:2:2 or 4:4:4 with 8 or 10 bits.
struct PlanarLayout: Hashable {
    let format: AVPixelFormat
    let bitDepth: Int
    let chromaShiftX: Int
    let chromaShiftY: Int

    static let all: [PlanarLayout] = [
        PlanarLayout(format: AV_PIX_FMT_YUV420P, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1),
        PlanarLayout(format: AV_PIX_FMT_YUV422P, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 0),
        PlanarLayout(format: AV_PIX_FMT_YUV444P, bitDepth: 8, chromaShiftX: 0, chromaShiftY: 0),
        PlanarLayout(format: AV_PIX_FMT_YUV420P10LE, bitDepth: 10, chromaShiftX: 1, chromaShiftY: 1),
        PlanarLayout(format: AV_PIX_FMT_YUV422P10LE, bitDepth: 10, chromaShiftX: 1, chromaShiftY: 0),
        PlanarLayout(format: AV_PIX_FMT_YUV444P10LE, bitDepth: 10, chromaShiftX: 0, chromaShiftY: 0),
    ]

    /// The layout of `format`, if Masque works on it as it is.
    static func of(_ format: Int32) -> PlanarLayout? { all.first { $0.format.rawValue == format } }

    /// The layout with these parameters, or 8-bit 4:2:0.
    static func with(bitDepth: Int, chromaShiftX: Int, chromaShiftY: Int) -> PlanarLayout {
        all.first {
            $0.bitDepth == bitDepth && $0.chromaShiftX == chromaShiftX && $0.chromaShiftY == chromaShiftY
        } ?? all[0]
    }

    /// The layout that loses least of `format`: deeper samples become 10-bit, RGB becomes 4:4:4, gray 4:2:0.
    static func nearest(_ format: Int32) -> PlanarLayout {
        guard let facts = PixelFacts(format) else { return all[0] }
        let depth = facts.bitDepth > 8 ? 10 : 8
        if facts.isRGB { return with(bitDepth: depth, chromaShiftX: 0, chromaShiftY: 0) }
        if facts.components < 3 { return with(bitDepth: depth, chromaShiftX: 1, chromaShiftY: 1) }
        let shiftX = min(1, facts.chromaShiftX)
        return with(bitDepth: depth, chromaShiftX: shiftX, chromaShiftY: min(shiftX, facts.chromaShiftY))
    }

    var name: String { unsafe LibAV.name(av_get_pix_fmt_name(format)) }
}

/// Reads a frame's colour tags.
enum FrameColor {
    /// The relation of Y′CbCr to R′G′B′; frames without a tag count as BT.709 from 720 rows, below as BT.601.
    static func relation(_ frame: UnsafePointer<AVFrame>) -> YUVColor {
        let full = unsafe frame.pointee.color_range == AVCOL_RANGE_JPEG
        switch unsafe frame.pointee.colorspace {
        case AVCOL_SPC_BT709: return .bt709(fullRange: full)
        case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M: return .bt601(fullRange: full)
        case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: return .bt2020(fullRange: full)
        case AVCOL_SPC_FCC: return YUVColor(redWeight: 0.30, blueWeight: 0.11, fullRange: full)
        case AVCOL_SPC_SMPTE240M: return YUVColor(redWeight: 0.212, blueWeight: 0.087, fullRange: full)
        default:
            return unsafe frame.pointee.height >= 720 && !full ? .bt709(fullRange: full) : .bt601(fullRange: full)
        }
    }
}
