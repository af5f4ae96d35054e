// Checks that a file is a whole safetensors file: the header, and that its tensors fill the rest of the file exactly.

internal import Errors
internal import Files
internal import Foundation

/// The header of a safetensors file, after the format's description (huggingface/safetensors, “Format”): 8 bytes of
/// length, JSON, then the tensors' bytes without gap or overlap.
package enum SafetensorsHeader {
    /// The longest header that the format allows, in bytes.
    static let most = 100_000_000

    /// What stands in a header under a tensor's name.
    private struct Tensor: Decodable {
        let dtype: String
        let shape: [Int]
        let offsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype, shape
            case offsets = "data_offsets"
        }
    }

    private struct Header: Decodable {
        var tensors: [(name: String, tensor: Tensor)] = []

        struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Key.self)
            for key in fields.allKeys {
                if key.stringValue == "__metadata__" {
                    _ = try fields.decode([String: String].self, forKey: key)
                } else {
                    tensors.append((key.stringValue, try fields.decode(Tensor.self, forKey: key)))
                }
            }
        }
    }

    /// Bits of one element.
    private static let bits: [String: Int] = [
        "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
        "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64,
        "C64": 64,
    ]

    /// Reads and checks the header of the file at `path`. Blocks while it reads.
    ///
    /// - Parameter name: what the file is called in sentences.
    /// - Returns: how many tensors there are.
    /// - Throws: ``MasqueError`` `.damagedModel` with a sentence that says what is wrong.
    @discardableResult
    package static func check(path: String, name: String) throws -> Int {
        guard let size = try fileFacts(path)?.byteCount else { throw fault(name, "it is not there") }
        let head = try readHead(of: path, count: 9)
        guard head.count == 9 else { throw fault(name, "it has only \(size) bytes") }
        let length = head.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard head[8] == UInt8(ascii: "{") else { throw fault(name, "it does not begin with a header in JSON") }
        guard length <= UInt64(most), length >= 2, Int64(length) <= size - 8 else {
            throw fault(name, "its header would have \(length) bytes")
        }
        let bytes = try readHead(of: path, count: 8 + Int(length))
        guard bytes.count == 8 + Int(length) else { throw fault(name, "its header breaks off") }
        let header: Header
        do {
            header = try JSONDecoder().decode(Header.self, from: Data(bytes[8...]))
        } catch {
            throw fault(name, "its header cannot be read", cause: error)
        }
        try check(header, dataBytes: Int(size) - 8 - Int(length), name: name)
        return header.tensors.count
    }

    private static func check(_ header: Header, dataBytes: Int, name: String) throws {
        var spans: [(begin: Int, end: Int, name: String)] = []
        for (key, tensor) in header.tensors {
            let shown = SafeName.shown(key)
            guard let width = bits[tensor.dtype] else {
                throw fault(name, "the tensor \(shown) is of the unknown type \(SafeName.shown(tensor.dtype))")
            }
            guard tensor.offsets.count == 2, let begin = tensor.offsets.first,
                let end = tensor.offsets.last,
                begin >= 0, begin <= end
            else { throw fault(name, "the tensor \(shown) has no place") }
            guard end <= dataBytes else { throw fault(name, "the tensor \(shown) lies beyond the end of the file") }
            var count = width
            for dimension in tensor.shape {
                let (product, isOver) = count.multipliedReportingOverflow(by: dimension)
                guard dimension >= 0, !isOver else { throw fault(name, "the tensor \(shown) has an impossible shape") }
                count = product
            }
            guard count % 8 == 0, count / 8 == end - begin else {
                throw fault(name, "the tensor \(shown) has another size than its shape and type say")
            }
            spans.append((begin, end, shown))
        }
        spans.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
        var next = 0
        for span in spans {
            guard span.begin >= next else { throw fault(name, "the tensor \(span.name) overlaps another") }
            guard span.begin == next else { throw fault(name, "there is a gap before the tensor \(span.name)") }
            next = span.end
        }
        guard next == dataBytes else { throw fault(name, "\(dataBytes - next) bytes belong to no tensor") }
    }

    private static func fault(_ name: String, _ what: String, cause: (any Error)? = nil) -> MasqueError {
        MasqueError(
            .damagedModel, "\(name) is no whole safetensors file: \(what).",
            advice: "Report the file to Civitai, or choose another.", cause: cause)
    }
}
