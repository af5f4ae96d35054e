// SHA-256 (FIPS 180-4), so that checking a model costs no dependency.
internal import CHash
internal import Foundation

/// The SHA-256 digest of a stream of bytes; above 1.5 GB a second where the processor has SHA instructions.
package struct SHA256: Sendable {
    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    private var pending: [UInt8] = []
    private var length: UInt64 = 0
    private let portable: Bool

    /// Begins an empty stream; `portable` leaves the processor's SHA instructions unused.
    package init(portable: Bool = false) { self.portable = portable }

    /// The digest of `bytes` in lower-case hexadecimal.
    package static func hex(_ bytes: some Sequence<UInt8>) -> String {
        var hash = SHA256()
        hash.update(Array(bytes))
        return hash.finish()
    }

    /// The digest of a file in lower-case hexadecimal, read 256 KiB at a time.
    package static func hex(ofFileAt path: String) throws -> String {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        var hash = SHA256()
        while let chunk = try file.read(upToCount: 1 << 18), !chunk.isEmpty {
            hash.update(Array(chunk))
        }
        return hash.finish()
    }

    /// Whether this processor has instructions for SHA-256.
    package static var isAccelerated: Bool { chash_has_sha_instructions() }

    /// Takes more bytes in.
    package mutating func update(_ bytes: [UInt8]) {
        length &+= UInt64(bytes.count)
        let joined = pending.isEmpty ? bytes : pending + bytes
        let blocks = joined.count / 64
        unsafe chash_sha256(&state, joined, blocks, portable)
        pending = Array(joined[(64 * blocks)...])
    }

    /// Pads, and gives the digest in lower-case hexadecimal.
    package mutating func finish() -> String {
        let bits = length &* 8
        let zeros = (119 - pending.count % 64) % 64
        update(
            [0x80] + [UInt8](repeating: 0, count: zeros)
                + (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) })
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }
}
