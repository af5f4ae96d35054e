// One message as one line: JSON without line breaks, bounded in length.

package import Errors
internal import Foundation

/// Turns messages into lines and lines into messages.
package enum WorkerLine {
    /// Bytes of the longest line; whoever sends a longer one is not understood any more.
    package static let longest = 1 << 20

    /// The line of a message, with its end.
    ///
    /// - Throws: ``MasqueError`` `.failed` when it would be too long.
    package static func encode(_ message: some Encodable) throws(MasqueError) -> [UInt8] {
        let data: Data
        do {
            // Foundation escapes line breaks within strings and writes none between.
            data = try JSONEncoder().encode(message)
        } catch {
            throw MasqueError(.failed, "A message to or from a media process cannot be written as JSON.", cause: error)
        }
        guard data.count < longest else {
            throw MasqueError(.failed, "A message to or from a media process is longer than \(longest) bytes.")
        }
        return Array(data) + [UInt8(ascii: "\n")]
    }

    /// The message of a line, without its end.
    ///
    /// - Throws: ``MasqueError`` `.failed` when it is none.
    package static func decode<Message: Decodable>(
        _ type: Message.Type, from line: [UInt8]
    ) throws(MasqueError) -> Message {
        do {
            return try JSONDecoder().decode(type, from: Data(line))
        } catch {
            throw MasqueError(
                .failed, "A line of \(line.count) bytes to or from a media process is not a message that it knows.",
                cause: error)
        }
    }
}

/// Cuts a stream of bytes into lines.
package struct LineCutter: Sendable {
    private var rest: [UInt8] = []
    private let longest: Int

    package init(longest: Int = WorkerLine.longest) { self.longest = longest }

    /// Takes bytes in and gives back the lines that they complete, without their ends.
    ///
    /// - Throws: ``MasqueError`` `.failed` when a line gets longer than allowed.
    package mutating func lines(adding bytes: some Sequence<UInt8>) throws(MasqueError) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(rest)
                rest.removeAll(keepingCapacity: true)
            } else {
                guard rest.count < longest else {
                    throw MasqueError(.failed, "A line is longer than \(longest) bytes.")
                }
                rest.append(byte)
            }
        }
        return lines
    }
}
