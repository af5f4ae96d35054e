// What a made video says of its making: XMP in a box or extension of its own, and plain tags.

internal import CFFmpeg
internal import Errors
package import Files
internal import Foundation

/// What a made video says of itself.
package struct VideoProvenance: Sendable, Hashable {
    /// The program and its version, such as "Masque 0.1".
    package var software: String
    /// The IPTC digital source type, the last part of its address, such as "compositeWithTrainedAlgorithmicMedia".
    package var digitalSourceType: String
    /// The generator within the program, such as "mesh", where known.
    package var system: String?
    /// A sentence for people.
    package var comment: String

    /// Makes a statement.
    package init(
        software: String, digitalSourceType: String = "compositeWithTrainedAlgorithmicMedia", system: String? = nil,
        comment: String
    ) {
        self.software = software
        self.digitalSourceType = digitalSourceType
        self.system = system
        self.comment = comment
    }

    /// The same statement as pictures carry it.
    package var statement: Provenance {
        Provenance(digitalSourceType: digitalSourceAddress, software: software, system: system)
    }

    /// The address that IPTC gave the source type.
    var digitalSourceAddress: String { Self.addresses + digitalSourceType }

    /// What the addresses of IPTC's digital source types begin with.
    static let addresses = "http://cv.iptc.org/newscodes/digitalsourcetype/"

    /// The identifier of the box that carries XMP in the QuickTime family (XMP specification part 3, §2.2.2).
    static let boxIdentifier: [UInt8] = [
        0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8, 0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF, 0xAC,
    ]

    /// Puts the statement among the tags of a file whose beginning is not written yet.
    func state(in muxer: Muxer, container: VideoContainer) {
        _ = unsafe av_dict_set(&muxer.pointer.pointee.metadata, "comment", comment, 0)
        if container == .mkv || container == .webm {
            for (key, value) in [("DIGITAL_SOURCE_TYPE", digitalSourceAddress), ("SOFTWARE", software)] {
                _ = unsafe av_dict_set(&muxer.pointer.pointee.metadata, key, value, 0)
            }
        }
    }

    /// Adds the XMP to a finished file: a `uuid` box at the end of mp4 and mov, an application extension before the
    /// end mark of a GIF (XMP specification part 3, §1.1.2). Matroska carries the statement as tags instead.
    func append(to path: String, container: VideoContainer) throws(MasqueError) {
        guard container.isQuickTime || container == .gif else { return }
        do {
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            defer { try? file.close() }
            let packet = Array(statement.xmpPacket.utf8)
            if container == .gif {
                let end = try file.seekToEnd()
                guard end > 14 else { return }
                try file.seek(toOffset: end - 1)
                guard try file.read(upToCount: 1)?.first == 0x3B else { return }
                try file.seek(toOffset: end - 1)
                var block: [UInt8] = [0x21, 0xFF, 0x0B] + Array("XMP DataXMP".utf8) + packet + [0x01]
                block += (0...255).reversed().map { UInt8($0) } + [0x00]
                block += [0x21, 0xFE] + VideoProvenance.subBlocks(Array(comment.utf8)) + [0x3B]
                try file.write(contentsOf: Data(block))
            } else {
                try file.seekToEnd()
                let size = UInt32(24 + packet.count)
                var box: [UInt8] = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> UInt32($0)) }
                box += Array("uuid".utf8) + VideoProvenance.boxIdentifier + packet
                try file.write(contentsOf: Data(box))
            }
        } catch {
            throw MasqueError(.failed, "The statement of origin could not be written to “\(path)”.", cause: error)
        }
    }

    /// GIF sub-blocks of at most 255 bytes with their end mark.
    private static func subBlocks(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 255) {
            let part = bytes[start..<min(bytes.count, start + 255)]
            out.append(UInt8(part.count))
            out += part
        }
        return out + [0]
    }
}
