// Looks whether a file is what its ending says, before it gets its name.

internal import Errors
internal import Files

/// Checks by kind.
package enum ContentCheck {
    /// Blocks while it reads.
    ///
    /// - Parameters:
    ///   - path: where the bytes lie now.
    ///   - name: what the file will be called.
    /// - Throws: ``MasqueError`` `.damagedModel` naming what is wrong.
    package static func check(path: String, name: String) throws {
        switch FileKind(name: name) {
        case .safetensors: try SafetensorsHeader.check(path: path, name: name)
        case .gguf: try head(of: path, name, is: "a GGUF file") { $0.starts(with: Array("GGUF".utf8)) }
        case .onnx:
            // The tag of a field 1…8 of ModelProto (onnx.proto), as every ONNX file begins with.
            try head(of: path, name, is: "an ONNX file") { head in
                head.first.map { [0x08, 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].contains($0) } ?? false
            }
        case .archive: try head(of: path, name, is: "a zip file", isZip)
        case .pickle:
            try head(of: path, name, is: "a pickle") { $0.first == 0x80 || isZip($0) }
        case .data, .other: break
        }
    }

    private static func isZip(_ head: [UInt8]) -> Bool { head.starts(with: [0x50, 0x4b, 0x03, 0x04]) }

    private static func head(of path: String, _ name: String, is what: String, _ test: ([UInt8]) -> Bool) throws {
        guard test(try readHead(of: path, count: 8)) else {
            throw MasqueError(
                .damagedModel, "The content of \(name) is not that of \(what).",
                advice: "Report the file to Civitai, or choose another.")
        }
    }
}
