// A folder to download to, and a downloader that never really waits between attempts.

import Addresses
import Errors
import Foundation
import ModelFiles
import ModelStore
import Synchronization
import Testing

/// What a test of downloads works with.
struct DownloadLab: Sendable {
    let folder: URL
    /// The pauses that the downloader wanted.
    let pauses = Pauses()

    final class Pauses: Sendable {
        private let list = Mutex<[Duration]>([])
        var all: [Duration] { list.withLock(\.self) }
        func add(_ pause: Duration) { list.withLock { $0.append(pause) } }
    }

    /// The same bytes at every run, and no piece of them like another.
    static func content(_ count: Int = 300_000, seed: UInt64 = 1) -> [UInt8] {
        var state = seed &* 0x9e37_79b9_7f4a_7c15
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    static func run(_ body: (DownloadLab) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "masque-download-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(DownloadLab(folder: folder))
    }

    var destination: URL { folder.appending(path: "model.onnx") }

    func downloader(
        environment: [String: String] = [:], resolver: any AddressResolver = SystemResolver(),
        free: @escaping @Sendable (String) throws -> Int64 = { _ in .max }
    ) -> Downloader {
        Downloader(
            environment: environment, resolver: resolver, freeBytes: free, sleep: { [pauses] in pauses.add($0) })
    }

    func request(
        _ urls: URL..., expected: DownloadRequest.Expected = DownloadRequest.Expected()
    ) -> DownloadRequest {
        DownloadRequest(urls.map { DownloadRequest.Source($0) }, to: destination, expected: expected)
    }

    /// The bytes of the finished file; nil when there is none.
    var arrived: [UInt8]? { (try? Data(contentsOf: destination)).map { Array($0) } }
    /// The names of all that lies in the folder.
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted() }

    /// The error of a download that must fail.
    func failure(_ request: DownloadRequest, _ downloader: Downloader? = nil) async throws -> MasqueError {
        let downloader = downloader ?? self.downloader()
        return try #require(
            await #expect(throws: MasqueError.self) { _ = try await downloader.download(request) })
    }
}

/// Answers from a table, and for other hosts, nothing.
struct TableResolver: AddressResolver {
    let table: [String: String]

    func addresses(of host: String) async throws -> [IPAddress] {
        guard let address = table[host].flatMap({ IPAddress($0) }) else {
            throw MasqueError(.unavailable, "There is no host “\(host)”.")
        }
        return [address]
    }
}
