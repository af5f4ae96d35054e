// The file of packets of one part of a video.

internal import CFFmpeg
internal import Errors
internal import Files
internal import Foundation

/// Reads and writes a part's file: a mark, the encoder's header bytes, then packets with their times, all numbers with
/// the lowest byte first. Only files that a digest was checked of are read.
enum SegmentFile {
    private static let mark = Array("MQSEG001".utf8)
    private static let recordHead = 32

    /// The beginning of the file.
    static func header(_ encoder: FrameEncoder) -> [UInt8] {
        let extra = extradata(encoder)
        return mark + number(Int64(extra.count), bytes: 4) + extra
    }

    /// The bytes that decoders need before the first packet.
    private static func extradata(_ encoder: FrameEncoder) -> [UInt8] {
        let c = unsafe encoder.codec.pointer.pointee
        guard let data = unsafe c.extradata, unsafe c.extradata_size > 0 else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: data, count: Int(c.extradata_size)))
    }

    /// One packet.
    static func record(_ packet: OwnedPacket) -> [UInt8] {
        let p = unsafe packet.pointer.pointee
        let size = unsafe max(0, Int(p.size))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(recordHead + size)
        bytes += unsafe number(p.pts, bytes: 8) + number(p.dts, bytes: 8) + number(p.duration, bytes: 8)
        bytes += unsafe number(Int64(p.flags), bytes: 4) + number(Int64(size), bytes: 4)
        if let data = unsafe p.data, size > 0 {
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: size))
        }
        return bytes
    }

    /// Whether the file at `path` is the one that `summary` tells of and was made by an encoder like `encoder`.
    static func isSound(_ path: String, _ summary: SegmentSummary, _ encoder: FrameEncoder) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path), let digest = try? ContentDigest() else { return false }
        defer { try? file.close() }
        let expected = header(encoder)
        var count = 0
        do {
            while let chunk = try file.read(upToCount: 1 << 20), !chunk.isEmpty {
                if count == 0, !chunk.starts(with: expected) { return false }
                digest.add(Array(chunk))
                count += chunk.count
                if count > summary.bytes { return false }
            }
        } catch { return false }
        return count == summary.bytes && digest.finish() == summary.digest
    }

    /// Hands out all packets in order.
    static func read(
        _ path: String, _ give: (OwnedPacket) throws(MasqueError) -> Void
    ) throws(MasqueError) {
        let broken = MasqueError(.failed, "The finished part “\(path)” is damaged.", advice: "Start the swap again.")
        guard let file = FileHandle(forReadingAtPath: path) else { throw broken }
        defer { try? file.close() }
        func take(_ count: Int) throws(MasqueError) -> [UInt8]? {
            var bytes: [UInt8] = []
            while bytes.count < count {
                guard let chunk = try? file.read(upToCount: count - bytes.count), !chunk.isEmpty else { break }
                bytes += chunk
            }
            if bytes.isEmpty, count > 0 { return nil }
            guard bytes.count == count else { throw broken }
            return bytes
        }
        guard let start = try take(mark.count + 4), start.starts(with: mark) else { throw broken }
        let extra = Int(value(start, at: mark.count, bytes: 4))
        guard extra >= 0, extra < 1 << 20 else { throw broken }
        _ = try take(extra)
        let packet = try OwnedPacket()
        while let head = try take(recordHead) {
            let size = Int(value(head, at: 28, bytes: 4))
            guard size >= 0, size < 1 << 30, let data = try take(size) else { throw broken }
            packet.clear()
            try LibAV.check(
                unsafe av_new_packet(packet.pointer, Int32(size)), .failed, "There was not enough memory for a packet.")
            unsafe data.withUnsafeBufferPointer { from in
                if let base = from.baseAddress, let to = unsafe packet.pointer.pointee.data {
                    unsafe to.update(from: base, count: size)
                }
            }
            unsafe packet.pointer.pointee.pts = value(head, at: 0, bytes: 8)
            unsafe packet.pointer.pointee.dts = value(head, at: 8, bytes: 8)
            unsafe packet.pointer.pointee.duration = value(head, at: 16, bytes: 8)
            unsafe packet.pointer.pointee.flags = Int32(truncatingIfNeeded: value(head, at: 24, bytes: 4))
            try give(packet)
        }
    }

    private static func number(_ value: Int64, bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> Int64(8 * $0)) }
    }

    private static func value(_ data: [UInt8], at offset: Int, bytes: Int) -> Int64 {
        (0..<bytes).reduce(Int64(0)) { $0 | Int64(data[offset + $1]) << Int64(8 * $1) }
    }
}
