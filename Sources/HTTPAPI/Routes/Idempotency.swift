// The Idempotency-Key of a request, and the digest of what was asked for under it.

internal import Crypto
internal import Errors
internal import Files
internal import HTTPTypes
internal import Hummingbird
internal import JobQueue

internal import struct Foundation.Data
internal import class Foundation.JSONEncoder

extension IdempotencyKey {
    /// Reads the header (draft-ietf-httpapi-idempotency-key-header: a quoted string; bare ones are widespread).
    ///
    /// - Parameter parts: what makes two requests the same, in order.
    /// - Throws: `.badInput` for a key that is empty, longer than 255 or not printable ASCII.
    init?(_ request: Request, _ parts: [String?]) throws {
        guard let header = request.headers[.idempotencyKey] else { return nil }
        var key = header[...]
        if key.count >= 2, key.hasPrefix("\""), key.hasSuffix("\"") { key = key.dropFirst().dropLast() }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw MasqueError(
                .badInput, "The Idempotency-Key must have 1 to 255 printable ASCII characters.",
                advice: "Send a new UUID for every new job.")
        }
        self.init(key: String(key), fingerprint: digest([request.uri.path] + parts))
    }
}

/// A digest of anything that can be encoded; the same for equal values.
func fingerprint(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return hexadecimal(SHA256.hash(data: try encoder.encode(value)))
}

/// A digest of events, whose order is of no account.
func fingerprint(_ events: Set<WebhookEvent>) -> String { events.map(\.rawValue).sorted().joined(separator: ",") }

/// A digest of texts; nil and empty differ, and no text runs into the next.
private func digest(_ parts: [String?]) -> String {
    var hash = SHA256()
    for part in parts {
        hash.update(data: Data("\(part?.utf8.count ?? -1):\(part ?? "")".utf8))
    }
    return hexadecimal(hash.finalize())
}
