// A file of lines that grows, which only this user may read.

internal import Errors
internal import Files
package import Foundation

/// Appends lines. Of one that has grown too large, the older part is kept as `NAME.1`, in place of what was there.
package struct LineFile: Sendable {
    private let path: String
    private let mostBytes: Int64?

    /// - Parameters:
    ///   - path: the file; it and its folder are made when they are not there.
    ///   - mostBytes: nil: it grows for ever.
    package init(path: String, mostBytes: Int64? = nil) throws {
        self.path = path
        self.mostBytes = mostBytes
        if let slash = path.lastIndex(of: "/") { try makeFolder(String(path[..<slash]), mode: 0o700) }
    }

    /// Makes the file and sees that it can be written, for who must know that at the start.
    /// - Throws: ``MasqueError`` when it can't.
    package func prepare() throws {
        try open().close()
    }

    /// The file, made when it is not there.
    private func open() throws -> FileHandle {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw MasqueError(.failed, "The log \(path) cannot be opened.")
        }
        return file
    }

    /// Writes a value as one line of JSON, times in ISO 8601.
    package func append(_ line: some Encodable) async throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try await append(lines: try encoder.encode(line) + Data("\n".utf8))
    }

    /// Writes whole lines, each with its line feed.
    package func append(lines data: Data) async throws {
        try await offPool {
            if let mostBytes, let facts = try fileFacts(path), facts.byteCount > mostBytes {
                try removeAll("\(path).1")
                try moveDurably(path, to: "\(path).1")
            }
            let file = try open()
            defer { try? file.close() }
            try file.seekToEnd()
            try file.write(contentsOf: data)
        }
    }
}
