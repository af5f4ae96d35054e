// Pulled models are checked before they are believed, and recorded as they were.

import Errors
import Foundation
import ModelFiles
import ModelStore
import Synchronization
import Testing

struct PullTests {
    @Test func `a model is fetched, checked by its publisher's CRC-32, recorded and then found verified`() async throws
    {
        try await FileServer.run(StoreLab.publisher) { server in
            try await StoreLab.run(server: server) { lab in
                let bytes = try StoreLab.onnx("hyperswap_1a_256")
                let models = try lab.store.catalogue.closure(of: ["hyperswap_1a_256"])
                #expect(models.map(\.name) == ["arcface_w600k_r50", "hyperswap_1a_256"])
                for model in models {
                    let pulled = try await lab.store.pull(model)
                    #expect(pulled == .fetched(bytes: try StoreLab.onnx(model.name).count, checkedBy: "crc32"))
                }
                let there = try #require(try lab.record().model(named: "hyperswap_1a_256"))
                #expect(there.files.map(\.sha256) == [SHA256.hex(bytes)])
                #expect(there.files.map(\.crc32) == [StoreLab.crc(bytes)])
                #expect(there.licence == "Non-Commercial")
                #expect(there.source == "http://127.0.0.1:\(server.port)/r1/hyperswap_1a_256.onnx")
                #expect(try lab.store.stored.verified("hyperswap_1a_256")?.lastPathComponent == "hyperswap_1a_256.onnx")
                #expect(lab.names == ["arcface_w600k_r50.onnx", "hyperswap_1a_256.onnx", "store.json"])
                let asked = server.requests.count
                #expect(try await lab.store.pull(models[1]) == .wasThere)
                #expect(server.requests.count == asked)
                // What “verify” finds, “pull” repairs, even when the size is right.
                var altered = bytes
                altered[40] ^= 1
                try Data(altered).write(to: lab.folder.appending(path: "hyperswap_1a_256.onnx"))
                #expect(try await lab.store.pull(models[1]) != .wasThere)
                #expect(try lab.store.stored.verified("hyperswap_1a_256") != nil)
            }
        }
    }

    @Test func `a wrong checksum, a page instead of a model and a broken one never become models`() async throws {
        let bytes = try StoreLab.onnx("gfpgan_1.4")
        let cases: [(body: [UInt8], hash: String)] = [
            (bytes, "00000000"), (Array("<html>Sign in</html>".utf8), StoreLab.crc(Array("<html>Sign in</html>".utf8))),
            (Array(bytes.dropLast(9)), StoreLab.crc(Array(bytes.dropLast(9)))), (bytes, "no checksum"),
        ]
        for (body, hash) in cases {
            try await FileServer.run({ asked, _ in
                .file(Served(asked.target.hasSuffix(".hash") ? Array(hash.utf8) : body))
            }) { server in
                try await StoreLab.run(server: server) { lab in
                    let model = try lab.model("gfpgan_1.4")
                    let error = await #expect(throws: MasqueError.self) { _ = try await lab.store.pull(model) }
                    #expect(error?.code == .damagedModel, "\(hash)")
                    #expect(try lab.record().models.isEmpty)
                    #expect(lab.names.filter { $0.hasSuffix(".onnx") } == [])
                    #expect(try lab.store.stored.verified("gfpgan_1.4") == nil)
                }
            }
        }
    }

    @Test func `without any checksum the first use is trusted, and another file later is not`() async throws {
        let (first, second) = (try StoreLab.onnx("gfpgan_1.4"), try StoreLab.onnx("codeformer"))
        try await FileServer.run({ asked, number in
            asked.target.hasSuffix(".hash") ? .status("404 No") : .file(Served(number < 3 ? first : second))
        }) { server in
            try await StoreLab.run(server: server) { lab in
                let model = try lab.model("gfpgan_1.4")
                #expect(try await lab.store.pull(model) == .fetched(bytes: first.count, checkedBy: "first use"))
                try FileManager.default.removeItem(at: lab.folder.appending(path: "gfpgan_1.4.onnx"))
                #expect(try await lab.store.list().first { $0.name == "gfpgan_1.4" }?.state == .damaged)
                #expect(try await lab.store.pull(model) == .fetched(bytes: first.count, checkedBy: "sha256"))
                try FileManager.default.removeItem(at: lab.folder.appending(path: "gfpgan_1.4.onnx"))
                let error = await #expect(throws: MasqueError.self) { _ = try await lab.store.pull(model) }
                #expect(error?.code == .damagedModel)
                var origin = ModelStore.Origin()
                origin.isForced = true
                #expect(
                    try await lab.store.pull(model, from: origin)
                        == .fetched(bytes: second.count, checkedBy: "first use"))
            }
        }
    }

    @Test(arguments: [true, false]) func `a mirror is enough, folder or server`(isFolder: Bool) async throws {
        try await FileServer.run(StoreLab.publisher) { server in
            try await StoreLab.run { lab in
                let mirror = lab.lab.folder.appending(path: "mirror")
                try FileManager.default.createDirectory(at: mirror, withIntermediateDirectories: true)
                let bytes = try StoreLab.onnx("gfpgan_1.4")
                try Data(bytes).write(to: mirror.appending(path: "gfpgan_1.4.onnx"))
                try Data(StoreLab.crc(bytes).utf8).write(to: mirror.appending(path: "gfpgan_1.4.hash"))
                let text = isFolder ? "mirror" : "http://127.0.0.1:\(server.port)/files"
                let origin = ModelStore.Origin(
                    mirror: ModelStore.Origin.mirror(text, relativeTo: lab.lab.folder.path))
                let pulled = try await lab.store.pull(try lab.model("gfpgan_1.4"), from: origin)
                #expect(pulled == .fetched(bytes: bytes.count, checkedBy: "crc32"))
                #expect(server.requests.isEmpty == isFolder)
            }
        }
    }

    @Test func `a model whose weights lie elsewhere is refused`() async throws {
        for location in ["../secret", "/etc/passwd", "a/b", ".hidden", "..\\x"] {
            for nested in [true, false] {
                let body = Proto.model(location: location, nested: nested)
                try await FileServer.run({ asked, _ in
                    asked.target.hasSuffix(".hash") ? .status("404 No") : .file(Served(body))
                }) { server in
                    try await StoreLab.run(server: server) { lab in
                        let model = try lab.model("gfpgan_1.4")
                        let error = await #expect(throws: MasqueError.self) { _ = try await lab.store.pull(model) }
                        #expect(error?.message.contains("“\(location)”, which is no file beside it") == true)
                        #expect(try lab.record().models.isEmpty)
                    }
                }
            }
        }
    }

    @Test func `a model of several files comes with all of them or not at all`() async throws {
        let (body, weights) = (Proto.model(location: "big.bin"), [UInt8](repeating: 7, count: 4000))
        let list = """
            version: 1
            models:
              - name: big
                files:
                  - {file: big.onnx, urls: ["{server}/big.onnx"]}
                  - {file: big.bin, urls: ["{server}/big.bin"], sha256: \(SHA256.hex(weights))}
              - {name: lone, urls: ["{server}/big.onnx"]}
            """
        try await FileServer.run({ asked, number in
            asked.target == "/big.onnx" ? .file(Served(body)) : .file(Served(number == 0 ? [1] : weights))
        }) { server in
            try await StoreLab.run(list, server: server) { lab in
                let model = try lab.model("big")
                await #expect(throws: MasqueError.self) { _ = try await lab.store.pull(model) }
                #expect(try lab.record().models.isEmpty)
                _ = try await lab.store.pull(model)
                #expect(try lab.record().model(named: "big")?.files.map(\.file) == ["big.onnx", "big.bin"])
                #expect(try lab.store.stored.verified("big") != nil)
                let lone = try lab.model("lone")
                let error = await #expect(throws: MasqueError.self) { _ = try await lab.store.pull(lone) }
                #expect(error?.message.contains("“big.bin”, which its list does not name") == true)
            }
        }
    }

    @Test func `pulls at once lose no line of the record`() async throws {
        try await FileServer.run(StoreLab.publisher) { server in
            try await StoreLab.run(server: server) { lab in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for model in lab.store.catalogue.models {
                        for _ in 0..<2 { group.addTask { _ = try await lab.store.pull(model) } }
                    }
                    try await group.waitForAll()
                }
                #expect(try lab.record().models.map(\.name).sorted() == lab.store.catalogue.models.map(\.name).sorted())
                #expect(try await lab.store.verify().allSatisfy { $0.problem == nil })
            }
        }
    }

    @Test func `without a name service a pull ends at once, saying what was asked and where else files may come from`()
        async throws
    {
        // Too long for a name, so that it is not even asked for.
        let (one, two) = (String(repeating: "a", count: 64), String(repeating: "b", count: 64))
        let list = """
            version: 1
            publishers:
              gone: {urls: ["http://\(one).invalid/{file}", "http://\(two).invalid/{file}"], checksum: "{name}.hash"}
            models: [{name: gfpgan_1.4, publisher: gone}]
            """
        try await StoreLab.run(list) { lab in
            let asked = Mutex<[DownloadNotice]>([])
            var origin = ModelStore.Origin()
            origin.told = { notice in asked.withLock { $0.append(notice) } }
            let (model, from) = (try lab.model("gfpgan_1.4"), origin)
            let error = await #expect(throws: MasqueError.self) { _ = try await lab.store.pull(model, from: from) }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("could not be reached (there is no such host)") == true)
            #expect(error?.advice?.contains("--mirror") == true && error?.advice?.contains("import") == true)
            #expect(asked.withLock(\.self) == [.asking(host: "\(one).invalid"), .asking(host: "\(two).invalid")])
            #expect(lab.lab.pauses.all.isEmpty)
        }
    }
}
