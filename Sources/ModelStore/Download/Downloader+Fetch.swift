// Small answers, fetched as a whole by the same rules as files.

internal import AsyncHTTPClient
internal import Errors
internal import Files
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

extension Downloader {
    /// The body of a small answer, such as a publisher's checksum; fetched by the same rules as files.
    ///
    /// - Parameters:
    ///   - maxBytes: the largest body that is taken.
    ///   - told: hears which source is asked, and why again.
    /// - Throws: ``MasqueError`` with a ``DownloadFault``; `CancellationError`.
    package func bytes(
        of source: DownloadRequest.Source, headers: [String: String] = [:], maxBytes: Int,
        limits: DownloadRequest.Limits = DownloadRequest.Limits(), refusesPrivateRedirects: Bool = true,
        told: @Sendable (DownloadNotice) -> Void = { _ in }
    ) async throws -> [UInt8] {
        let name = source.url.lastPathComponent
        told(.asking(host: shownHost(source.url)))
        var failures = 0
        while true {
            do {
                if source.url.isFileURL { return try await localBytes(source.url, maxBytes) }
                var fields = ["accept-encoding": "identity", "user-agent": "Masque"]
                for (name, value) in headers { fields[name.lowercased()] = value }
                let all = fields
                return try await within(limits.whole) {
                    try await hops.get(
                        source, headers: all, limits: limits, refusesPrivate: refusesPrivateRedirects
                    ) { try await body(of: $0, maxBytes) }
                }
            } catch is OutOfTime {
                throw DownloadFault.timeout.error(name, host: shownHost(source.url))
            } catch let hop as FailedHop {
                failures += 1
                guard hop.fault.isPassing, failures < limits.attempts,
                    let pause = pause(before: failures, hop.fault, limits)
                else { throw hop.fault.error(name, host: shownHost(hop.url)) }
                told(.again(reason: hop.fault.sentence(shownHost(hop.url)), after: pause))
                try await sleep(pause)
            }
        }
    }

    private func body(of answer: HTTPAnswer, _ maxBytes: Int) async throws -> [UInt8] {
        guard answer.status == 200 else {
            let after = retryAfter(answer.headers.first(name: "retry-after"))
            throw FailedHop(fault: .status(answer.status, retryAfter: after), url: answer.url)
        }
        var bytes: [UInt8] = []
        for try await piece in answer.body {
            bytes += Array(piece.readableBytesView)
            guard bytes.count <= maxBytes else { throw FailedHop(fault: .tooLarge, url: answer.url) }
        }
        return bytes
    }

    private func localBytes(_ url: URL, _ maxBytes: Int) async throws -> [UInt8] {
        let path = url.path
        guard try await offPool({ try fileFacts(path) }) != nil else { throw FailedHop(fault: .missing, url: url) }
        return try await offPool { try readFile(at: path, maxBytes: maxBytes) }
    }
}
