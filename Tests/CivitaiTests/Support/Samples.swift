// Small files as publishers make them: safetensors with a right header, and with every mistake.

import Crypto
import Foundation

enum Samples {
    /// A safetensors file of one tensor with this many bytes, which differ by `seed`.
    static func safetensors(bytes count: Int = 4096, seed: UInt8 = 1) -> [UInt8] {
        let header =
            #"{"__metadata__":{"format":"pt"},"weight":{"dtype":"U8","shape":[\#(count)],"data_offsets":[0,\#(count)]}}"#
        return file(header: header, data: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ Int(seed)) })
    }

    /// A file with this header and data, whatever they are.
    static func file(header: String, data: [UInt8], length: UInt64? = nil) -> [UInt8] {
        let bytes = Array(header.utf8)
        let length = length ?? UInt64(bytes.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + bytes + data
    }

    static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }

    /// A folder that is thrown away after `body`.
    static func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let folder = NSTemporaryDirectory() + "masque-civitai-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(folder)
    }
}
