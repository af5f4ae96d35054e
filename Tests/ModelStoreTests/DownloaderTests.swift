// Downloads end whole and right, or not at all, whatever the server does.

import Errors
import Foundation
import ModelFiles
import ModelStore
import Synchronization
import Testing

struct DownloaderTests {
    @Test func `a file arrives whole, with its digests, headers and progress`() async throws {
        let bytes = DownloadLab.content(3 << 20)
        var file = Served(bytes)
        file.headers = ["content-disposition: attachment; filename=\"swap \\\"x\\\".onnx\""]
        try await DownloadLab.run { [file] lab in
            try await FileServer.run({ _, _ in .file(file) }) { server in
                let seen = Mutex<[DownloadProgress]>([])
                let request = lab.request(
                    try server.url("/a/model.onnx"),
                    expected: .init(bytes: bytes.count, sha256: SHA256.hex(bytes).uppercased()))
                let result = try await lab.downloader().download(request) { progress in
                    seen.withLock { $0.append(progress) }
                }
                #expect(lab.arrived == bytes)
                #expect(lab.names == ["model.onnx"])
                #expect(result.sha256 == SHA256.hex(bytes))
                #expect(result.bytes == bytes.count && result.resumedAt == 0)
                #expect(result.suggestedName == "swap \"x\".onnx")
                #expect(result.source == "http://127.0.0.1:\(server.port)/a/model.onnx")
                let steps = seen.withLock(\.self)
                #expect(steps.first == DownloadProgress(bytes: 0, total: bytes.count))
                #expect(steps.last == DownloadProgress(bytes: bytes.count, total: bytes.count))
                #expect(steps.map(\.bytes) == steps.map(\.bytes).sorted())
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test(arguments: [true, false]) func `a cut connection is taken up where it broke`(hasETag: Bool) async throws {
        let bytes = DownloadLab.content()
        try await DownloadLab.run { lab in
            try await FileServer.run({ _, number in
                var file = Served(bytes)
                if hasETag { file.etag = "\"v1\"" } else { file.lastModified = "Sat, 21 Nov 2026 10:00:00 GMT" }
                file.cutAfter = number < 2 ? 100_000 : nil
                return .file(file)
            }) { server in
                let result = try await lab.downloader().download(lab.request(try server.url("/m")))
                #expect(lab.arrived == bytes)
                #expect(result.sha256 == SHA256.hex(bytes))
                #expect(server.requests.count >= 3)
                #expect(server.requests.first?.headers["range"] == nil)
                // What was on its way when the connection broke may be lost.
                let starts = server.requests.dropFirst().map { Int($0.headers["range"]?.filter(\.isNumber) ?? "") ?? 0 }
                #expect(starts == starts.sorted() && starts.allSatisfy { $0 > 0 })
                #expect(result.resumedAt == starts.last)
                #expect(
                    server.requests.last?.headers["if-range"] == (hasETag ? "\"v1\"" : "Sat, 21 Nov 2026 10:00:00 GMT"))
                #expect(lab.names == ["model.onnx"])
            }
        }
    }

    @Test func `a server without ranges is read from the beginning again`() async throws {
        let bytes = DownloadLab.content()
        try await DownloadLab.run { lab in
            try await FileServer.run({ _, number in
                var file = Served(bytes)
                file.etag = "\"v1\""
                file.givesRanges = false
                file.cutAfter = number == 0 ? 100_000 : nil
                return .file(file)
            }) { server in
                _ = try await lab.downloader().download(lab.request(try server.url("/m")))
                #expect(lab.arrived == bytes)
            }
        }
    }

    @Test(arguments: [true, false]) func `a file that changes midway is never mixed from two`(
        heedsIfRange: Bool
    ) async throws {
        let (old, new) = (DownloadLab.content(), DownloadLab.content(seed: 2))
        try await DownloadLab.run { lab in
            try await FileServer.run({ _, number in
                var file = Served(number == 0 ? old : new)
                file.etag = number == 0 ? "\"v1\"" : "\"v2\""
                file.heedsIfRange = heedsIfRange
                file.cutAfter = number == 0 ? 100_000 : nil
                return .file(file)
            }) { server in
                let result = try await lab.downloader().download(lab.request(try server.url("/m")))
                #expect(lab.arrived == new)
                #expect(result.sha256 == SHA256.hex(new))
                #expect(result.resumedAt == 0)
            }
        }
    }

    @Test func `without any validator nothing is taken up, unless the digest is known`() async throws {
        let bytes = DownloadLab.content()
        for expected in [DownloadRequest.Expected(), .init(sha256: SHA256.hex(bytes))] {
            try await DownloadLab.run { lab in
                try await FileServer.run({ _, number in
                    var file = Served(bytes)
                    file.cutAfter = number == 0 ? 100_000 : nil
                    return .file(file)
                }) { server in
                    _ = try await lab.downloader().download(lab.request(try server.url("/m"), expected: expected))
                    #expect(lab.arrived == bytes)
                    #expect(server.requests.map { $0.headers["range"] != nil } == [false, expected.sha256 != nil])
                }
            }
        }
    }

    @Test func `a stopped download leaves its part, and the next one fetches the rest`() async throws {
        let bytes = DownloadLab.content()
        try await DownloadLab.run { lab in
            try await FileServer.run({ _, number in
                var file = Served(bytes)
                file.etag = "\"v1\""
                (file.cutAfter, file.hangs) = number == 0 ? (120_000, true) : (nil, false)
                return .file(file)
            }) { server in
                let request = lab.request(try server.url("/m?token=hidden"))
                let (steps, step) = AsyncStream.makeStream(of: Int.self)
                let download = Task {
                    try await lab.downloader().download(request) { step.yield($0.bytes) }
                }
                for await count in steps where count >= 0 { break }
                // All that the server sent must have come before the stop; the part grows on it.
                while server.requests.isEmpty { await Task.yield() }
                download.cancel()
                await #expect(throws: CancellationError.self) { _ = try await download.value }
                #expect(lab.names == ["model.onnx.part", "model.onnx.part.json"])
                let kept = try Data(contentsOf: request.partURL)
                #expect(Array(kept) == Array(bytes.prefix(kept.count)))
                let record = try String(contentsOf: request.partRecordURL, encoding: .utf8)
                #expect(!record.contains("hidden"))

                let result = try await lab.downloader().download(request)
                #expect(lab.arrived == bytes)
                #expect(result.resumedAt == kept.count)
                #expect(lab.names == ["model.onnx"])
            }
        }
    }

    @Test func `a part of another process, all there or too long, is judged by its digest`() async throws {
        let bytes = DownloadLab.content()
        for part in [bytes, bytes + [1], Array(bytes.prefix(1000)), [7] + bytes.prefix(1000)] {
            try await DownloadLab.run { lab in
                try await FileServer.run({ _, _ in .file(Served(bytes)) }) { server in
                    let request = lab.request(
                        try server.url("/m"), expected: .init(sha256: SHA256.hex(bytes)))
                    try Data(part).write(to: request.partURL)
                    _ = try await lab.downloader().download(request)
                    #expect(lab.arrived == bytes)
                    if part == bytes { #expect(server.requests.isEmpty) }
                }
            }
        }
    }

    @Test func `wrong bytes are refused by size, SHA-256 and CRC-32, and the next source is asked`() async throws {
        let (wrong, right) = (DownloadLab.content(seed: 3), DownloadLab.content(299_999))
        var crc = CRC32()
        crc.update(right)
        let known: [DownloadRequest.Expected] = [
            .init(bytes: right.count), .init(sha256: SHA256.hex(right)), .init(crc32: crc.hex),
        ]
        for expected in known {
            try await DownloadLab.run { lab in
                try await FileServer.run({ asked, _ in .file(Served(asked.target == "/right" ? right : wrong)) }) {
                    server in
                    let error = try await lab.failure(lab.request(try server.url("/wrong"), expected: expected))
                    #expect(error.code == .damagedModel)
                    #expect(error.message.contains("“model.onnx”") && error.message.contains("instead of"))
                    #expect(lab.names == [])

                    let both = lab.request(try server.url("/wrong"), try server.url("/right"), expected: expected)
                    let result = try await lab.downloader().download(both)
                    #expect(lab.arrived == right)
                    #expect(result.source?.hasSuffix("/right") == true)
                }
            }
        }
    }

    @Test func `a file without a length that goes on too long is given up, and its bytes with it`() async throws {
        try await DownloadLab.run { lab in
            var endless = Served(DownloadLab.content(3 << 20))
            endless.saysLength = false
            try await FileServer.run({ [endless] _, _ in .file(endless) }) { server in
                var request = lab.request(try server.url("/m"))
                request.limits.maxBytes = 1 << 20
                #expect(try await lab.failure(request).downloadFault == .tooLarge)
                #expect(lab.names == [])
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test func `what the caller's check refuses does not appear`() async throws {
        try await DownloadLab.run { lab in
            try await FileServer.run({ _, _ in .file(Served([1, 2, 3])) }) { server in
                var request = lab.request(try server.url("/m"))
                request.validate = { part in
                    #expect(try Data(contentsOf: part) == Data([1, 2, 3]))
                    throw MasqueError(.damagedModel, "This is no model.")
                }
                let error = try await lab.failure(request)
                #expect(error.message == "This is no model.")
                #expect(lab.names == [])
            }
        }
    }

    @Test func `a full disk is found before the first byte, and too large a file too`() async throws {
        try await DownloadLab.run { lab in
            try await FileServer.run({ _, _ in .file(Served(DownloadLab.content())) }) { server in
                var request = lab.request(try server.url("/m"))
                let full = try await lab.failure(request, lab.downloader(free: { _ in 300_000 + (64 << 20) - 1 }))
                #expect(full.code == .outOfSpace)
                #expect(lab.names.filter { $0 == "model.onnx" } == [])
                #expect(try Data(contentsOf: request.partURL).isEmpty)
                request.limits.maxBytes = 299_999
                #expect(try await lab.failure(request).downloadFault == .tooLarge)
                request.limits.maxBytes = 300_000
                _ = try await lab.downloader(free: { _ in 300_000 + (64 << 20) }).download(request)
                #expect(lab.arrived?.count == 300_000)
            }
        }
    }

    @Test func `of two downloads at once the second takes what the first brought`() async throws {
        let bytes = DownloadLab.content(2 << 20)
        try await DownloadLab.run { lab in
            try await FileServer.run({ _, _ in .file(Served(bytes)) }) { server in
                let request = lab.request(try server.url("/m"))
                async let one = lab.downloader().download(request)
                async let two = lab.downloader().download(request)
                let results = try await [one, two]
                #expect(results.map(\.sha256) == [SHA256.hex(bytes), SHA256.hex(bytes)])
                // Unless the first was over before the second began.
                #expect(server.requests.count == results.count { $0.source != nil })
                #expect(lab.names == ["model.onnx"])
            }
        }
    }

    @Test func `a file that is there stays when it may not be replaced`() async throws {
        try await DownloadLab.run { lab in
            try await FileServer.run({ _, _ in .file(Served([1])) }) { server in
                try Data([9]).write(to: lab.destination)
                var request = lab.request(try server.url("/m"))
                request.overwrites = false
                #expect(try await lab.failure(request).code == .outputExists)
                #expect(lab.arrived == [9])
                #expect(server.requests.isEmpty)
                request.overwrites = true
                _ = try await lab.downloader().download(request)
                #expect(lab.arrived == [1])
            }
        }
    }

    @Test func `a mirror folder is as good as a server`() async throws {
        try await DownloadLab.run { lab in
            let bytes = DownloadLab.content(2 << 20)
            let mirror = lab.folder.appending(path: "mirror.bin")
            try Data(bytes).write(to: mirror)
            let missing = lab.folder.appending(path: "nothing.bin")
            let request = lab.request(missing, mirror, expected: .init(sha256: SHA256.hex(bytes)))
            try Data(bytes.prefix(1 << 20)).write(to: request.partURL)
            let result = try await lab.downloader().download(request)
            #expect(lab.arrived == bytes)
            #expect(result.resumedAt == 1 << 20)
            #expect(try await lab.failure(lab.request(missing)).downloadFault == .missing)
        }
    }
}
