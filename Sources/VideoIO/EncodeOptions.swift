// How a video is to be written: container, codec, quality.

package import Errors
internal import Foundation

/// A container that Masque writes.
package enum VideoContainer: String, Sendable, CaseIterable {
    case mp4, mov, m4v, webm, mkv, gif

    /// The container that a file name's extension names, in any case.
    ///
    /// - Throws: ``MasqueError/Code/badInput`` for any other extension.
    package init(path: String) throws(MasqueError) {
        let ending = (path as NSString).pathExtension.lowercased()
        guard let container = VideoContainer(rawValue: ending) else {
            let all = VideoContainer.allCases.map(\.rawValue).joined(separator: ", ")
            let said = ending.isEmpty ? "has no extension" : "ends in “.\(ending)”"
            throw MasqueError(
                .badInput, "The output name “\((path as NSString).lastPathComponent)” \(said).",
                advice: "Name a video that ends in one of: \(all).")
        }
        self = container
    }

    /// FFmpeg's name of the muxer.
    var muxer: String {
        switch self {
        case .mp4, .m4v: "mp4"
        case .mov: "mov"
        case .webm: "webm"
        case .mkv: "matroska"
        case .gif: "gif"
        }
    }

    /// Whether this is one of the QuickTime family.
    var isQuickTime: Bool { self == .mp4 || self == .m4v || self == .mov }

    /// Whether transparency can be kept in it.
    package var holdsAlpha: Bool { self == .webm || self == .gif }

    /// Whether players read a rotation from it. FFmpeg 5.1 writes one only into the QuickTime family.
    var holdsRotation: Bool { isQuickTime }

    /// The codec that plays almost everywhere in this container.
    package var defaultCodec: VideoCodec {
        switch self {
        case .webm: .vp9
        case .gif: .gif
        default: .h264
        }
    }

    /// The codecs that may go into this container.
    package var codecs: [VideoCodec] {
        switch self {
        case .mp4, .m4v, .mkv: [.h264, .hevc, .vp9]
        case .mov: [.h264, .hevc]
        case .webm: [.vp9]
        case .gif: [.gif]
        }
    }
}

/// A picture codec that Masque writes.
package enum VideoCodec: String, Sendable, CaseIterable {
    case h264, hevc, vp9, gif

    /// FFmpeg's name of the encoder.
    var encoder: String {
        switch self {
        case .h264: "libx264"
        case .hevc: "libx265"
        case .vp9: "libvpx-vp9"
        case .gif: "gif"
        }
    }

    /// Whether 10-bit pictures stay 10-bit.
    var keepsTenBit: Bool { self == .hevc || self == .vp9 }
    /// Whether the encoder needs even sides for 4:2:0.
    var needsEvenSides: Bool { self == .h264 || self == .hevc }
}

/// The encoder's trade of time for size, as x264 names it; slower is smaller at equal quality.
package enum EncodePreset: String, Sendable, CaseIterable {
    case ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow

    /// libvpx's speed number, 0 (slowest) … 8.
    var vp9Speed: Int {
        switch self {
        case .ultrafast: 8
        case .superfast: 7
        case .veryfast: 6
        case .faster: 5
        case .fast: 4
        case .medium: 3
        case .slow: 2
        case .slower: 1
        case .veryslow: 0
        }
    }
}

/// How frames are resized before anything is done with them.
package enum FrameScale: Sendable, Hashable {
    /// To an exact size of the displayed picture.
    case size(width: Int, height: Int)
    /// To rows of the displayed picture, width in proportion: "720p".
    case height(Int)
    /// By a factor: "0.5" or "50%".
    case factor(Double)

    /// Reads "1280x720", "720p", "0.5" or "50%".
    ///
    /// - Throws: ``MasqueError/Code/badInput`` for anything else.
    package init(_ text: String) throws(MasqueError) {
        let word = text.contains(where: { !"0123456789.xpXP%".contains($0) }) ? "" : text.lowercased()
        let sides = word.split(separator: "x", omittingEmptySubsequences: false)
        if sides.count == 2, let w = Int(sides[0]), let h = Int(sides[1]), (2...16384).contains(w),
            (2...16384).contains(h)
        {
            self = .size(width: w, height: h)
        } else if word.hasSuffix("p"), let rows = Int(word.dropLast()), (2...16384).contains(rows) {
            self = .height(rows)
        } else if word.hasSuffix("%"), let percent = Double(word.dropLast()), percent > 0, percent <= 800 {
            self = .factor(percent / 100)
        } else if let factor = Double(word), !word.contains("x"), factor > 0, factor <= 8 {
            self = .factor(factor)
        } else {
            throw MasqueError(
                .badInput, "“\(text)” is not a size.", advice: "Write 1280x720, 720p, 50% or 0.5.")
        }
    }

    /// The stored size that a stored picture of `width`×`height` gets; at least 2×2, even unless given exactly.
    /// `quarterTurned` says that players show it turned by 90 or 270 degrees.
    package func apply(width: Int, height: Int, quarterTurned: Bool = false) -> (width: Int, height: Int) {
        func even(_ value: Double) -> Int { max(2, Int((value / 2).rounded()) * 2) }
        switch self {
        case .size(let w, let h): return quarterTurned ? (h, w) : (w, h)
        case .factor(let f): return (even(Double(width) * f), even(Double(height) * f))
        case .height(let rows):
            let f = Double(rows) / Double(max(1, quarterTurned ? width : height))
            return (even(Double(width) * f), even(Double(height) * f))
        }
    }
}

/// How a video is to be written.
package struct EncodeOptions: Sendable {
    /// The container.
    package var container: VideoContainer
    /// The picture codec.
    package var codec: VideoCodec
    /// 0 (smallest) … 100 (best); FaceFusion's scale.
    package var quality: Int
    /// Time against size.
    package var preset: EncodePreset
    /// Frames a second to resample to; nil keeps every frame and its time.
    package var frameRate: Double?
    /// Resizing; nil keeps the size.
    package var scale: FrameScale?
    /// Whether mp4 and mov get their index before the pictures, so that they play while they load.
    package var fastStart: Bool
    /// Whether sound and subtitles come along.
    package var keepAudio: Bool
    /// Bits a second of H.264 pictures, in place of ``quality``: the mean over the video, with room for hard scenes.
    package var bitRate: Int?
    /// Bits a second that each stream of sound may have: one with more, or with an unknown number, is made AAC of so many.
    package var soundBitRate: Int?

    /// Makes options.
    ///
    /// - Throws: ``MasqueError/Code/badInput`` when a value is out of its range or the codec does not fit the container.
    package init(
        container: VideoContainer, codec: VideoCodec? = nil, quality: Int = 80, preset: EncodePreset = .veryfast,
        frameRate: Double? = nil, scale: FrameScale? = nil, fastStart: Bool = true, keepAudio: Bool = true
    ) throws(MasqueError) {
        self.container = container
        self.codec = codec ?? container.defaultCodec
        self.quality = quality
        self.preset = preset
        self.frameRate = frameRate
        self.scale = scale
        self.fastStart = fastStart
        self.keepAudio = keepAudio
        guard container.codecs.contains(self.codec) else {
            let fitting = container.codecs.map(\.rawValue).joined(separator: ", ")
            throw MasqueError(
                .badInput, "A .\(container.rawValue) file cannot hold \(self.codec.rawValue) video.",
                advice: "Choose one of: \(fitting).")
        }
        guard (0...100).contains(quality) else {
            throw MasqueError(.badInput, "The video quality \(quality) is outside 0 to 100.")
        }
        if let frameRate, !(frameRate >= 0.1 && frameRate <= 240) {
            throw MasqueError(.badInput, "The frame rate \(frameRate) is outside 0.1 to 240.")
        }
    }

    /// The encoder's constant rate factor: 51…0 for H.264 and HEVC, 63…0 for VP9, as FaceFusion maps quality.
    package var rateFactor: Int {
        let worst: Double = codec == .vp9 ? 63 : 51
        return Int((worst - Double(quality) * worst / 100).rounded())
    }
}
