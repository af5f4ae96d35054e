// The body of a call with files: multipart/form-data (RFC 7578), read from the disk while it is sent.

internal import Errors
internal import Files
internal import Foundation
internal import NIOCore
internal import SystemPackage

/// The pieces of a form. Files are opened when it is made, so that what is sent is what was measured.
struct MultipartBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error

    fileprivate enum Piece: Sendable {
        case bytes(ByteBuffer)
        case file(OpenFile)
    }

    private let pieces: [Piece]
    let boundary: String
    /// The length in bytes.
    let count: Int64

    /// - Throws: ``MasqueError`` when a file cannot be read or is empty.
    static func make(fields: [(name: String, value: String)], uploads: [Upload]) async throws -> MultipartBody {
        try await offPool { try MultipartBody(fields: fields, uploads: uploads) }
    }

    private init(fields: [(name: String, value: String)], uploads: [Upload]) throws {
        let boundary = "masque-" + (0..<4).map { _ in String(UInt32.random(in: 0 ... .max), radix: 36) }.joined()
        var pieces: [Piece] = [], count: Int64 = 0
        func add(_ text: String) {
            let buffer = ByteBuffer(string: text)
            count += Int64(buffer.readableBytes)
            pieces.append(.bytes(buffer))
        }
        for field in fields {
            add(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(Self.plain(field.name))\"\r\n\r\n"
                    + "\(field.value)\r\n")
        }
        for upload in uploads {
            add(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(Self.plain(upload.part))\"; "
                    + "filename=\"\(Self.plain(upload.fileName))\"\r\nContent-Type: \(Self.plain(upload.type))\r\n\r\n")
            switch upload.content {
            case .bytes(let bytes):
                count += Int64(bytes.count)
                pieces.append(.bytes(ByteBuffer(bytes: bytes)))
            case .file(let url):
                let file = try OpenFile(url.path)
                count += file.size
                pieces.append(.file(file))
            }
            add("\r\n")
        }
        add("--\(boundary)--\r\n")
        self.pieces = pieces
        self.boundary = boundary
        self.count = count
    }

    /// What a header's quoted text may hold (WHATWG's rules for forms).
    private static func plain(_ text: String) -> String {
        text.replacing("\"", with: "%22").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    func makeAsyncIterator() -> Iterator { Iterator(pieces: pieces[...]) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var pieces: ArraySlice<Piece>
        private var offset: Int64 = 0

        fileprivate init(pieces: ArraySlice<Piece>) { self.pieces = pieces }

        mutating func next() async throws -> ByteBuffer? {
            while let piece = pieces.first {
                switch piece {
                case .bytes(let buffer):
                    pieces.removeFirst()
                    return buffer
                case .file(let file):
                    let start = offset
                    guard start < file.size else {
                        pieces.removeFirst()
                        offset = 0
                        continue
                    }
                    let buffer = try await offPool { try file.read(at: start) }
                    offset += Int64(buffer.readableBytes)
                    return buffer
                }
            }
            return nil
        }
    }
}

/// A file that is open for reading, and its size then.
private final class OpenFile: Sendable {
    private let path: String
    private let descriptor: SystemPackage.FileDescriptor
    let size: Int64
    private static let pieceBytes = 256 << 10

    init(_ path: String) throws {
        self.path = path
        guard let facts = try fileFacts(path), facts.byteCount > 0 else {
            throw MasqueError(.badInput, "Cannot send \(path): it is missing or empty.")
        }
        descriptor = try SystemPackage.FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        size = try descriptor.seek(offset: 0, from: .end)
    }

    deinit { try? descriptor.close() }

    func read(at offset: Int64) throws -> ByteBuffer {
        let count = Int(min(Int64(Self.pieceBytes), size - offset))
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        let got = unsafe try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            unsafe try descriptor.read(
                fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer(rebasing: space.prefix(count)))
        }
        guard got > 0 else {
            throw MasqueError(.failed, "\(path) became shorter while it was sent.")
        }
        return buffer
    }
}
