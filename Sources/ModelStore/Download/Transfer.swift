// One attempt to fetch what is still missing of a file.

internal import AsyncHTTPClient
internal import Errors
internal import Files
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import SystemPackage

/// What lies in the `.part` file is not of the file that the source has now.
struct StaleSource: Error {}

/// The state of a download from one source.
struct Transfer {
    let downloader: Downloader
    let request: DownloadRequest
    let part: PartFile
    let progress: Downloader.Progress
    /// The headers of the last answer that brought bytes.
    private(set) var headers: [String: String] = [:]
    /// Where the last attempt went on.
    private(set) var resumedAt = 0

    init(
        downloader: Downloader, request: DownloadRequest, part: PartFile, progress: @escaping Downloader.Progress
    ) {
        self.downloader = downloader
        self.request = request
        self.part = part
        self.progress = progress
    }

    /// Fetches what is missing.
    /// - Throws: ``FailedHop``, ``StaleSource``, ``MasqueError`` of the disk, `CancellationError`.
    mutating func run(_ source: DownloadRequest.Source) async throws {
        let record = await PartRecord.read(request.partRecordURL)
        let isOfSource = record?.source == shownURL(source.url)
        let canGoOn =
            request.expected.isCertain || isOfSource && (record?.validator != nil || record?.etag != nil)
        if part.count > 0, !canGoOn { try await part.restart() }
        resumedAt = part.count
        if part.count > 0, request.expected.isCertain, request.expected.difference(from: part.digests) == nil { return }
        if source.url.isFileURL { return try await copy(source.url) }

        var fields = ["accept": "*/*", "accept-encoding": "identity", "user-agent": "Masque"]
        for (name, value) in request.headers { fields[name.lowercased()] = value }
        if part.count > 0 {
            fields["range"] = "bytes=\(part.count)-"
            if isOfSource, let validator = record?.validator { fields["if-range"] = validator }
        }
        let known = isOfSource ? record : nil
        let start = part.count
        headers = try await downloader.hops.get(
            source, headers: fields, limits: request.limits, refusesPrivate: request.refusesPrivateRedirects
        ) { answer in try await take(answer, source: source, from: start, known: known) }
        if part.count > 0, resumedAt > 0, headers["content-range"] == nil { resumedAt = 0 }
    }

    /// Judges an answer and takes its body in.
    private func take(
        _ answer: HTTPAnswer, source: DownloadRequest.Source, from start: Int, known: PartRecord?
    ) async throws -> [String: String] {
        let fresh = PartRecord(
            source: shownURL(source.url), etag: answer.headers.first(name: "etag"),
            lastModified: answer.headers.first(name: "last-modified"))
        let range = ContentRange(answer.headers.first(name: "content-range") ?? "")
        var total: Int?
        switch answer.status {
        case 200:
            if start > 0 { try await part.restart() }
            total = answer.headers.first(name: "content-length").flatMap { Int($0) }
        case 206:
            guard start > 0, range?.start == start,
                known?.etag == nil || fresh.etag == nil || known?.etag == fresh.etag,
                known?.total == nil || range?.total == nil || known?.total == range?.total
            else { throw StaleSource() }
            total = range?.total
        case 416 where start > 0:
            // Nothing is missing, or what is there is of another file.
            guard range?.total == start, known?.total == nil || known?.total == start else { throw StaleSource() }
            return Self.dictionary(answer.headers)
        default:
            let after = downloader.retryAfter(answer.headers.first(name: "retry-after"))
            throw FailedHop(fault: .status(answer.status, retryAfter: after), url: answer.url)
        }
        try check(total: total, url: answer.url)
        var record = fresh
        record.total = total
        try await record.write(request.partRecordURL)
        try await stream(answer.body.map { Array($0.readableBytesView) }, total: total, url: answer.url)
        return Self.dictionary(answer.headers)
    }

    /// Takes in the rest of a file of this machine or its network folders.
    private func copy(_ url: URL) async throws {
        let path = url.path
        guard let facts = try await offPool({ try fileFacts(path) }) else { throw FailedHop(fault: .missing, url: url) }
        let total = Int(facts.byteCount)
        if part.count > total { throw StaleSource() }
        try check(total: total, url: url)
        try await PartRecord(source: shownURL(url), total: total).write(request.partRecordURL)
        let file = try await offPool {
            do {
                return try SystemPackage.FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
            } catch let error as Errno {
                throw fileError(error.rawValue, path: path, doing: "read")
            }
        }
        do {
            try await stream(FilePieces(file: file, start: part.count), total: total, url: url)
            try? file.close()
        } catch {
            try? file.close()
            throw error
        }
    }

    /// What can be told before the first byte.
    private func check(total: Int?, url: URL) throws {
        guard let total else { return }
        if let expected = request.expected.bytes, expected != total {
            throw FailedHop(
                fault: .damaged("not the file that was expected (it has \(total) bytes instead of \(expected))"),
                url: url)
        }
        if let most = request.limits.maxBytes, total > most { throw FailedHop(fault: .tooLarge, url: url) }
        try checkSpace(for: total - part.count)
    }

    private func checkSpace(for bytes: Int) throws {
        let folder = request.destination.deletingLastPathComponent().path
        let free = try downloader.freeBytes(folder)
        guard Int64(bytes) + Int64(request.limits.reservedBytes) <= free else {
            throw MasqueError(
                .outOfSpace,
                "There is no room for “\(request.name)” in \(folder): \(megabytes(bytes)) are still to come and "
                    + "\(megabytes(Int(clamping: free))) are free.",
                advice: "Make room, or choose a store on a larger disk; what was fetched is kept.")
        }
    }

    /// Writes pieces as they come; what has come is kept whatever ends it.
    private func stream<Pieces: AsyncSequence>(
        _ pieces: Pieces, total: Int?, url: URL
    ) async throws where Pieces.Element == [UInt8] {
        var waiting: [UInt8] = []
        waiting.reserveCapacity(2 << 20)
        var count = part.count
        var lastFlush = ContinuousClock.now
        progress(DownloadProgress(bytes: count, total: total))
        do {
            for try await piece in pieces {
                count += piece.count
                if let total, count > total {
                    throw FailedHop(fault: .damaged("longer than announced"), url: url)
                }
                if let most = request.limits.maxBytes, count > most { throw FailedHop(fault: .tooLarge, url: url) }
                waiting += piece
                guard waiting.count >= 1 << 20 || lastFlush.duration(to: .now) > .milliseconds(250) else { continue }
                if total == nil { try checkSpace(for: waiting.count) }
                try await part.append(waiting)
                waiting.removeAll(keepingCapacity: true)
                lastFlush = .now
                progress(DownloadProgress(bytes: count, total: total))
            }
        } catch let hop as FailedHop {
            throw hop
        } catch {
            if !(error is MasqueError) { try await part.append(waiting) }
            throw error
        }
        try await part.append(waiting)
        if let total, count < total {
            throw FailedHop(fault: .unreachable("the connection was cut"), url: url)
        }
        progress(DownloadProgress(bytes: count, total: total ?? count))
    }

    private static func dictionary(_ headers: HTTPHeaders) -> [String: String] {
        Dictionary(headers.map { ($0.name.lowercased(), $0.value) }) { $0 + ", " + $1 }
    }
}

/// `bytes 5-9/10`, or `bytes */10` (RFC 9110, 14.4).
struct ContentRange {
    let start: Int?
    let total: Int?

    init?(_ header: String) {
        guard let match = header.wholeMatch(of: /bytes (?:([0-9]+)-[0-9]+|\*)\/([0-9]+|\*)/) else { return nil }
        start = match.1.flatMap { Int($0) }
        total = Int(match.2)
    }
}

/// The pieces of a file from an offset on, read off the cooperative pool.
struct FilePieces: AsyncSequence {
    let file: SystemPackage.FileDescriptor
    let start: Int

    struct AsyncIterator: AsyncIteratorProtocol {
        let file: SystemPackage.FileDescriptor
        var offset: Int

        mutating func next() async throws -> [UInt8]? {
            try Task.checkCancellation()
            let (file, place) = (file, Int64(offset))
            let piece = try await offPool {
                var piece = [UInt8](repeating: 0, count: 1 << 20)
                let count = try piece.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: place, into: $0) }
                piece.removeLast(piece.count - count)
                return piece
            }
            offset += piece.count
            return piece.isEmpty ? nil : piece
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(file: file, offset: start) }
}
