// Finds the timestamp of a numbered frame without decoding.

internal import CFFmpeg
internal import Errors

enum FrameIndex {
    /// More frames than any codec delays for reordering.
    private static let reorder = 64

    /// The timestamp of frame number `index` in display order, from 0, in ticks of the stream's time base; nil for
    /// the place right after the last frame and all later ones when `orEnd` is set.
    ///
    /// - Throws: ``MasqueError/Code/badInput`` when the video has fewer frames and `orEnd` is not set.
    static func pts(ofFrame index: Int, path: String, orEnd: Bool = false) throws(MasqueError) -> Int64? {
        let demuxer = try Demuxer(path: path)
        let stream = try demuxer.bestVideoStream()
        demuxer.select { $0 == stream }
        let packet = try OwnedPacket()
        var times: [Int64] = []
        // The count of packets never overflows, which a frame number might.
        while times.count - reorder <= index, demuxer.read(packet).more {
            let p = unsafe packet.pointer.pointee
            guard unsafe Int(p.stream_index) == stream, unsafe p.flags & AV_PKT_FLAG_DISCARD == 0 else { continue }
            let time = unsafe p.pts != MASQUE_NOPTS ? p.pts : p.dts
            if time != MASQUE_NOPTS { times.append(time) }
        }
        times.sort()
        guard index >= 0, index < times.count else {
            if orEnd, index >= times.count { return nil }
            throw MasqueError(
                .badInput, "“\(demuxer.name)” has no frame number \(index): it has \(times.count) frames, from 0.")
        }
        return times[index]
    }
}
