// A store in a folder of its own, a list that points to a loopback server, and small real ONNX files.

import Foundation
import ModelFiles
import ModelStore
import Testing

struct StoreLab: Sendable {
    let folder: URL
    let store: ModelStore
    let lab: DownloadLab

    /// Small generated graphs shaped as published models.
    static func onnx(_ name: String) throws -> [UInt8] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "NeuralTests/Golden/\(name).onnx")
        return Array(try Data(contentsOf: file))
    }

    static func crc(_ bytes: [UInt8]) -> String {
        var crc = CRC32()
        crc.update(bytes)
        return crc.hex
    }

    /// - Parameter list: YAML; `{server}` is the server's address.
    static func run(
        _ list: String = StoreLab.list, server: FileServer? = nil, _ body: (StoreLab) async throws -> Void
    ) async throws {
        try await DownloadLab.run { lab in
            let text = list.replacing("{server}", with: try server?.url("").absoluteString ?? "http://127.0.0.1:9")
            let file = lab.folder.appending(path: "list.yaml")
            try Data(text.utf8).write(to: file)
            var catalogue = Catalogue()
            try catalogue.add(listAt: file)
            let folder = lab.folder.appending(path: "store")
            try await body(
                StoreLab(
                    folder: folder,
                    store: ModelStore(
                        stored: StoredModels(folder: folder), catalogue: catalogue, downloader: lab.downloader()),
                    lab: lab))
        }
    }

    /// Two models, the first of which needs the second, at a publisher that states CRC-32.
    static let list = """
        version: 1
        publishers:
          here: {urls: ["{server}/{release}/{file}"], checksum: "{name}.hash"}
        licences: {commercial: [MIT], non-commercial: [Non-Commercial]}
        defaults: {publisher: here, release: r1}
        models:
          - {name: hyperswap_1a_256, role: face_swapper, licence: Non-Commercial, needs: [arcface_w600k_r50]}
          - {name: arcface_w600k_r50, role: face_recognizer, licence: MIT}
          - {name: gfpgan_1.4, role: face_enhancer}
        """

    func model(_ name: String) throws -> CatalogueModel { try #require(store.catalogue.model(named: name)) }
    func record() throws -> StoredModels.Record { try store.stored.record() }
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted() }
    /// What a server gives whose files are the generated graphs, with right checksums.
    static func publisher(_ asked: Asked, _: Int) -> Reply {
        let file = asked.target.split(separator: "/").last.map(String.init) ?? ""
        let name = (file as NSString).deletingPathExtension
        guard let bytes = try? onnx(name) else { return .status("404 No") }
        return .file(Served(file.hasSuffix(".hash") ? Array(crc(bytes).utf8) : bytes))
    }
}

/// Writes Protocol Buffers, for graphs that must be refused.
enum Proto {
    static func bytes(_ field: Int, _ content: [UInt8]) -> [UInt8] {
        varint(field << 3 | 2) + varint(content.count) + content
    }
    static func text(_ field: Int, _ content: String) -> [UInt8] { bytes(field, Array(content.utf8)) }
    static func number(_ field: Int, _ value: Int) -> [UInt8] { varint(field << 3) + varint(value) }
    private static func varint(_ value: Int) -> [UInt8] {
        var (rest, bytes) = (value, [UInt8]())
        repeat {
            bytes.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }

    /// A model with one weight whose data lies at `location`; inside of a branch of a node when `nested`.
    static func model(location: String, nested: Bool = false) -> [UInt8] {
        let entry = text(1, "location") + text(2, location)
        let tensor = number(1, 4) + number(2, 1) + text(8, "w") + bytes(13, entry) + number(14, 1)
        let weights = nested ? bytes(1, bytes(5, bytes(6, bytes(5, tensor)))) : bytes(5, tensor)
        return number(1, 8) + bytes(7, weights + bytes(12, text(1, "output")))
    }
}
