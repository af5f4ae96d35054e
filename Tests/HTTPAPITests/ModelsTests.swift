// The published models over HTTP.

import Foundation
import HTTPAPI
import ModelFiles
import ModelStore
import Testing

@Suite struct ModelsTests {
    @Test func `models are listed with what is here, their licences and the modes that take them`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "masque-models-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let source = folder.appending(path: "gfpgan_1.4.onnx")
        // ModelProto with a graph that has one output.
        try Data([0x08, 8, 0x3a, 5, 0x62, 3, 0x0a, 1, 0x79]).write(to: source)
        let store = ModelStore(
            stored: StoredModels(folder: folder.appending(path: "store")), catalogue: try Catalogue.standard())
        let imported = try await store.takeIn([source.path])
        #expect(imported.count == 1)
        try await TestServer.run(change: { $0.models = { try await store.list() } }) { server in
            #expect(try await server.call("GET", "/models", as: nil).status == 401)
            let list = try #require(try await server.call("GET", "/models").json.array)
            #expect(list.count == store.catalogue.models.count)
            let here = try #require(list.first { $0["name"]?.string == "gfpgan_1.4" })
            #expect(here["installed"] == .bool(true) && here["state"]?.string == "installed")
            #expect(here["source"]?.string == "import")
            #expect(here["needed_by"] == .array([.string("photo_video_fast")]))
            let recogniser = try #require(list.first { $0["name"]?.string == "arcface_w600k_r50" })
            #expect(recogniser["installed"] == .bool(false) && recogniser["commercial"]?.string == "no")
            #expect(
                recogniser["needed_by"]
                    == .array(
                        ["photo_photo_gpen", "photo_photo_codeformer", "photo_video_fast", "photo_video_quality"].map {
                            .string($0)
                        }))
        }
    }
}
