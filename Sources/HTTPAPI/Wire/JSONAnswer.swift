// Turns wire types into responses, and request bodies into fields.

internal import Errors
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Words

internal import class Foundation.JSONEncoder

/// JSON as all answers have it: compact, keys in order, slashes as they are.
func jsonBytes(_ value: some Encodable) throws -> ByteBuffer {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    return ByteBuffer(bytes: try encoder.encode(value))
}

/// An answer with a JSON body.
///
/// - Parameter language: that of the sentences in it, if there may be some.
func jsonAnswer(
    _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], language: Language? = nil
) throws -> Response {
    var headers = headers
    if let language { headers.tell(language) }
    headers[.contentType] = "application/json"
    if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: try jsonBytes(value)))
}

/// Most bytes of a JSON body.
private let mostJSONBytes = 256 << 10

/// Reads a JSON object from the body.
///
/// - Parameter isOptional: an empty body is an object without fields.
/// - Throws: `.unsupportedMedia` for another Content-Type, `.tooLarge`, `.badInput`.
func jsonFields(_ request: Request, isOptional: Bool = false) async throws -> ObjectReader {
    let type = request.headers[.contentType]
    let bytes: ByteBuffer
    do {
        bytes = try await request.body.collect(upTo: mostJSONBytes)
    } catch is NIOTooManyBytesError {
        throw MasqueError(.tooLarge, "The JSON body is larger than \(mostJSONBytes >> 10) kB.")
    }
    if bytes.readableBytes == 0, isOptional { return try ObjectReader(.object([:]), what: "The body") }
    // Pages of other sites can send a body without a type, or as text, unasked; JSON they cannot.
    guard type != nil || !isWithoutCredentials(request) else {
        throw MasqueError(
            .unsupportedMedia, "The body came without a Content-Type and without a token.",
            advice: "Send it with “Content-Type: application/json”.")
    }
    if let type, !isJSON(type) {
        throw MasqueError(
            .unsupportedMedia, "The body is \(type.prefix(80)), but JSON is expected.",
            advice: "Send it with “Content-Type: application/json”.")
    }
    if bytes.readableBytes == 0 { throw MasqueError(.badInput, "The body is empty, but a JSON object is expected.") }
    return try ObjectReader(JSONValue(parsing: bytes.readableBytesView, what: "The body"), what: "The body")
}

/// Whether a Content-Type says JSON.
func isJSON(_ contentType: String) -> Bool {
    let type = contentType.prefix { $0 != ";" && $0 != " " }.lowercased()
    return type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json"))
}
