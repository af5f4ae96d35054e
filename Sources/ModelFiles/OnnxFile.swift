// Whether a file is an ONNX model at all, and which other files it needs, before a runtime sees it.

internal import Errors
package import Foundation

/// What an ONNX file (`onnx.proto`; DFM files of DeepFaceLab are such, too) says about itself.
package struct OnnxFile: Sendable, Equatable {
    /// The files beside it that hold weights (`TensorProto.external_data`), each once, in order.
    package let externalFiles: [String]

    /// Reads the structure and steps over the weights.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - name: what messages call the model.
    ///   - file: what messages call the file; the model's by default.
    /// - Throws: ``MasqueError`` `.damagedModel` when it is not a whole ONNX model, or keeps data in a place outside of its
    ///   folder; `.missingModel`, or `.badInput` naming `file`, when it cannot be read.
    package init(path: String, name: String, file: String? = nil) throws {
        let url = URL(fileURLWithPath: path)
        // Not of a pipe or a device: reading would wait, or never end.
        let type =
            try? FileManager.default.attributesOfItem(
                atPath: url.resolvingSymlinksInPath().path)[.type] as? FileAttributeType
        // “mappedIfSafe” would read all of it into memory.
        guard type == .typeRegular, let data = try? Data(contentsOf: url, options: .alwaysMapped) else {
            guard let file else { throw StoredModels.gone(name, url) }
            throw MasqueError(.badInput, "Cannot read the model's file \(file).", advice: "Check that you may read it.")
        }
        do {
            externalFiles = try Self.read(ProtobufMessage(data))
        } catch let outside as Outside {
            throw MasqueError(
                .damagedModel,
                "The model “\(name)” keeps data in “\(outside.location.prefix(200))”, which is no file beside it.",
                advice: "Take the model from a source that you trust, with all its files in one folder.")
        } catch {
            guard let file else {
                throw MasqueError(
                    .damagedModel, "The file of the model “\(name)” is not a whole ONNX model.",
                    advice: StoredModels.advice(name), cause: error)
            }
            throw MasqueError(
                .damagedModel, "\(file) is not a whole ONNX model.", advice: "Take another copy of it.", cause: error)
        }
    }

    /// Checks that the files that it needs lie beside it.
    ///
    /// - Parameters:
    ///   - folder: where they must lie.
    ///   - name: what messages call the model.
    /// - Throws: ``MasqueError`` `.damagedModel` when one is missing or not a regular file, such as a link to elsewhere.
    package func checkFiles(in folder: URL, name: String) throws {
        for file in externalFiles {
            let path = folder.appendingPathComponent(file).path
            let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
            guard type == .typeRegular else {
                throw MasqueError(
                    .damagedModel, "The model “\(name)” keeps data in “\(file)”, which is no file beside it.",
                    advice: "Take the model from a source that you trust, with all its files in one folder.")
            }
        }
    }

    private struct Outside: Error {
        let location: String
    }

    /// ModelProto: ir_version = 1, graph = 7, functions = 25. GraphProto: output = 12.
    private static func read(_ model: ProtobufMessage) throws -> [String] {
        guard let version = try model.number(1), (1...1000).contains(version),
            // A second one would be merged into the first by the runtime (Protocol Buffers' rule), unseen by these checks.
            try model.submessages(7).count == 1, let graph = try model.submessages(7).first,
            let output = try graph.submessages(12).first, try output.text(1)?.isEmpty == false
        else { throw ProtobufDamage() }
        var files: [String] = []
        try collect(graph, depth: 0, into: &files)
        for function in try model.submessages(25) {
            // FunctionProto: node = 7.
            for node in try function.submessages(7) { try collect(node: node, depth: 0, into: &files) }
        }
        return files
    }

    /// GraphProto: node = 1, initializer = 5, sparse_initializer = 15 (its values = 1, indices = 2).
    private static func collect(_ graph: ProtobufMessage, depth: Int, into files: inout [String]) throws {
        guard depth < 32 else { throw ProtobufDamage() }
        for tensor in try graph.submessages(5) { try collect(tensor: tensor, into: &files) }
        for sparse in try graph.submessages(15) {
            for tensor in try sparse.submessages(1) + sparse.submessages(2) {
                try collect(tensor: tensor, into: &files)
            }
        }
        for node in try graph.submessages(1) { try collect(node: node, depth: depth, into: &files) }
    }

    /// NodeProto: attribute = 5. AttributeProto: t = 5, g = 6, tensors = 10, graphs = 11.
    private static func collect(node: ProtobufMessage, depth: Int, into files: inout [String]) throws {
        for attribute in try node.submessages(5) {
            for tensor in try attribute.submessages(5) + attribute.submessages(10) {
                try collect(tensor: tensor, into: &files)
            }
            for graph in try attribute.submessages(6) + attribute.submessages(11) {
                try collect(graph, depth: depth + 1, into: &files)
            }
        }
    }

    /// TensorProto: external_data = 13 (StringStringEntryProto: key = 1, value = 2), data_location = 14 (1: external).
    private static func collect(tensor: ProtobufMessage, into files: inout [String]) throws {
        let entries = try tensor.submessages(13)
        guard try !entries.isEmpty || tensor.number(14) == 1 else { return }
        guard let location = try entries.first(where: { try $0.text(1) == "location" })?.text(2) else {
            throw ProtobufDamage()
        }
        guard StoredModels.isFileName(location) else { throw Outside(location: location) }
        if !files.contains(location) { files.append(location) }
    }
}
