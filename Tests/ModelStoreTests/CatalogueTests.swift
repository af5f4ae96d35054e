// The lists of models: the built-in one is whole, an operator's own is read strictly.

import Errors
import Foundation
import ModelFiles
import ModelStore
import Testing

struct CatalogueTests {
    @Test func `the built-in list has every published family, each with two sources and a checksum`() throws {
        let catalogue = try Catalogue.standard()
        let roles = Dictionary(grouping: catalogue.models, by: \.role).mapValues(\.count)
        #expect(
            roles == [
                "face_swapper": 13, "embedding_converter": 3, "face_enhancer": 9, "frame_enhancer": 20,
                "frame_colorizer": 5, "background_remover": 13, "live_portrait": 6, "age_modifier": 1, "lip_syncer": 3,
                "voice_extractor": 3, "face_detector": 4, "face_landmarker": 3, "face_recognizer": 1,
                "face_classifier": 1, "face_occluder": 3, "face_parser": 2,
            ])
        for model in catalogue.models {
            let file = try #require(model.files.first)
            #expect(model.files.count == 1 && file.file == "\(model.name).onnx")
            #expect(file.urls.map { $0.host() } == ["github.com", "huggingface.co"])
            #expect(file.checksumURLs.map(\.lastPathComponent) == ["\(model.name).hash", "\(model.name).hash"])
            #expect((model.warning == nil) == (model.commercial == .yes))
            #expect(model.needs.allSatisfy { catalogue.model(named: $0) != nil })
        }
        #expect(
            catalogue.model(named: "simswap_256")?.files[0].urls.map(\.absoluteString) == [
                "https://github.com/facefusion/facefusion-assets/releases/download/models-3.0.0/simswap_256.onnx",
                "https://huggingface.co/facefusion/models-3.0.0/resolve/main/simswap_256.onnx",
            ])
        #expect(catalogue.model(named: "inswapper_128")?.warning?.contains("not for commercial use") == true)
        #expect(catalogue.model(named: "uniface_256")?.warning?.contains("not known") == true)
        #expect(
            try catalogue.closure(of: ["ghost_2_256", "simswap_256"]).map(\.name) == [
                "crossface_ghost", "arcface_w600k_r50", "ghost_2_256", "crossface_simswap", "simswap_256",
            ])
        for (processor, models) in catalogue.processors {
            #expect(try catalogue.closure(of: models).count >= models.count, "\(processor)")
        }
        #expect(try catalogue.models(ofProcessor: "face_enhancer") == ["gfpgan_1.4"])
        #expect(throws: MasqueError.self) { try catalogue.models(ofProcessor: "face_dancer") }
        #expect(throws: MasqueError.self) { try catalogue.closure(of: ["gfpgan"]) }
    }

    @Test func `an operator's own lists add to the built-in one and replace its entries`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "masque-lists-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let lists = folder.appending(path: "manifests")
        try FileManager.default.createDirectory(at: lists, withIntermediateDirectories: true)
        try Data(
            """
            version: 1
            models:
              - name: mine
                role: face_enhancer
                commercial: yes
                sha256: \(String(repeating: "Ab", count: 32))
                bytes: 12
                urls: [https://models.example/mine-v2.onnx]
              - {name: gfpgan_1.4, release: models-9, publisher: facefusion, licence: Apache-2.0}
            """.utf8
        ).write(to: lists.appending(path: "own.yaml"))
        let catalogue = try Catalogue.standard(store: folder)
        let mine = try #require(catalogue.model(named: "mine"))
        #expect(mine.commercial == .yes && mine.warning == nil)
        #expect(mine.files.map(\.file) == ["mine.onnx"])
        #expect(mine.files[0].sha256 == String(repeating: "ab", count: 32) && mine.files[0].bytes == 12)
        #expect(mine.files[0].urls.map(\.absoluteString) == ["https://models.example/mine-v2.onnx"])
        #expect(mine.files[0].checksumURLs.isEmpty)
        let other = try #require(catalogue.model(named: "gfpgan_1.4"))
        #expect(other.files[0].urls[0].absoluteString.contains("/models-9/gfpgan_1.4.onnx"))
        #expect(catalogue.models.filter { $0.name == "gfpgan_1.4" }.count == 1)
    }

    @Test(arguments: [
        ("models: [", "is no YAML"), ("version: 2", "version 2"), ("models: []", "version"),
        ("version: 1\nmodels: [{role: x}]", "name"), ("version: 1\nmodels: [{name: a/b}]", "no good name"),
        ("version: 1\nmodels: [{name: a, files: [{file: ../x}]}]", "no good file name"),
        ("version: 1\nmodels: [{name: a, sha256: abc}]", "no checksum"),
        ("version: 1\nmodels: [{name: a, publisher: nobody}]", "no known publisher"),
        ("version: 1\nmodels: [{name: a, urls: [\"ftp://x/y\"]}]", "no web address"),
    ]) func `a mistake in a list is named with its file`(text: String, words: String) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "masque-list-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(text.utf8).write(to: file)
        var catalogue = Catalogue()
        let error = try #require(#expect(throws: MasqueError.self) { try catalogue.add(listAt: file) })
        #expect(error.code == .badInput && error.message.contains(file.path))
        #expect(error.message.contains(words), "\(error.message)")
    }

    @Test func `CRC-32 gives the published check value, however the bytes arrive`() {
        let text = Array("123456789".utf8)
        for cut in 0...9 {
            var crc = CRC32()
            crc.update(Array(text[..<cut]))
            crc.update(Array(text[cut...]))
            #expect(crc.hex == "cbf43926")
        }
    }
}
