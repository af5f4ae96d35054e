// Resumable uploads as a phone on a bad network makes them.

import Crypto
import Errors
import Foundation
import HTTPParts
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import Testing

@Suite struct TusTests {
    private static let version = "Tus-Resumable: 1.0.0"
    private static let bytesType = "Content-Type: application/offset+octet-stream"

    /// A server of uploads; who calls says so in X-Owner.
    private func served<Value: Sendable>(
        maxBytes: Int = 1 << 30, lifetime: Int = 100,
        clock: @escaping @Sendable () -> Int = { Int(Date().timeIntervalSince1970) },
        _ work: @Sendable (Int, String, TusUploads) async throws -> Value
    ) async throws -> Value {
        try await withFolder { folder in
            let uploads = try TusUploads(
                folder: "\(folder)/u", maxBytes: maxBytes, lifetimeSeconds: lifetime, maxUploadsPerOwner: 3, now: clock)
            let router = Router()
            router.add(middleware: RequestIDs())
            router.add(middleware: ErrorAnswers(routes: RouteTable()))
            uploads.addRoutes(to: router.group("uploads")) { request, _ in
                request.headers.first { $0.name.canonicalName == "x-owner" }?.value ?? "me"
            }
            return try await withServer(router) { port in try await work(port, "\(folder)/u", uploads) }
        }
    }

    private func create(_ port: Int, _ length: Int, _ headers: [String] = []) async throws -> String {
        let answer = try await ask(port, "POST /uploads", [Self.version, "Upload-Length: \(length)"] + headers)
        #expect(
            answer.status == 201 && answer.header("tus-resumable") == "1.0.0" && answer.header("upload-expires") != nil)
        return try #require(answer.header("location"))
    }

    private func patch(_ port: Int, _ place: String, _ offset: Int, _ body: String, _ headers: [String] = [])
        async throws -> String
    {
        let all = [
            "Host: x", "Connection: close", Self.version, Self.bytesType, "Upload-Offset: \(offset)",
            "Content-Length: \(body.utf8.count)",
        ]
        return try await exchange(
            port, "PATCH \(place) HTTP/1.1\r\n\((all + headers).map { $0 + "\r\n" }.joined())\r\n\(body)")
    }

    private func offset(_ port: Int, _ place: String) async throws -> Int? {
        try await ask(port, "HEAD \(place)", [Self.version]).header("upload-offset").flatMap { Int($0) }
    }

    @Test func `An upload in pieces is taken whole with its name, type and hash`() async throws {
        try await served { port, folder, uploads in
            let metadata =
                "Upload-Metadata: filename \(Data("../фото.jpg".utf8).base64EncodedString()),filetype aW1hZ2UvanBlZw=="
            let place = try await create(port, 11, [metadata])
            #expect(try await offset(port, place) == 0)
            #expect(try await patch(port, place, 0, "hello ").header("upload-offset") == "6")
            let id = String(place.split(separator: "/").last ?? "")
            await expect(.conflict) { _ = try await uploads.take(id, owner: "me") }
            #expect(try await patch(port, place, 6, "world").status == 204)
            let head = try await ask(port, "HEAD \(place)", [Self.version])
            #expect(head.header("upload-length") == "11" && head.header("cache-control") == "no-store")
            #expect("Upload-Metadata: \(head.header("upload-metadata") ?? "")" == metadata)
            await expect(.notFound) { _ = try await uploads.take(id, owner: "you") }
            let file = try await uploads.take(id, owner: "me")
            #expect(file.fileName == "фото.jpg" && file.mediaType == "image/jpeg" && file.byteCount == 11)
            #expect(FileManager.default.contents(atPath: file.path) == Data("hello world".utf8))
            #expect(
                file.sha256 == SHA256.hash(data: Data("hello world".utf8)).map { String(format: "%02x", $0) }.joined())
            #expect(file.head == Array("hello world".utf8))
            #expect(try await ask(port, "HEAD \(place)", [Self.version]).status == 404)
            try FileManager.default.removeItem(atPath: file.path)
            #expect(files(in: folder) == [])
        }
    }

    @Test func `What came before a broken connection counts`() async throws {
        try await served { port, _, _ in
            let place = try await create(port, 1000)
            try await withConnection(port) { client in
                try await client.send(
                    "PATCH \(place) HTTP/1.1\r\nHost: x\r\n\(Self.version)\r\n\(Self.bytesType)\r\nUpload-Offset: 0\r\nContent-Length: 1000\r\n\r\n"
                        + String(repeating: "a", count: 400))
                try await Task.sleep(for: .milliseconds(100))
            }
            // Its end is noticed in its own time
            var reached = 0
            for _ in 0..<100 where reached == 0 {
                reached = try await offset(port, place) ?? 0
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(reached == 400)
            #expect(
                try await patch(port, place, 400, String(repeating: "b", count: 600)).header("upload-offset") == "1000")
        }
    }

    @Test func `Uploads are there again after a restart, unverified bytes are not`() async throws {
        try await served { port, folder, _ in
            let place = try await create(port, 10)
            _ = try await patch(port, place, 0, "12345")
            let id = String(place.split(separator: "/").last ?? "")
            // As if killed in the middle of a request with a checksum
            var sidecar = try String(contentsOfFile: "\(folder)/\(id).json", encoding: .utf8)
            sidecar = sidecar.replacingOccurrences(of: "{", with: #"{"unverifiedFrom":3,"#)
            try sidecar.write(toFile: "\(folder)/\(id).json", atomically: true, encoding: .utf8)
            #expect(try await offset(port, place) == 3)
            let again = try TusUploads(folder: folder, maxBytes: 100)
            await expect(.conflict) { _ = try await again.take(id, owner: "me") }
            #expect(try await patch(port, place, 3, "4567890").header("upload-offset") == "10")
            let file = try await again.take(id, owner: "me")
            #expect(FileManager.default.contents(atPath: file.path) == Data("1234567890".utf8))
        }
    }

    @Test func `Checksums are compared and wrong bytes dropped`() async throws {
        try await served { port, _, _ in
            let place = try await create(port, 10)
            let sha1 = Data(Insecure.SHA1.hash(data: Data("12345".utf8))).base64EncodedString()
            let sha256 = Data(SHA256.hash(data: Data("67890".utf8))).base64EncodedString()
            #expect(try await patch(port, place, 0, "1234x", ["Upload-Checksum: sha1 \(sha1)"]).status == 460)
            #expect(try await offset(port, place) == 0)
            #expect(try await patch(port, place, 0, "12345", ["Upload-Checksum: sha1 \(sha1)"]).status == 204)
            #expect(try await patch(port, place, 5, "67890", ["Upload-Checksum: md5 \(sha256)"]).status == 400)
            #expect(
                try await patch(port, place, 5, "67890", ["Upload-Checksum: sha256 \(sha256)"]).header("upload-offset")
                    == "10")
        }
    }

    @Test func `Requests that do not fit are refused as tus says`() async throws {
        try await served(maxBytes: 100) { port, _, _ in
            let place = try await create(port, 10)
            let old = try await ask(port, "HEAD \(place)", ["Tus-Resumable: 0.2.2"])
            #expect(old.status == 412 && old.header("tus-version") == "1.0.0")
            let wrong = try await patch(port, place, 3, "abc")
            #expect(
                wrong.status == 409 && wrong.header("upload-offset") == "0" && wrong.header("tus-resumable") == "1.0.0")
            #expect(try await patch(port, place, 0, "more than ten bytes").status == 413)
            #expect(try await offset(port, place) == 0)
            #expect(
                try await ask(port, "PATCH \(place)", [Self.version, "Upload-Offset: 0", "Content-Type: text/plain"])
                    .status == 415)
            #expect(try await ask(port, "POST /uploads", [Self.version, "Upload-Length: 101"]).status == 413)
            #expect(try await ask(port, "POST /uploads", [Self.version]).status == 400)
            #expect(try await ask(port, "POST /uploads", [Self.version, "Upload-Length: -1"]).status == 400)
            #expect(
                try await ask(port, "POST /uploads", [Self.version, "Upload-Length: 1", "Upload-Metadata: a !!"]).status
                    == 400)
            for id in ["..%2F..%2Fetc%2Fpasswd", "../x", String(repeating: "0", count: 32)] {
                #expect(try await ask(port, "HEAD /uploads/\(id)", [Self.version]).status == 404)
            }
            let options = try await ask(port, "OPTIONS /uploads")
            #expect(options.status == 204 && options.header("tus-max-size") == "100")
            #expect(options.header("tus-extension") == "creation,creation-with-upload,expiration,termination,checksum")
        }
    }

    @Test func `A creation with more bytes than it announces leaves no upload`() async throws {
        try await served { port, folder, _ in
            let head =
                "POST /uploads HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(Self.version)\r\n\(Self.bytesType)\r\n"
                + "Upload-Length: 2\r\n"
            let known = try await exchange(port, head + "Content-Length: 3\r\n\r\nabc")
            #expect(known.status == 413 && known.contains("length was given as 2 bytes"))
            let chunked = try await exchange(
                port, head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
            #expect(chunked.status == 413)
            #expect(files(in: folder) == [])
        }
    }

    @Test func `Others neither see nor change nor remove an upload`() async throws {
        try await served { port, _, _ in
            let place = try await create(port, 3)
            for line in ["HEAD", "DELETE", "PATCH"] {
                let answer = try await ask(
                    port, "\(line) \(place)",
                    [Self.version, Self.bytesType, "X-Owner: you", "Upload-Offset: 0", "Content-Length: 0"])
                #expect(answer.status == 404)
            }
            #expect(try await patch(port, place, 0, "abc").status == 204)
        }
    }

    @Test func `Two writers do not mix, and the second is told to wait`() async throws {
        try await served { port, _, _ in
            let place = try await create(port, 10)
            try await withConnection(port) { client in
                try await client.send(
                    "PATCH \(place) HTTP/1.1\r\nHost: x\r\n\(Self.version)\r\n\(Self.bytesType)\r\nUpload-Offset: 0\r\nContent-Length: 10\r\n\r\n12345"
                )
                try await Task.sleep(for: .milliseconds(100))
                #expect(try await patch(port, place, 0, "abc").status == 423)
                #expect(try await ask(port, "DELETE \(place)", [Self.version]).status == 423)
                try await client.send("67890")
                let answer = try await client.read("\r\n\r\n")
                #expect(answer.header("upload-offset") == "10")
            }
        }
    }

    @Test func `An upload is made with bytes, removed, limited in number, and swept when expired`() async throws {
        let clock = Mutex(Int(Date().timeIntervalSince1970))
        try await served(lifetime: 100, clock: { clock.withLock { $0 } }) { port, folder, uploads in
            let body = "abc"
            let made = try await exchange(
                port,
                "POST /uploads HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(Self.version)\r\nUpload-Length: 5\r\n\(Self.bytesType)\r\nContent-Length: 3\r\n\r\n\(body)"
            )
            #expect(made.status == 201 && made.header("upload-offset") == "3")
            let place = try #require(made.header("location"))
            #expect(try await ask(port, "DELETE \(place)", [Self.version]).status == 204)
            #expect(files(in: folder) == [])
            for _ in 0..<3 { _ = try await create(port, 5) }
            #expect(try await ask(port, "POST /uploads", [Self.version, "Upload-Length: 5"]).status == 429)
            try "left by a crash".write(
                toFile: "\(folder)/\(String(repeating: "a", count: 32))", atomically: false, encoding: .utf8)
            #expect(try await uploads.sweep() == 0)
            let last = "/uploads/\(files(in: folder).first { $0.hasSuffix(".json") }?.dropLast(5) ?? "")"
            // The files are as old as they are, however long this test has waited for its turn.
            clock.withLock { $0 = Int(Date().timeIntervalSince1970) + 101 }
            #expect(try await ask(port, "HEAD \(last)", [Self.version]).status == 410)
            #expect(try await uploads.sweep() == 4)
            #expect(files(in: folder) == [])
            #expect(try await ask(port, "HEAD \(last)", [Self.version]).status == 404)
            _ = try await create(port, 5)
        }
    }
}
