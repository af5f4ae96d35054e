// A file that goes along with a call.

package import Foundation

/// A file to send: from the disk, or small bytes such as a preview.
package struct Upload: Sendable, Hashable {
    /// Where the bytes are.
    package enum Content: Sendable, Hashable {
        case file(URL)
        case bytes([UInt8])
    }
    /// Its part's name in the form, which `attach://` refers to; unique within a call.
    package var part: String
    /// The name that people see; without quotes, line ends and slashes.
    package var fileName: String
    /// Its media type, such as `image/jpeg`.
    package var type: String
    package var content: Content

    /// Makes an upload.
    package init(part: String, fileName: String, type: String, content: Content) {
        self.part = part
        self.fileName = fileName
        self.type = type
        self.content = content
    }
}

/// A file as a method takes it: one that Telegram has, or one that is sent along.
package enum InputFile: Sendable, Hashable, Encodable {
    /// The id of a file that Telegram has. Only the bot that got the id can use it.
    case id(String)
    case upload(Upload)

    package var upload: Upload? { if case .upload(let upload) = self { upload } else { nil } }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .id(let id): try container.encode(id)
        case .upload(let upload): try container.encode("attach://\(upload.part)")
        }
    }
}
