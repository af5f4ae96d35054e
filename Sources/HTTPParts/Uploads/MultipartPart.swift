// One part of a form: its name, its file's name, and its bytes as a stream.

internal import Errors
package import NIOCore

/// One part of a multipart body. Its body can be read until the reader's next ``MultipartReader/nextPart()``.
package struct MultipartPart {
    /// The form field's name.
    package let name: String
    /// The last component of the file's name; nil for a field that is no file, empty where a browser had no file.
    package let fileName: String?
    /// The media type as sent, without belief in it.
    package let contentType: String?
    private let reader: MultipartReader
    private let number: Int

    /// Whether the part is a file.
    package var isFile: Bool { fileName != nil }
    /// The bytes.
    package var body: MultipartBody { MultipartBody(reader: reader, number: number, name: name) }

    init(headerLines: [String], of reader: MultipartReader) throws {
        var disposition: HeaderValue?
        var type: String?
        for line in headerLines {
            guard let colon = line.firstIndex(of: ":") else {
                throw MasqueError(.badInput, "A part of the form has a header line without a colon.")
            }
            let value = line[line.index(after: colon)...].trimmed
            switch line[..<colon].trimmed.lowercased() {
            case "content-disposition": disposition = HeaderValue(value)
            case "content-type": type = value
            case "content-transfer-encoding":
                guard ["binary", "8bit", "7bit"].contains(value.lowercased()) else {
                    throw MasqueError(
                        .badInput, "A part of the form is encoded as “\(value.prefix(40))”, which forms do not allow.",
                        advice: "Send the bytes as they are (RFC 7578, 4.7).")
                }
            default: break
            }
        }
        guard let disposition, disposition.value.lowercased() == "form-data", let name = disposition["name"] else {
            throw MasqueError(
                .badInput, "A part of the form has no Content-Disposition: form-data with a name.",
                advice: "Give each part a name, such as with curl -F name=@file.")
        }
        self.name = name.formUnescaped
        fileName = disposition.fileName
        contentType = type
        self.reader = reader
        number = reader.partNumber
    }

    /// The whole body as text.
    /// - Throws: `.tooLarge` beyond ``MultipartLimits/fieldBytes``, `.badInput` when it is not UTF-8.
    package func text() async throws -> String {
        var all = ByteBuffer()
        for try await chunk in body {
            all.writeImmutableBuffer(chunk)
            guard all.readableBytes <= reader.limits.fieldBytes else {
                throw MasqueError(
                    .tooLarge, "The form's field “\(name)” is longer than \(reader.limits.fieldBytes) bytes.")
            }
        }
        guard let text = String(validating: all.readableBytesView, as: UTF8.self) else {
            throw MasqueError(.badInput, "The form's field “\(name)” is not UTF-8 text.")
        }
        return text
    }
}

/// The bytes of one part, as they come.
package struct MultipartBody: AsyncSequence {
    package typealias Element = ByteBuffer
    let reader: MultipartReader
    let number: Int
    let name: String

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let body: MultipartBody

        package func next(isolation actor: isolated (any Actor)?) async throws -> ByteBuffer? {
            guard body.reader.partNumber == body.number else {
                throw MasqueError(.failed, "The form's part “\(body.name)” was read after the next one was asked for.")
            }
            return try await body.reader.nextPiece()
        }
        package func next() async throws -> ByteBuffer? { try await next(isolation: #isolation) }
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self) }
}
