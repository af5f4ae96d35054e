// Decoding times across the seams of joined parts.

/// Gives the packets of joined parts decoding times that rise across the seams.
///
/// An encoder gives its first packets decoding times before their pictures' times, by as many frames as it reorders.
/// In one long run those are the times of the frames before; an encoder that starts in the middle does not know them and
/// guesses. So the first packets of each later part get the times of the last frames of the part before.
struct SegmentSeams {
    /// Frames by which pictures are shown later than they are decoded, as the first part shows.
    private var delay = 0
    private var part = 0
    /// The latest times so far, rising; as many as the delay can be.
    private var tail: [Int64] = []
    private var times: [Int64] = []
    private var first: Int64?
    private var packets = 0
    private var lastDts: Int64?

    /// More frames than any encoder here reorders.
    private static let longest = 64

    /// Says that the next packet begins a part.
    mutating func begin() {
        tail = Array((tail + times.sorted()).suffix(Self.longest))
        times = []
        first = nil
        packets = 0
        part += 1
    }

    /// The decoding time of the next packet, whose encoder said `dts`.
    mutating func place(pts: Int64, dts: Int64) -> Int64 {
        defer { packets += 1 }
        times.append(pts)
        if times.count > 4 * Self.longest { times = Array(times.sorted().suffix(Self.longest)) }
        // The first packet of a part is its first picture.
        if first == nil { first = pts }
        if part == 1, let first, dts < first { delay += 1 }
        var result = dts
        if part > 1, packets < delay, tail.count >= delay { result = tail[tail.count - delay + packets] }
        if let lastDts, result <= lastDts { result = min(lastDts &+ 1, pts) }
        lastDts = result
        return result
    }
}
