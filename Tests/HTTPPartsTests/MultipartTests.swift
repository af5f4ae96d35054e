// Forms as clients send them, split anywhere, broken everywhere.

import Errors
import HTTPParts
import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing

/// What a part is, for comparing.
private struct Seen: Equatable {
    var name: String
    var fileName: String?
    var type: String?
    var body: [UInt8]
}

/// Chunks as an asynchronous sequence.
struct Chunks: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    var chunks: [ByteBuffer]
    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: ArraySlice<ByteBuffer>
        mutating func next() async throws -> ByteBuffer? { rest.popFirst() }
    }
    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: chunks[...]) }
    init(_ chunks: [ByteBuffer]) { self.chunks = chunks }
    init(_ bytes: [UInt8], cut: [Int]) {
        var chunks: [ByteBuffer] = []
        var from = 0
        for to in cut + [bytes.count] where to >= from {
            chunks.append(ByteBuffer(bytes: bytes[from..<to]))
            from = to
        }
        self.chunks = chunks
    }
}

private func parts(
    _ bytes: [UInt8], boundary: String = "XX", cut: [Int] = [], limits: MultipartLimits = MultipartLimits()
) async throws -> [Seen] {
    let reader = MultipartReader(body: Chunks(bytes, cut: cut), boundary: boundary, limits: limits)
    var seen: [Seen] = []
    while let part = try await reader.nextPart() {
        var body: [UInt8] = []
        for try await chunk in part.body { body += chunk.readableBytesView }
        seen.append(Seen(name: part.name, fileName: part.fileName, type: part.contentType, body: body))
    }
    return seen
}

/// Expects that `work` throws a ``MasqueError`` of `code`.
func expect(
    _ code: MasqueError.Code, at location: SourceLocation = #_sourceLocation, _ work: () async throws -> Void
) async {
    do {
        try await work()
        Issue.record("nothing was thrown", sourceLocation: location)
    } catch {
        #expect((error as? MasqueError ?? (error as? AnsweredError)?.error)?.code == code, sourceLocation: location)
    }
}

@Suite struct MultipartTests {
    private let form = """
        preamble\r\n--XX\r\nContent-Disposition: form-data; name="mode"\r\n\r\nphoto_video_fast\r\n--XX  \r
        content-disposition: form-data; name="source"; filename="a \\"b\\".jpg"\r\nContent-Type: image/jpeg\r\n\r
        \r\n--X\r\n-- XX\r\n--XXY not a boundary\r\n\n--\r\r\n--XX\r\nContent-Disposition: form-data; name="empty"; filename=""\r
        \r\n\r\n--XX--\r\nepilogue
        """
    private var expected: [Seen] {
        [
            Seen(name: "mode", fileName: nil, type: nil, body: Array("photo_video_fast".utf8)),
            Seen(
                name: "source", fileName: "a \"b\".jpg", type: "image/jpeg",
                body: Array("\r\n--X\r\n-- XX\r\n--XXY not a boundary\r\n\n--\r".utf8)),
            Seen(name: "empty", fileName: "", type: nil, body: []),
        ]
    }

    @Test func `A form is read alike wherever its bytes are split`() async throws {
        let bytes = Array(form.utf8)
        #expect(try await parts(bytes) == expected)
        for first in 0...bytes.count {
            #expect(try await parts(bytes, cut: [first]) == expected, "split at \(first)")
            #expect(try await parts(bytes, cut: [first, first + 1].filter { $0 <= bytes.count }) == expected)
        }
        #expect(try await parts(bytes, cut: Array(0...bytes.count)) == expected)
    }

    @Test func `A form cut off at any byte before its end is refused`() async throws {
        let bytes = Array(form.utf8)
        let end = bytes.count - "\r\nepilogue".utf8.count
        for length in 0..<end {
            await expect(.badInput) { _ = try await parts(Array(bytes[..<length])) }
        }
        #expect(try await parts(Array(bytes[..<end])) == expected)
    }

    @Test func `Line feeds alone are taken as line ends`() async throws {
        let text =
            "--XX\nContent-Disposition: form-data; name=a\n\none\ntwo\n--XX\nContent-Disposition: form-data; name=b\n\n\n--XX--"
        #expect(
            try await parts(Array(text.utf8)) == [
                Seen(name: "a", fileName: nil, type: nil, body: Array("one\ntwo".utf8)),
                Seen(name: "b", fileName: nil, type: nil, body: []),
            ])
    }

    @Test func `Random bytes come through any split of random forms`() async throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<400 {
            let boundary = String(
                (0..<Int.random(in: 1...6)).map { _ in ["-", "X", "a"].randomElement(using: &random) ?? "X" })
            var bytes: [UInt8] = []
            var wanted: [Seen] = []
            for number in 0..<Int.random(in: 1...4) {
                // Bytes that look like boundaries as often as possible
                let alphabet: [UInt8] = [13, 10, 45, 45, 88, 97, 0, 255]
                let body = (0..<Int.random(in: 0...60)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
                // A body that holds the boundary at the start of a line is not a legal one
                let delimiter = Array("\n--\(boundary)".utf8)
                let lined = [10] + body + Array("\r\n".utf8)
                if lined.indices.contains(where: { lined[$0...].starts(with: delimiter) }) || body.last == 13 {
                    continue
                }
                bytes += Array(
                    "--\(boundary)\r\nContent-Disposition: form-data; name=\"p\(number)\"; filename=f\r\n\r\n".utf8)
                bytes += body + Array("\r\n".utf8)
                wanted.append(Seen(name: "p\(number)", fileName: "f", type: nil, body: body))
            }
            bytes += Array("--\(boundary)--\r\n".utf8)
            let cut = (0..<Int.random(in: 0...20)).map { _ in Int.random(in: 0...bytes.count) }.sorted()
            #expect(try await parts(bytes, boundary: boundary, cut: cut) == wanted, "\(boundary) \(bytes) \(cut)")
        }
    }

    @Test func `Damaged forms give errors and never crash`() async throws {
        var random = SystemRandomNumberGenerator()
        let bytes = Array(form.utf8)
        for _ in 0..<3000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...6) {
                let at = Int.random(in: 0..<damaged.count)
                switch Int.random(in: 0..<3) {
                case 0: damaged[at] = UInt8.random(in: .min ... .max, using: &random)
                case 1: damaged.remove(at: at)
                default: damaged.insert(contentsOf: Array("\r\n--XX".utf8), at: at)
                }
            }
            do { _ = try await parts(damaged) } catch { #expect(error is MasqueError) }
        }
    }

    @Test func `Limits on parts, headers, fields and the whole are kept`() async throws {
        let field = "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
        let many = Array((String(repeating: field + "1\r\n", count: 5) + "--XX--").utf8)
        await expect(.tooLarge) { _ = try await parts(many, limits: MultipartLimits(parts: 4)) }
        #expect(try await parts(many, limits: MultipartLimits(parts: 5)).count == 5)
        let header = Array("--XX\r\nX: \(String(repeating: "y", count: 20_000))\r\n\r\n--XX--".utf8)
        await expect(.tooLarge) { _ = try await parts(header) }
        await expect(.tooLarge) { _ = try await parts(many, limits: MultipartLimits(totalBytes: 60)) }
        let preamble = Array((String(repeating: "z", count: 20_000) + "\r\n" + field + "\r\n--XX--").utf8)
        await expect(.tooLarge) { _ = try await parts(preamble) }
        let reader = MultipartReader(
            body: Chunks(Array((field + "12345\r\n--XX--").utf8), cut: []), boundary: "XX",
            limits: MultipartLimits(fieldBytes: 4))
        let part = try #require(try await reader.nextPart())
        await expect(.tooLarge) { _ = try await part.text() }
    }

    @Test func `A part that nobody reads is skipped and cannot be read later`() async throws {
        let reader = MultipartReader(body: Chunks(Array(form.utf8), cut: [70, 140]), boundary: "XX")
        let first = try #require(try await reader.nextPart())
        let second = try #require(try await reader.nextPart())
        #expect(second.name == "source")
        await expect(.failed) { _ = try await first.text() }
    }

    @Test(arguments: [
        (#"form-data; name="f"; filename="C:\Users\me\photo.jpg""#, "photo.jpg"),
        (#"form-data; name="f"; filename="../../etc/passwd""#, "passwd"),
        (#"form-data; name="f"; filename="%22quoted%22 100%.png""#, "\"quoted\" 100%.png"),
        (#"form-data; name="f"; filename="x"; filename*=UTF-8''%ED%95%9C%EA%B8%80.png"#, "한글.png"),
        (#"form-data; name="f"; filename*=iso-8859-1'de'na%EFve.png; filename=other"#, "naïve.png"),
        (#"form-data; name="f"; filename*=UTF-8''%ZZ; filename="plain""#, "plain"),
        (#"form-data; name="f"; filename="фото.jpg""#, "фото.jpg"),
        (#"form-data; name="f"; filename=".." "#, ""),
        (#"form-data; filename="a;b=c\\d\"e".gif; name=f"#, "d\"e"),
    ])
    func `File names are read as clients write them`(header: String, name: String) async throws {
        let bytes = Array("--XX\r\nContent-Disposition: \(header)\r\n\r\n\r\n--XX--".utf8)
        #expect(try await parts(bytes).map(\.fileName) == [name])
    }

    @Test func `Requests that are no forms are refused by their Content-Type`() throws {
        func reader(_ type: String?) throws {
            var head = HTTPRequest(method: .post, scheme: "http", authority: "x", path: "/")
            head.headerFields[.contentType] = type
            _ = try MultipartReader(Request(head: head, body: RequestBody(buffer: ByteBuffer())))
        }
        for type in [nil, "", "image/png", "multipart/mixed; boundary=x"] {
            #expect { try reader(type) } throws: { ($0 as? MasqueError)?.code == .unsupportedMedia }
        }
        for boundary in [
            "", "; boundary=", "; boundary=\"\"", "; boundary=\(String(repeating: "x", count: 71))", "; boundary=é",
        ] {
            #expect { try reader("multipart/form-data\(boundary)") } throws: { ($0 as? MasqueError)?.code == .badInput }
        }
        #expect(throws: Never.self) { try reader("Multipart/Form-Data; charset=utf-8; Boundary=\"a b:c\"") }
    }

    // Recorded from curl 7.88.1, Python requests 2.34.2 and Node's fetch
    @Test(arguments: [
        (
            "------------------------b4ef8ba8ca6976a2",
            #"name="source"; filename="фото \"1\".jpg""#
        ), ("18bd0913c20106fe6e40e1afb31f2cbe", #"name="source"; filename="фото %221%22.jpg""#),
        ("----formdata-undici-048011830323", #"name="source"; filename="фото %221%22.jpg""#),
    ])
    func `Forms of curl, Python requests and Node are read`(boundary: String, disposition: String) async throws {
        let text =
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"mode\"\r\n\r\nphoto_video_fast\r\n"
            + "--\(boundary)\r\nContent-Disposition: form-data; \(disposition)\r\nContent-Type: image/jpeg\r\n\r\n"
            + "JPEG\r\n--bytes\n\r\n--\(boundary)--\r\n"
        #expect(
            try await parts(Array(text.utf8), boundary: boundary) == [
                Seen(name: "mode", fileName: nil, type: nil, body: Array("photo_video_fast".utf8)),
                Seen(
                    name: "source", fileName: "фото \"1\".jpg", type: "image/jpeg",
                    body: Array("JPEG\r\n--bytes\n".utf8)),
            ])
    }
}
