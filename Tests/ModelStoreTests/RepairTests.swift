// A record that is lost, damaged or forged: what is refused, and what brings it back.

import Errors
import Foundation
import ModelFiles
import ModelStore
import Testing

struct RepairTests {
    /// A store with a listed model, one of one's own and one whose weights lie in a second file.
    private func fill(_ lab: StoreLab) async throws -> [StoredModels.Model] {
        func write(_ bytes: [UInt8], _ name: String) throws -> String {
            let url = lab.lab.folder.appending(path: name)
            try Data(bytes).write(to: url)
            return url.path
        }
        _ = try await lab.store.takeIn([try write(try StoreLab.onnx("gfpgan_1.4"), "gfpgan_1.4.onnx")])
        _ = try await lab.store.takeIn([try write(try StoreLab.onnx("uniface_256"), "p.dfm")], .named("person"))
        _ = try write([1, 2, 3, 4], "own.bin")
        _ = try await lab.store.takeIn([try write(Proto.model(location: "own.bin"), "own.onnx")], .named("own"))
        return try lab.record().models
    }

    private static let files = ["gfpgan_1.4.onnx", "own.bin", "own.onnx", "person.dfm"]

    @Test func `a lost record comes back with all models`() async throws {
        try await StoreLab.run { lab in
            let before = try await fill(lab)
            try FileManager.default.removeItem(at: lab.store.stored.recordFile)
            let repair = try await lab.store.repair()
            #expect(repair.setAside == nil)
            #expect(repair.verdicts.map(\.problem) == [nil, nil, nil])
            let after = try lab.record()
            for model in before { #expect(after.model(named: model.name)?.files == model.files) }
            #expect(lab.names == Self.files + ["store.json"])
            #expect(try await lab.store.repair().found.isEmpty)
        }
    }

    @Test func `importing the store's own folder does the same`() async throws {
        try await StoreLab.run { lab in
            let before = try await fill(lab)
            try FileManager.default.removeItem(at: lab.store.stored.recordFile)
            _ = try await lab.store.takeIn([lab.folder.path])
            #expect(Set(try lab.record().models.map(\.name)) == Set(before.map(\.name)))
        }
    }

    @Test(arguments: ["{\"models\": [{\"na", "", "[]", "{\"version\": 2, \"models\": []}"])
    func `a damaged record is put aside and made anew`(text: String) async throws {
        try await StoreLab.run { lab in
            let before = try await fill(lab)
            try Data(text.utf8).write(to: lab.store.stored.recordFile)
            let error = #expect(throws: MasqueError.self) { _ = try lab.record() }
            #expect(error?.advice?.contains("masque models verify --repair") == true)
            #expect(error?.message.contains(lab.folder.path) == false)
            let repair = try await lab.store.repair()
            let aside = try #require(repair.setAside)
            #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == Data(text.utf8))
            #expect(repair.verdicts.map(\.problem) == [nil, nil, nil])
            #expect(Set(try lab.record().models.map(\.name)) == Set(before.map(\.name)))
            #expect(Set(lab.names).isSuperset(of: Self.files))
        }
    }

    @Test func `a record whose files are paths is refused, deletes nothing, and its good models are kept`() async throws
    {
        try await StoreLab.run { lab in
            let before = try await fill(lab)
            let victim = lab.lab.folder.appending(path: "victim.onnx")
            try Data(try StoreLab.onnx("gfpgan_1.4")).write(to: victim)
            for path in [
                "../victim.onnx", victim.path, "..", ".", "", "a/../../victim.onnx", "x\\y", "a\nb", "store.json",
            ] {
                var record = StoredModels.Record(models: before)
                record.models[1].files[0].file = path
                try record.encoded().write(to: lab.store.stored.recordFile)
                await #expect(throws: MasqueError.self, "\(path)") {
                    try await lab.store.remove([before[1].name])
                }
                #expect(throws: MasqueError.self, "\(path)") {
                    _ = try lab.store.stored.verified(before[1].name)
                }
                #expect(FileManager.default.fileExists(atPath: victim.path), "\(path)")
                #expect(Set(lab.names).isSuperset(of: Self.files), "\(path)")
            }
            let repair = try await lab.store.repair()
            let record = try lab.record()
            #expect(record.model(named: before[0].name) == before[0])
            #expect(record.model(named: before[2].name) == before[2])
            #expect(record.model(named: before[1].name)?.files == before[1].files)
            #expect(repair.verdicts.allSatisfy { $0.problem == nil })
        }
    }

    @Test func `files that are no models, or not those of the lists, are said and left`() async throws {
        try await StoreLab.run { lab in
            _ = try await fill(lab)
            try FileManager.default.removeItem(at: lab.store.stored.recordFile)
            try Data("junk".utf8).write(to: lab.folder.appending(path: "junk.onnx"))
            try Data(try StoreLab.onnx("codeformer")).write(to: lab.folder.appending(path: "open_nsfw.onnx"))
            try Data(try StoreLab.onnx("codeformer")).write(to: lab.folder.appending(path: "two words.onnx"))
            let repair = try await lab.store.repair()
            let refused = repair.found.filter { if case .refused = $0.outcome { true } else { false } }
            #expect(Set(refused.map(\.name)) == ["junk", "open_nsfw", "two words"])
            #expect(Set(lab.names).isSuperset(of: ["junk.onnx", "open_nsfw.onnx", "two words.onnx"]))
            #expect(try lab.record().models.count == 3)
        }
    }
}
