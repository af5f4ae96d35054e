// JSON bodies, read so that what is wrong with them can be said.

internal import FoundationEssentials
package import HummingbirdCore
internal import NIOCore

extension Request {
    /// The body as JSON, whatever its Content-Type (curl -d sends another). Dates are ISO 8601.
    ///
    /// Throws `DecodingError`, which ``ErrorAnswers`` words by field (Hummingbird's own `decode` turns it into a message
    /// without a code), `.badInput` for deep nesting, or `NIOTooManyBytesError` beyond `maxBytes`.
    package func json<Value: Decodable>(as type: Value.Type, maxBytes: Int = 1 << 20) async throws -> Value {
        let body = try await body.collect(upTo: maxBytes)
        try checkJSONNesting(body.readableBytesView, what: "The body")
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(type, from: Data(body.readableBytesView))
    }
}
