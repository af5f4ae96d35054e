// How many bits a second pictures and sound of a video may have so that the file gets as small as wanted.

/// A plan for one attempt at a file of a wanted size.
struct BitBudget: Sendable, Equatable {
    /// Bits a second of the pictures.
    let pictureRate: Int
    /// Bits a second of each stream of sound; 0 without any.
    let soundRate: Int
    /// By what sides are multiplied, at most 1.
    let scale: Double

    /// Bits a pixel below which smaller pictures look better than coarser ones (H.264).
    static let leastBitsPerPixel = 0.05
    /// The shorter side is not made shorter than this, in pixels.
    static let leastSide = 96.0
    /// Bits a second of pictures below which nothing can be seen.
    static let leastPictureRate = 16_000
    /// Sound has at least and at most so many bits a second.
    static let soundRates = 64_000...128_000

    /// What a container needs beside the packets: its tables have about so many bytes a packet, and so many at all.
    private static let bytesPerPacket = 14.0, bytesPerFile = 12_000.0
    /// Packets a second of AAC at 48 kHz.
    private static let soundPackets = 46.9

    /// Shares the bits out.
    ///
    /// - Parameters:
    ///   - maxBytes: bytes of the whole file.
    ///   - duration: seconds.
    ///   - share: how much of the whole is aimed at, 0…1; less after an attempt that came out too large.
    /// - Returns: `nil` when so few are left for the pictures that nothing could be seen.
    init?(
        maxBytes: Int, duration: Double, width: Int, height: Int, frameRate: Double, soundStreams: Int, share: Double
    ) {
        let seconds = max(duration, 0.04), rate = min(max(frameRate, 1), 240), streams = Double(soundStreams)
        let overhead = Self.bytesPerFile + Self.bytesPerPacket * seconds * (rate + streams * Self.soundPackets)
        let total = (Double(maxBytes) - overhead) * 8 / seconds * share
        guard total.isFinite, total > 0 else { return nil }
        let wanted = Int(min(total * 0.15, 1e9))
        let sound = soundStreams == 0 ? 0 : min(max(wanted, Self.soundRates.lowerBound), Self.soundRates.upperBound)
        let pictures = Int(min(total, 1e9)) - sound * soundStreams
        guard pictures >= Self.leastPictureRate else { return nil }
        pictureRate = pictures
        soundRate = sound
        let pixels = Double(max(1, width)) * Double(max(1, height))
        let bits = Double(pictures) / (pixels * rate)
        let floor = min(1, Self.leastSide / Double(max(1, min(width, height))))
        scale = min(1, max(floor, (bits / Self.leastBitsPerPixel).squareRoot()))
    }
}
