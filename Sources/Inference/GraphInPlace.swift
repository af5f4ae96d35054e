// An ONNX graph whose weights stay in the file that they came in, for a runtime that maps them instead of copying them.
internal import Foundation
internal import ModelFiles

/// The graph of an ONNX file with each large initializer's bytes replaced by a reference to where they lie in that file
/// (`onnx.proto`, TensorProto: external_data = 13, data_location = 14).
///
/// OpenVINO copies weights that lie in the model's message twice while it reads, and keeps one copy for as long as the
/// compiled model lives; external ones it maps. inswapper_128 (528 MiB) is read in 0.02 s instead of 1.7, and takes
/// 300 MiB of memory of its own instead of 830, 1,070 at the peak.
struct GraphInPlace {
    /// Initializers from this many bytes on stay in the file.
    static let least = 4096

    /// The whole model as a message; small.
    let bytes: [UInt8]

    /// Refers to weights by `location`, the file's path as its reader wants it.
    ///
    /// - Returns: `nil` when the file has no initializers worth it, or ones outside of it.
    /// - Throws: ``ProtobufDamage`` when it is no message.
    init?(file: Data, location: String) throws {
        var model: [UInt8] = []
        var moved = 0
        try WireField.each(in: file, file.startIndex..<file.endIndex) { field in
            // ModelProto.graph = 7.
            guard field.number == 7, field.isDelimited, let graph = field.content else {
                return model += file[field.whole]
            }
            var copy: [UInt8] = []
            try WireField.each(in: file, graph) { field in
                // GraphProto.initializer = 5.
                guard field.number == 5, field.isDelimited, let tensor = field.content,
                    let reference = try Self.reference(to: tensor, of: file, location: location)
                else { return copy += file[field.whole] }
                copy.field(5, reference)
                moved += 1
            }
            model.field(7, copy)
        }
        guard moved > 0 else { return nil }
        bytes = model
    }

    /// The tensor without its bytes; `nil` when they are few, no raw bytes, or not there.
    private static func reference(
        to tensor: Range<Int>, of file: Data, location: String
    ) throws -> [UInt8]? {
        var copy: [UInt8] = []
        var raw: Range<Int>?
        var isElsewhere = false
        try WireField.each(in: file, tensor) { field in
            switch field.number {
            case 9 where field.isDelimited: raw = field.content
            case 13, 14:
                isElsewhere = true
                copy += file[field.whole]
            default: copy += file[field.whole]
            }
        }
        guard let raw, !isElsewhere, raw.count >= least else { return nil }
        let entries = [
            ("location", location), ("offset", "\(raw.lowerBound - file.startIndex)"), ("length", "\(raw.count)"),
        ]
        for (key, value) in entries {
            var entry: [UInt8] = []
            entry.field(1, key.utf8)
            entry.field(2, value.utf8)
            copy.field(13, entry)
        }
        // DataLocation.EXTERNAL = 1.
        return copy + [14 << 3, 1]
    }
}
