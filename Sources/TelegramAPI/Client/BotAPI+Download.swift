// Fetches a file that somebody sent to the bot, onto the disk.

internal import AsyncHTTPClient
internal import Errors
internal import Files
package import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import SystemPackage

extension BotAPI {
    /// Fetches a file to `destination`, where nothing may be; it appears there whole or not at all.
    ///
    /// - Parameters:
    ///   - id: of a file that this bot was sent.
    ///   - maxBytes: more is refused, as soon as it is known.
    ///   - progress: bytes so far, and of how many when that is known.
    /// - Returns: its size in bytes.
    /// - Throws: ``BotAPIError`` (`.tooLarge` beyond the server's limit or `maxBytes`); `CancellationError`;
    ///   ``MasqueError`` of the file system.
    @discardableResult
    package func download(
        _ id: String, to destination: URL, maxBytes: Int,
        progress: @escaping @Sendable (_ bytes: Int, _ total: Int?) -> Void = { _, _ in }
    ) async throws -> Int {
        var failures = 0
        while true {
            // Asked anew each time: the address of a file is good for an hour only.
            let file = try await call(GetFile(id))
            if let size = file.fileSize, size > maxBytes { throw tooLarge(size) }
            guard let path = file.filePath else {
                throw BotAPIError(.wrongFile, method: "getFile", detail: "a file without a path")
            }
            if path.hasPrefix("/") { return try await copy(path, to: destination, maxBytes: maxBytes) }
            do {
                return try await fetch(path, size: file.fileSize, to: destination, maxBytes, progress)
            } catch let error as BotAPIError where [.unavailable, .uncertain].contains(error.reason) {
                guard failures < patience.pauses.count else { throw error }
                try await Task.sleep(for: patience.pauses[failures])
                failures += 1
            }
        }
    }

    private func tooLarge(_ bytes: Int) -> BotAPIError {
        BotAPIError(.tooLarge, method: "file", detail: "a file of \(bytes) bytes")
    }

    /// On a server in local mode: the file lies on this machine.
    private func copy(_ path: String, to destination: URL, maxBytes: Int) async throws -> Int {
        guard server.isLocal else {
            throw BotAPIError(
                .strangeAnswer, method: "getFile", detail: "an absolute path from a server that is not local")
        }
        return try await offPool {
            guard let facts = try fileFacts(path) else {
                throw BotAPIError(
                    .wrongFile, method: "getFile",
                    detail: "\(path) is not there; the Bot API server's files must be readable for Masque")
            }
            guard facts.byteCount <= Int64(maxBytes) else { throw tooLarge(Int(facts.byteCount)) }
            // Another name where that is possible; a server that cleans up then takes nothing away.
            do { try FileManager.default.linkItem(atPath: path, toPath: destination.path) } catch {
                try FileManager.default.copyItem(atPath: path, toPath: destination.path)
            }
            return Int(facts.byteCount)
        }
    }

    private func fetch(
        _ path: String, size: Int?, to destination: URL, _ maxBytes: Int,
        _ progress: @escaping @Sendable (Int, Int?) -> Void
    ) async throws -> Int {
        guard let address = server.file(path, token) else {
            throw BotAPIError(.strangeAnswer, method: "getFile", detail: "a path that leads elsewhere")
        }
        let file = try await offPool { try AtomicFile(path: destination.path, overwrite: false) }
        defer { file.discard() }
        var request = HTTPClientRequest(url: address)
        request.headers = ["user-agent": "Masque"]
        do {
            let response = try await http.execute(request, timeout: TimeAmount(patience.transfer))
            guard response.status == .ok else {
                let code = Int(response.status.code)
                if [401, 404].contains(code) {
                    throw BotAPIError(.wrongFile, method: "file", detail: "\(code): the file is gone")
                }
                throw BotAPIError(
                    code == 429 || code >= 500 ? .unavailable : .badRequest, method: "file", detail: "status \(code)")
            }
            var count = 0
            for try await piece in response.body {
                count += piece.readableBytes
                guard count <= maxBytes else { throw tooLarge(count) }
                let bytes = Array(piece.readableBytesView)
                try await offPool { try file.write(bytes) }
                progress(count, size)
            }
            if let size, size != count {
                throw BotAPIError(.uncertain, method: "file", detail: "\(count) of \(size) bytes came")
            }
            try await offPool { try file.commit() }
            return count
        } catch let error as BotAPIError {
            throw error
        } catch let error as MasqueError {
            throw error
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw BotAPIError(.unavailable, method: "file", detail: "cut off (\(String(describing: type(of: error))))")
        }
    }
}
