// Files that the operator has: taken in, checked, listed, judged again, removed.

import Errors
import Foundation
import ModelFiles
import ModelStore
import Testing

struct ImportTests {
    /// A folder such as FaceFusion's `.assets/models`.
    private func assets(_ lab: StoreLab, wrongHash: Bool = false) throws -> URL {
        let folder = lab.lab.folder.appending(path: "assets")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["hyperswap_1a_256", "gfpgan_1.4", "uniface_256"] {
            let bytes = try StoreLab.onnx(name)
            try Data(bytes).write(to: folder.appending(path: "\(name).onnx"))
            let hash = wrongHash && name == "gfpgan_1.4" ? "12345678" : StoreLab.crc(bytes)
            try Data(hash.utf8).write(to: folder.appending(path: "\(name).hash"))
        }
        return folder
    }

    func words(_ all: [ModelStore.Imported]) -> [String] {
        all.map { one in
            switch one.outcome {
            case .added(let checkedBy): "\(one.name) added \(checkedBy)"
            case .wasThere: "\(one.name) there"
            case .skipped: "\(one.name) skipped"
            case .refused(let error): "\(one.name) \(error.code)"
            }
        }
    }

    @Test func `a folder of FaceFusion's is taken in by names and hashes, without copies`() async throws {
        try await StoreLab.run { lab in
            let folder = try assets(lab)
            let all = try await lab.store.takeIn([folder.path])
            #expect(
                words(all) == ["gfpgan_1.4 added crc32", "hyperswap_1a_256 added crc32", "uniface_256.onnx skipped"])
            #expect(lab.names == ["gfpgan_1.4.onnx", "hyperswap_1a_256.onnx", "store.json"])
            let (from, to) = (folder.appending(path: "gfpgan_1.4.onnx"), lab.folder.appending(path: "gfpgan_1.4.onnx"))
            let numbers = try [from, to].map {
                try FileManager.default.attributesOfItem(atPath: $0.path)[.systemFileNumber] as? Int
            }
            #expect(numbers[0] == numbers[1])
            #expect(
                words(try await lab.store.takeIn([folder.path])).prefix(2) == [
                    "gfpgan_1.4 there", "hyperswap_1a_256 there",
                ])
            // The store's own folder, its record lost.
            try FileManager.default.removeItem(at: lab.store.stored.recordFile)
            #expect(
                words(try await lab.store.takeIn([lab.folder.path])) == [
                    "gfpgan_1.4 added first use", "hyperswap_1a_256 added first use",
                ])
            #expect(lab.names == ["gfpgan_1.4.onnx", "hyperswap_1a_256.onnx", "store.json"])
        }
    }

    @Test func `a file that is not what its hash says is refused, the others are taken`() async throws {
        try await StoreLab.run { lab in
            let all = try await lab.store.takeIn([try assets(lab, wrongHash: true).path])
            #expect(words(all).prefix(2) == ["gfpgan_1.4 damagedModel", "hyperswap_1a_256 added crc32"])
            #expect(lab.names == ["hyperswap_1a_256.onnx", "store.json"])
        }
    }

    @Test func `a file of one's own gets a name, and can be moved`() async throws {
        try await StoreLab.run { lab in
            let file = lab.lab.folder.appending(path: "person 1.dfm")
            let bytes = try StoreLab.onnx("uniface_256")
            try Data(bytes).write(to: file)
            let error = await #expect(throws: MasqueError.self) { _ = try await lab.store.takeIn([file.path]) }
            #expect(error?.advice?.contains("--name") == true)
            await #expect(throws: MasqueError.self) { _ = try await lab.store.takeIn([file.path], .named("../x")) }
            var moved = ModelStore.ImportOptions.named("person_1")
            moved.isMoved = true
            _ = try await lab.store.takeIn([file.path], moved)
            #expect(!FileManager.default.fileExists(atPath: file.path))
            #expect(lab.names == ["person_1.dfm", "store.json"])
            let line = try #require(try await lab.store.list().last)
            #expect(line.name == "person_1" && line.state == .installed && line.licence == "unknown")
            try Data("not a model".utf8).write(to: file)
            #expect(words(try await lab.store.takeIn([file.path], .named("other"))) == ["other damagedModel"])
            #expect(lab.names == ["person_1.dfm", "store.json"])
        }
    }

    @Test func `weights beside a model come along, but not through a link or over another model's`() async throws {
        try await StoreLab.run { lab in
            let folder = lab.lab.folder.appending(path: "own")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let (model, weights) = (folder.appending(path: "own.onnx"), folder.appending(path: "own.bin"))
            try Data(Proto.model(location: "own.bin")).write(to: model)
            #expect(words(try await lab.store.takeIn([model.path], .named("own"))) == ["own damagedModel"])
            try FileManager.default.createSymbolicLink(
                at: weights, withDestinationURL: URL(fileURLWithPath: "/etc/passwd"))
            #expect(words(try await lab.store.takeIn([model.path], .named("own"))) == ["own damagedModel"])
            try FileManager.default.removeItem(at: weights)
            try Data([1, 2, 3, 4]).write(to: weights)
            #expect(words(try await lab.store.takeIn([model.path], .named("own"))) == ["own added first use"])
            #expect(lab.names == ["own.bin", "own.onnx", "store.json"])
            #expect(words(try await lab.store.takeIn([model.path], .named("twin"))) == ["twin conflict"])
            try Data([9, 2, 3, 4]).write(to: lab.folder.appending(path: "own.bin"))
            #expect(try await lab.store.verify().first?.problem?.contains("changed after it was added") == true)
        }
    }

    @Test func `verifying tells what is missing, short and altered, and removing takes files along`() async throws {
        try await StoreLab.run { lab in
            let folder = try assets(lab)
            _ = try await lab.store.takeIn([folder.path])
            #expect(try await lab.store.verify().map(\.problem) == [nil, nil])
            let file = lab.folder.appending(path: "gfpgan_1.4.onnx")
            var bytes = try StoreLab.onnx("gfpgan_1.4")
            // The link to the operator's own file must not be written through.
            try FileManager.default.removeItem(at: file)
            try Data(bytes.dropLast()).write(to: file)
            #expect(try await lab.store.verify(["gfpgan_1.4"]).first?.problem?.contains("bytes instead of") == true)
            #expect(try await lab.store.list().first { $0.name == "gfpgan_1.4" }?.state == .damaged)
            bytes[40] ^= 1
            try Data(bytes).write(to: file)
            let altered = try #require(try await lab.store.verify(["gfpgan_1.4"]).first)
            #expect(altered.problem?.contains("changed after it was added") == true)
            #expect(altered.advice?.contains("masque models pull gfpgan_1.4") == true)
            try FileManager.default.removeItem(at: file)
            #expect(try await lab.store.verify(["gfpgan_1.4"]).first?.problem?.contains("There is no file") == true)
            await #expect(throws: MasqueError.self) { _ = try await lab.store.verify(["nothing"]) }

            await #expect(throws: MasqueError.self) { try await lab.store.remove(["hyperswap_1a_256", "nothing"]) }
            #expect(try lab.record().models.count == 2)
            try await lab.store.remove(["hyperswap_1a_256", "gfpgan_1.4"])
            #expect(lab.names == ["store.json"])
            #expect(FileManager.default.fileExists(atPath: folder.appending(path: "hyperswap_1a_256.onnx").path))
        }
    }
}

extension ModelStore.ImportOptions {
    static func named(_ name: String, isForced: Bool = false) -> ModelStore.ImportOptions {
        var options = ModelStore.ImportOptions()
        (options.name, options.isForced) = (name, isForced)
        return options
    }
}
