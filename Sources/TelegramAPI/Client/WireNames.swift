// How Swift's names become the Bot API's and back: fileID is file_id.

package import Foundation

/// JSON as the Bot API writes it.
package enum BotJSON {
    /// Decodes answers and updates.
    package static func decoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .custom { path in WireName(swiftName(path.last?.stringValue ?? "")) }
        return decoder
    }

    /// Encodes methods; keys in order, so that the same value is always the same text.
    package static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .custom { path in WireName(wireName(path.last?.stringValue ?? "")) }
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// `file_unique_id` → `fileUniqueID`.
    static func swiftName(_ wire: String) -> String {
        let words = wire.split(separator: "_").map(String.init)
        guard let first = words.first else { return wire }
        return words.dropFirst().reduce(first) { name, word in
            switch word {
            case "id", "url", "ip": name + word.uppercased()
            case "ids", "urls": name + word.dropLast().uppercased() + "s"
            default: name + word.prefix(1).uppercased() + word.dropFirst()
            }
        }
    }

    /// `fileUniqueID` → `file_unique_id`.
    static func wireName(_ name: String) -> String {
        var text = ""
        var wasSmall = false
        for character in name {
            if character.isUppercase, wasSmall { text += "_" }
            wasSmall = character.isLowercase || character.isNumber
            text += character.lowercased()
        }
        return text
    }

    private struct WireName: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
