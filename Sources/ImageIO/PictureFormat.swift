// The picture formats that are read and written.

package import Errors

/// A picture format.
package enum PictureFormat: String, Sendable, Hashable, CaseIterable, Codable {
    case jpeg, png, webp

    /// The format of a file's content, whatever its name says; `nil` when it is none of these.
    package init?(sniffing bytes: [UInt8]) {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
            self = .webp
        } else {
            return nil
        }
    }

    /// The format that the extension of an output's name asks for.
    ///
    /// - Throws: ``MasqueError`` `.badInput` for any other extension or none.
    package init(outputPath path: String) throws(MasqueError) {
        let name = path.split(separator: "/").last ?? ""
        let dot = name.lastIndex(of: ".")
        switch dot.map({ name[name.index(after: $0)...].lowercased() }) {
        case "jpg", "jpeg", "jpe", "jfif": self = .jpeg
        case "png": self = .png
        case "webp": self = .webp
        case let other:
            throw MasqueError(
                .badInput,
                other.map { "Cannot write a picture as .\($0) (\(path))." } ?? "\(path) has no extension.",
                advice: "Use .jpg, .png or .webp.")
        }
    }

    /// The format's name for people.
    package var label: String {
        switch self {
        case .jpeg: "JPEG"
        case .png: "PNG"
        case .webp: "WebP"
        }
    }

    /// The usual extension, without a dot.
    package var fileExtension: String {
        switch self {
        case .jpeg: "jpg"
        case .png: "png"
        case .webp: "webp"
        }
    }

    /// The media type.
    package var mediaType: String { "image/\(rawValue)" }
}
