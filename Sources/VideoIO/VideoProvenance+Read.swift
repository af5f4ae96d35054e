// Reads what a made video of the QuickTime family says of its making.

internal import CFFmpeg
package import Errors
internal import Files
internal import Foundation

extension VideoProvenance {
    /// Bytes of the longest XMP packet that is read.
    private static let longestPacket: UInt64 = 1 << 20
    /// Boxes of a file that are looked at; made files have a handful.
    private static let mostBoxes = 10_000

    /// Reads the statement of an mp4 or mov file.
    ///
    /// - Returns: `nil` when it makes none in the way of ``append(to:container:)``.
    /// - Throws: ``MasqueError`` when the file cannot be read.
    package init?(path: String) throws(MasqueError) {
        guard let packet = try Self.packet(in: path), let statement = Provenance(xmpPacket: packet),
            statement.digitalSourceType.hasPrefix(Self.addresses)
        else { return nil }
        let demuxer = try Demuxer(path: path)
        self.init(
            software: statement.software,
            digitalSourceType: String(statement.digitalSourceType.dropFirst(Self.addresses.count)),
            system: statement.system,
            comment: unsafe LibAV.value("comment", in: demuxer.pointer.pointee.metadata) ?? "")
    }

    /// The XMP packet of the first box that carries one.
    private static func packet(in path: String) throws(MasqueError) -> String? {
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            let end = try file.seekToEnd()
            var place: UInt64 = 0, seen = 0
            while place < end, end - place >= 8, seen < mostBoxes {
                seen += 1
                try file.seek(toOffset: place)
                guard let head = try file.read(upToCount: 32), head.count >= 8 else { return nil }
                let bytes = Array(head)
                var size = number(bytes[0..<4]), start = 8
                if size == 1 {
                    guard bytes.count >= 16 else { return nil }
                    (size, start) = (number(bytes[8..<16]), 16)
                }
                // The last box may reach to the end of the file.
                if size == 0 { size = end - place }
                guard size >= start, size <= end - place else { return nil }
                if bytes[4..<8].elementsEqual("uuid".utf8), bytes.count >= start + 16,
                    bytes[start..<start + 16].elementsEqual(boxIdentifier)
                {
                    let length = size - UInt64(start) - 16
                    guard size >= UInt64(start) + 16, length <= longestPacket else { return nil }
                    try file.seek(toOffset: place + UInt64(start) + 16)
                    guard let packet = try file.read(upToCount: Int(length)) else { return nil }
                    return String(decoding: packet, as: UTF8.self)
                }
                place += size
            }
            return nil
        } catch {
            throw MasqueError(.badInput, "The statement of origin of “\(path)” could not be read.", cause: error)
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
