// What a runtime says of a failure, and the part of it that a person reads.
internal import Foundation

/// A runtime's own words about a failure, kept whole as the cause of a ``MasqueError``.
package struct RuntimeMessage: Error, CustomStringConvertible {
    /// What the library said.
    package let description: String

    /// Makes a message.
    package init(description: String) { self.description = description }

    /// The telling line, without places in the library's source and without a closing stop, cut to 300 characters.
    var sentence: String {
        let lines = description.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        // OpenVINO begins with where in its source the failure arose.
        let telling = lines.first { !$0.isEmpty && !$0.hasPrefix("Exception from") && !$0.hasPrefix("Check '") }
        var line = telling ?? lines.first ?? "it gave no reason"
        // ONNX Runtime: “/path/file.cc:1 function [ONNXRuntimeError] : 1 : FAIL : message”.
        if let mark = line.range(of: "[ONNXRuntimeError] : ") {
            line = line[mark.upperBound...].components(separatedBy: " : ").dropFirst(2).joined(separator: " : ")
        }
        while line.hasSuffix(".") { line.removeLast() }
        return line.count > 300 ? line.prefix(300) + "…" : line
    }
}

extension String {
    /// The text of a C buffer up to its first zero.
    init(terminated buffer: [CChar]) {
        self.init(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
