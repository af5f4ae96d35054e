// What is known of a resumable upload besides its bytes: a small JSON file next to them.

internal import Errors
internal import Files
internal import FoundationEssentials

/// The sidecar of one upload. Its offset is not in here: that is the length of the data file.
struct TusSidecar: Codable, Equatable, Sendable {
    let owner: String
    /// The length of the finished upload in bytes.
    let length: Int
    /// The Upload-Metadata header as it came.
    let metadata: String?
    /// Seconds since 1970.
    let created: Int
    /// Bytes from here on came with a checksum that nobody has compared yet: they do not count.
    var unverifiedFrom: Int?

    /// The metadata's values by key (tus 1.0, Upload-Metadata).
    /// - Throws: `.badInput` when a value is not base64 or a key comes twice.
    static func parse(_ metadata: String) throws -> [String: [UInt8]] {
        var values: [String: [UInt8]] = [:]
        for pair in metadata.split(separator: ",") {
            let parts = pair.split(separator: " ")
            guard (1...2).contains(parts.count), values[String(parts[0])] == nil,
                let value = parts.count == 1 ? Data() : Data(base64Encoded: String(parts[1]))
            else {
                throw MasqueError(
                    .badInput, "The Upload-Metadata header is not a list of keys with base64 values.",
                    advice: "Write it as: filename d29ybGQucG5n,filetype aW1hZ2UvcG5n.")
            }
            values[String(parts[0])] = Array(value)
        }
        return values
    }

    private func text(_ keys: String...) -> String? {
        guard let metadata, let values = try? Self.parse(metadata) else { return nil }
        return keys.lazy.compactMap { values[$0] }.first.flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// The file's name: its last path component, without control characters.
    var fileName: String? {
        text("filename", "name").flatMap { HeaderValue("x; filename*=UTF-8''\(percentEncoded($0))").fileName }
    }
    /// The media type as the client says.
    var mediaType: String? { text("filetype", "type", "contentType") }
}

/// Every byte as %XX.
private func percentEncoded(_ text: String) -> String { text.utf8.map { "%" + hexadecimal([$0]) }.joined() }
