// The checksum that a client sends along with the bytes of a resumable upload.

internal import Crypto
internal import Errors
internal import FoundationEssentials

/// An Upload-Checksum header (tus 1.0, checksum extension).
struct TusChecksum: Sendable {
    static let algorithms = "sha1,sha256"
    let sum: FileSink.Sum
    let expected: [UInt8]

    /// - Throws: `.badInput` when the algorithm is unknown or the value is not base64 of the right length.
    init(_ header: String) throws {
        let parts = header.split(separator: " ")
        guard parts.count == 2, let value = Data(base64Encoded: String(parts[1])) else {
            throw MasqueError(.badInput, "The Upload-Checksum header is not an algorithm and a base64 value.")
        }
        switch (parts[0].lowercased(), value.count) {
        case ("sha1", 20): sum = .sha1(Insecure.SHA1())
        case ("sha256", 32): sum = .sha256(SHA256())
        default:
            throw MasqueError(
                .badInput, "The Upload-Checksum header has an unknown algorithm or a value of the wrong length.",
                advice: "Possible are \(Self.algorithms).")
        }
        expected = Array(value)
    }
}
