// Uploads on disk: whole, hashed, in flat memory, and gone when something goes wrong.

import Crypto
import Errors
import Files
import Foundation
import HTTPParts
import Hummingbird
import NIOCore
import Testing

/// A folder that is removed after `work`.
func withFolder<Value>(_ work: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "masque-http-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await work(folder)
}

func files(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
}

/// A body that sends `count` times `chunk`, then fails or ends.
struct Repeated: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    struct Broken: Error {}
    let chunk: ByteBuffer
    let count: Int
    var breaks = false
    var stalls = false
    struct AsyncIterator: AsyncIteratorProtocol {
        let body: Repeated
        var sent = 0
        mutating func next() async throws -> ByteBuffer? {
            guard sent == body.count else {
                sent += 1
                return body.chunk
            }
            if body.breaks { throw Broken() }
            if body.stalls { try? await Task.sleep(for: .seconds(60)) }
            return nil
        }
    }
    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self) }
}

@Suite struct BodyFileTests {
    @Test(arguments: [0, 1, 63, 64, 100_000, 1 << 20, (3 << 20) + 17])
    func `A body lies in its file with its length, hash and first bytes`(length: Int) async throws {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let cut = Array(stride(from: 0, to: length, by: 60_001))
        try await withFolder { folder in
            let file = try await BodyFile.receive(Chunks(bytes, cut: cut), at: "\(folder)/x", maxBytes: length)
            #expect(file.byteCount == length)
            #expect(file.head == Array(bytes.prefix(64)))
            #expect(file.sha256 == SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined())
            #expect(FileManager.default.contents(atPath: file.path).map(Array.init) == bytes)
        }
    }

    @Test func `Nothing stays of a body that is too long, breaks off or is cancelled`() async throws {
        let chunk = ByteBuffer(repeating: 7, count: 300_000)
        try await withFolder { folder in
            let path = "\(folder)/x"
            await expect(.tooLarge) {
                _ = try await BodyFile.receive(Repeated(chunk: chunk, count: 10), at: path, maxBytes: 2_999_999)
            }
            #expect(files(in: folder) == [])
            await #expect(throws: Repeated.Broken.self) {
                _ = try await BodyFile.receive(Repeated(chunk: chunk, count: 9, breaks: true), at: path, maxBytes: .max)
            }
            #expect(files(in: folder) == [])
            let task = Task {
                try await BodyFile.receive(Repeated(chunk: chunk, count: 9, stalls: true), at: path, maxBytes: .max)
            }
            while files(in: folder).isEmpty { await Task.yield() }
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
            #expect(files(in: folder) == [])
        }
    }

    @Test func `A full disk is said to be one, without the path`() throws {
        let descriptor = unsafe open("/dev/full", O_WRONLY)
        try #require(descriptor >= 0)
        let sink = FileSink(descriptor: descriptor, what: "The target")
        #expect {
            try sink.appendNow([ByteBuffer(repeating: 1, count: 10)])
        } throws: {
            let error = $0 as? MasqueError
            return error?.code == .outOfSpace
                && error?.message == "The target could not be stored: the server's disk is full."
        }
    }

    @Test func `500 MB come over a connection in flat memory`() async throws {
        try await withFolder { folder in
            let router = Router()
            router.post("raw") { request, _ -> String in
                try await BodyFile.receive(request.body, at: "\(folder)/raw", maxBytes: 1 << 30).sha256
            }
            router.post("form") { request, _ -> String in
                let reader = try MultipartReader(request)
                guard let part = try await reader.nextPart() else { return "" }
                return try await BodyFile.receive(part.body, at: "\(folder)/form", maxBytes: 1 << 30).sha256
            }
            let chunk = ByteBuffer(bytes: (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) })
            var hash = SHA256()
            for _ in 0..<500 { hash.update(data: Array(chunk.readableBytesView)) }
            let wanted = hash.finalize().map { String(format: "%02x", $0) }.joined()
            try await withServer(router) { port in
                for path in ["raw", "form"] {
                    let before = residentBytes()
                    let start = ContinuousClock.now
                    let head =
                        path == "form"
                        ? "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n" : ""
                    let tail = path == "form" ? "\r\n--b--\r\n" : ""
                    let length = 500 << 20 + head.utf8.count + tail.utf8.count
                    try await withConnection(port) { client in
                        try await client.send(
                            "POST /\(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \((500 << 20) + head.utf8.count + tail.utf8.count)\r\n"
                                + "Content-Type: multipart/form-data; boundary=b\r\nConnection: close\r\n\r\n\(head)")
                        for _ in 0..<500 { try await client.sendBytes(chunk) }
                        try await client.send(tail)
                        let answer = try await client.readAll()
                        #expect(answer.body == wanted)
                    }
                    let seconds = Double((start.duration(to: .now) / .milliseconds(1))) / 1000
                    let grown = residentBytes() - before
                    print("\(path): \(Double(length) / 1e9 / seconds) GB/s, resident memory grew by \(grown >> 20) MiB")
                    // Client, server and other tests together
                    #expect(grown < 150 << 20)
                }
            }
        }
    }

    private func residentBytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }

    @Test(arguments: heads)
    func `Pictures and videos are known by their first bytes`(type: SniffedType, head: String) {
        let bytes = head.unicodeScalars.map { UInt8($0.value) }
        #expect(sniff(head: bytes + [UInt8](repeating: 0, count: 20)) == type)
        for length in 0..<bytes.count { _ = sniff(head: bytes[..<length]) }
    }

    @Test func `What is neither picture nor video is not taken for one`() {
        for text in [
            "", "BMW is a car, not a picture", "<html>", "%PDF-1.7", "PK\u{3}\u{4}", "RIFFxxxxWAVE", "#!/bin/sh",
            "<svg xmlns=",
        ] {
            #expect(sniff(head: Array(text.utf8)) == nil)
        }
    }
}

/// The first bytes of files, each scalar one byte.
private let heads: [(SniffedType, String)] = [
    (.jpeg, "\u{FF}\u{D8}\u{FF}\u{E0}"), (.png, "\u{89}PNG\r\n\u{1A}\n"), (.gif, "GIF89a"),
    (.webp, "RIFFxxxxWEBPVP8 "), (.avi, "RIFFxxxxAVI LIST"),
    (.bmp, "BM\0\u{1}\0\0\0\0\0\0\u{36}\0\0\0\u{28}\0\0\0"), (.tiff, "II\u{2A}\0\u{8}\0\0\0"),
    (.tiff, "MM\0\u{2A}\0\0\0\u{8}"), (.mp4, "\0\0\0\u{18}ftypisom\0\0\u{2}\0isomiso2"),
    (.mp4, "\0\0\0\u{18}ftypXXXX\0\0\u{2}\0YYYYmp42"), (.mov, "\0\0\0\u{14}ftypqt  \0\0\u{2}\0qt  "),
    (.mov, "\0\0\0\u{8}wide\0\0\u{1}\0mdat"), (.heic, "\0\0\0\u{18}ftypheic\0\0\0\0mif1heic"),
    (.heic, "\0\0\0\u{18}ftypmif1\0\0\0\0mif1heic"), (.avif, "\0\0\0\u{1C}ftypavif\0\0\0\0avifmif1miaf"),
    (.webm, "\u{1A}\u{45}\u{DF}\u{A3}\u{9F}\u{42}\u{86}\u{81}\u{1}\u{42}\u{82}\u{84}webm"),
    (.mkv, "\u{1A}\u{45}\u{DF}\u{A3}\u{A3}\u{42}\u{86}\u{81}\u{1}\u{42}\u{82}\u{88}matroska"),
]
