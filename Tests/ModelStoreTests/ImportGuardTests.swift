// What an import must not do: replace what is good, believe what is not proven, take what is no file.

import Errors
import Foundation
import ModelFiles
import ModelStore
import Testing

struct ImportGuardTests {
    private func refusal(_ all: [ModelStore.Imported]) throws -> MasqueError {
        guard case .refused(let error) = try #require(all.first).outcome else {
            throw MasqueError(.failed, "It was not refused: \(all).")
        }
        return error
    }

    private func write(_ bytes: [UInt8], _ name: String, _ lab: StoreLab) throws -> String {
        let url = lab.lab.folder.appending(path: name)
        try Data(bytes).write(to: url)
        return url.path
    }

    @Test func `a model that is there is not replaced by another file, unless by force`() async throws {
        try await StoreLab.run { lab in
            let (first, second) = (try StoreLab.onnx("gfpgan_1.4"), try StoreLab.onnx("codeformer"))
            let mine = try write(first, "mine.onnx", lab)
            _ = try await lab.store.takeIn([mine], .named("person"))
            let other = try write(second, "other.dfm", lab)
            let error = try refusal(try await lab.store.takeIn([other], .named("person")))
            #expect(error.code == .conflict && error.advice?.contains("--force") == true)
            #expect(try lab.record().model(named: "person")?.files.map(\.sha256) == [SHA256.hex(first)])
            #expect(lab.names == ["person.onnx", "store.json"])
            _ = try await lab.store.takeIn([other], .named("person", isForced: true))
            #expect(try lab.record().model(named: "person")?.files.map(\.sha256) == [SHA256.hex(second)])
            #expect(lab.names == ["person.dfm", "store.json"])
            // A file of a list, too, though its name is right.
            let listed = try write(first, "gfpgan_1.4.onnx", lab)
            _ = try await lab.store.takeIn([listed])
            _ = try write(second, "swap", lab)
            try FileManager.default.removeItem(atPath: listed)
            _ = try write(second, "gfpgan_1.4.onnx", lab)
            #expect(try refusal(try await lab.store.takeIn([listed])).code == .conflict)
            // What is lost is brought back by the same content alone.
            try FileManager.default.removeItem(at: lab.folder.appending(path: "gfpgan_1.4.onnx"))
            #expect(try refusal(try await lab.store.takeIn([listed])).code == .conflict)
            try FileManager.default.removeItem(atPath: listed)
            _ = try write(first, "gfpgan_1.4.onnx", lab)
            _ = try await lab.store.takeIn([listed])
            #expect(try lab.store.stored.verified("gfpgan_1.4") != nil)
        }
    }

    @Test func `a name of the lists is given to another file by force or proof alone`() async throws {
        let bytes = try StoreLab.onnx("gfpgan_1.4")
        let list = """
            version: 1
            models:
              - {name: proven, sha256: \(SHA256.hex(bytes)), urls: ["{server}/proven.onnx"]}
              - {name: unproven, urls: ["{server}/unproven.onnx"]}
              - {name: pair, files: [{file: a.onnx, urls: ["{server}/a"]}, {file: b.bin, urls: ["{server}/b"]}]}
            """
        try await StoreLab.run(list) { lab in
            let mine = try write(bytes, "mine.onnx", lab)
            #expect(try refusal(try await lab.store.takeIn([mine], .named("unproven"))).code == .conflict)
            #expect(lab.names == [])
            await #expect(throws: MasqueError.self) { _ = try await lab.store.takeIn([mine], .named("pair")) }
            _ = try await lab.store.takeIn([mine], .named("proven"))
            _ = try await lab.store.takeIn([mine], .named("unproven", isForced: true))
            #expect(lab.names == ["proven.onnx", "store.json", "unproven.onnx"])
            let wrong = try write(try StoreLab.onnx("codeformer"), "wrong.onnx", lab)
            #expect(
                try refusal(try await lab.store.takeIn([wrong], .named("proven", isForced: true))).code == .damagedModel
            )
        }
    }

    @Test func `names of built-in models are taken neither by import nor by a list`() async throws {
        try await StoreLab.run { lab in
            let mine = try write(try StoreLab.onnx("gfpgan_1.4"), "mine.onnx", lab)
            for name in StoredModels.builtIn {
                let error = await #expect(throws: MasqueError.self) {
                    _ = try await lab.store.takeIn([mine], .named(name, isForced: true))
                }
                #expect(error?.message.contains("is a built-in model") == true)
                let list = try write(
                    Array("version: 1\nmodels: [{name: \(name), urls: [\"https://x.example/y\"]}]".utf8), "l.yaml", lab)
                var catalogue = Catalogue()
                #expect(throws: MasqueError.self) { try catalogue.add(listAt: URL(fileURLWithPath: list)) }
            }
            #expect(lab.names == [])
        }
        let lock = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "scripts/setup.lock")
        let files = try String(contentsOf: lock, encoding: .utf8).matches(of: /file models\/([a-z0-9_]+)\./)
        #expect(Set(files.map { String($0.1) }) == StoredModels.builtIn)
    }

    @Test func `the checksum beside a file is that of its own name, and must be one`() async throws {
        try await StoreLab.run { lab in
            let bytes = try StoreLab.onnx("gfpgan_1.4")
            let mine = try write(bytes, "mine.onnx", lab)
            _ = try write(Array("00000000".utf8), "theirs.hash", lab)
            _ = try write(Array((StoreLab.crc(bytes) + "\n").utf8), "mine.hash", lab)
            guard case .added("crc32") = try await lab.store.takeIn([mine], .named("theirs"))[0].outcome else {
                throw MasqueError(.failed, "It was not taken in by its own checksum.")
            }
            for text in ["", "1234567", "123456789", "zzzzzzzz", String(repeating: "0", count: 1000)] {
                _ = try write(Array(text.utf8), "mine.hash", lab)
                let error = try refusal(try await lab.store.takeIn([mine], .named("again")))
                #expect(error.message.contains("mine.hash holds no checksum"), "\(text)")
            }
            #expect(lab.names == ["store.json", "theirs.onnx"])
        }
    }

    @Test func `what is no model is refused by its own name, unread and without a trace`() async throws {
        try await StoreLab.run { lab in
            let junk = lab.lab.folder.appending(path: "junk.onnx").path
            try Data().write(to: URL(fileURLWithPath: junk))
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: junk))
            // A hole of a TB, as far as the file system can.
            try file.truncate(atOffset: 1 << 40)
            try file.close()
            let error = try refusal(try await lab.store.takeIn([junk], .named("junk")))
            #expect(error.message == "\(junk) is not a whole ONNX model.")
            let empty = try write([], "empty.onnx", lab)
            let none = try refusal(try await lab.store.takeIn([empty], .named("empty")))
            #expect(none.message == "\(empty) is not a whole ONNX model.")
            let pipe = lab.lab.folder.appending(path: "pipe.onnx").path
            #expect(mkfifo(pipe, 0o600) == 0)
            let refused = try refusal(try await lab.store.takeIn([pipe], .named("pipe")))
            #expect(refused.message == "\(pipe) is not a regular file.")
            #expect(lab.names == [])
        }
    }

    @Test(arguments: ["store.json", "manifests", "x.part", "x.onnx.part.json", ".hidden", "a\nb"])
    func `weights may not have a name that the store uses itself`(location: String) async throws {
        try await StoreLab.run { lab in
            let model = try write(Proto.model(location: location), "own.onnx", lab)
            _ = try write([1, 2, 3], location, lab)
            #expect(try refusal(try await lab.store.takeIn([model], .named("own"))).code == .damagedModel)
            #expect(lab.names == [])
        }
    }

    @Test func `a model of the store that gets a second name is not moved away`() async throws {
        try await StoreLab.run { lab in
            let mine = try write(try StoreLab.onnx("gfpgan_1.4"), "mine.onnx", lab)
            _ = try await lab.store.takeIn([mine], .named("one"))
            var options = ModelStore.ImportOptions.named("two")
            options.isMoved = true
            _ = try await lab.store.takeIn([lab.folder.appending(path: "one.onnx").path], options)
            #expect(lab.names == ["one.onnx", "store.json", "two.onnx"])
            #expect(try await lab.store.verify().map(\.problem) == [nil, nil])
        }
    }

    @Test func `imports of one name at once leave one whole model`() async throws {
        try await StoreLab.run { lab in
            let names = ["gfpgan_1.4", "codeformer", "uniface_256"]
            let files = try names.map { try write(try StoreLab.onnx($0), "\($0)-own.onnx", lab) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for file in files + files {
                    group.addTask { _ = try await lab.store.takeIn([file], .named("one")) }
                }
                try await group.waitForAll()
            }
            #expect(lab.names == ["one.onnx", "store.json"])
            #expect(try await lab.store.verify().map(\.problem) == [nil])
        }
    }
}
