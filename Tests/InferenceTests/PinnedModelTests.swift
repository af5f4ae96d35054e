// The content gate's model cannot be replaced by editing the list of models.

import Errors
import Foundation
import Inference
import ModelFiles
import Testing

@Suite struct PinnedModelTests {
    @Test func `another file under the gate's name is refused, whatever the list says`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "masque-pin-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let bytes = Array("not a gate".utf8)
        for id in ["open_nsfw", "other"] {
            try Data(bytes).write(to: folder.appending(path: "\(id).onnx"))
        }
        let entries = ["open_nsfw", "other"].map {
            "{\"id\":\"\($0)\",\"file\":\"models/\($0).onnx\",\"sha256\":\"\(SHA256.hex(bytes))\",\"bytes\":\(bytes.count)}"
        }
        try Data("{\"models\":[\(entries.joined(separator: ","))]}".utf8)
            .write(to: folder.appending(path: "manifest.json"))
        let installation = Installation(cache: folder, models: folder)
        #expect(throws: Never.self) { try installation.verifiedModel("other") }
        let error = #expect(throws: MasqueError.self) { try installation.verifiedModel("open_nsfw") }
        #expect(error?.code == .damagedModel)
    }

    @Test func `the pinned digest is the one that setup installs`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let lock = try String(contentsOf: root.appending(path: "scripts/setup.lock"), encoding: .utf8)
        for (id, digest) in Installation.pinned {
            #expect(lock.contains("file models/\(id).onnx \(digest) "))
        }
    }
}
