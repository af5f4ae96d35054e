// Fetches files: several sources, resumed, checked, and visible only when whole.

package import Addresses
internal import Errors
internal import Files
package import Foundation

/// Downloads files to a folder.
///
/// The bytes go to `NAME.part` and get their name when they have been checked; `NAME.part.json` remembers which file they
/// are of, so that a later download fetches the rest alone. Of two downloads to one destination, in one process or two,
/// the second waits and takes what the first brought.
package struct Downloader: Sendable {
    /// Hears how far a download is; several times a second at most, and once at the end.
    package typealias Progress = @Sendable (DownloadProgress) -> Void

    let hops: HTTPHops
    let freeBytes: @Sendable (String) throws -> Int64
    let sleep: @Sendable (Duration) async throws -> Void
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - environment: where proxies stand.
    ///   - freeBytes: what may still be written to a folder's disk; tests put their own in its place, as for the next.
    ///   - sleep: waits before another attempt.
    package init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        resolver: any AddressResolver = SystemResolver(),
        freeBytes: @escaping @Sendable (String) throws -> Int64 = { try Files.freeBytes(at: $0) },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        hops = HTTPHops(proxies: ProxyRules(environment: environment), resolver: resolver)
        self.freeBytes = freeBytes
        self.sleep = sleep
        self.now = now
    }

    /// Downloads a file.
    ///
    /// - Throws: ``MasqueError`` whose ``MasqueError/downloadFault`` tells why; `.outOfSpace`; `.outputExists`; what
    ///   `validate` throws; `CancellationError`. The `.part` file stays where going on with it makes sense.
    package func download(
        _ request: DownloadRequest, progress: @escaping Progress = { _ in }
    ) async throws -> DownloadedFile {
        do {
            return try await within(request.limits.whole) { try await locked(request, progress) }
        } catch is OutOfTime {
            let host = request.sources.first.map { shownHost($0.url) } ?? "the source"
            throw DownloadFault.timeout.error(request.name, host: host)
        }
    }

    private func locked(_ request: DownloadRequest, _ progress: @escaping Progress) async throws -> DownloadedFile {
        let (lock, waited) = try await FileLock.wait(for: request.lockURL.path)
        defer { lock.unlock() }
        let path = request.destination.path
        if try await offPool({ try fileFacts(path) }) != nil {
            if waited, let file = try await existing(request) { return file }
            guard request.overwrites else {
                throw MasqueError(.outputExists, "\(path) exists already.", advice: "Remove it first.")
            }
        }
        let part = try await PartFile.open(request.partURL.path)
        var failures: [any Error] = []
        for source in request.sources {
            do {
                var transfer = Transfer(downloader: self, request: request, part: part, progress: progress)
                return try await fetch(source, by: &transfer)
            } catch let error as MasqueError where error.code != .outOfSpace && error.code != .outputExists {
                failures.append(error)
            }
            try Task.checkCancellation()
        }
        if part.count == 0 { try await removePart(request) }
        throw Self.combined(failures, name: request.name)
    }

    /// The file that another download brought while this one waited.
    private func existing(_ request: DownloadRequest) async throws -> DownloadedFile? {
        let digests = try await PartFile.read(request.destination.path)
        guard request.expected.difference(from: digests) == nil else { return nil }
        return DownloadedFile(
            url: request.destination, bytes: digests.bytes, sha256: digests.sha256, crc32: digests.crc32, source: nil,
            headers: [:], resumedAt: digests.bytes)
    }

    /// One source, as often as it makes sense.
    private func fetch(_ source: DownloadRequest.Source, by transfer: inout Transfer) async throws -> DownloadedFile {
        let (request, part) = (transfer.request, transfer.part)
        var source = source
        var failures = 0
        var restarts = 0
        var isRenewed = false
        let start = part.count
        request.told(.asking(host: shownHost(source.url)))
        while true {
            let before = part.count
            do {
                try await transfer.run(source)
                return try await finish(transfer, source)
            } catch is StaleSource where restarts < 3 {
                restarts += 1
                try await part.restart()
            } catch is StaleSource {
                throw DownloadFault.damaged("another file at every attempt").error(
                    request.name, host: shownHost(source.url))
            } catch let hop as FailedHop {
                let error = hop.fault.error(request.name, host: shownHost(hop.url))
                if case .tooLarge = hop.fault {
                    // It would fill the disk, and be as large the next time.
                    try await part.restart()
                    throw error
                }
                if case .damaged = hop.fault {
                    // What was there before may be to blame.
                    let wasResumed = transfer.resumedAt > 0
                    try await part.restart()
                    guard wasResumed, restarts < 3 else { throw error }
                    restarts += 1
                    continue
                }
                if hop.fault.mayBeExpired, !isRenewed {
                    isRenewed = true
                    if let renewed = try await request.reresolve?(source) {
                        source = renewed
                        continue
                    }
                    // A signed link behind a redirect lives shortly; the next one is new.
                    if hop.url.host() != source.url.host() { continue }
                }
                failures = part.count > before ? 1 : failures + 1
                // A name that was found once is looked up again; one that never was, will not be.
                var isPassing = hop.fault.isPassing
                if case .noHost = hop.fault { isPassing = part.count > start }
                guard isPassing, failures < request.limits.attempts else { throw error }
                guard let pause = pause(before: failures, hop.fault, request.limits) else { throw error }
                request.told(.again(reason: hop.fault.sentence(shownHost(hop.url)), after: pause))
                try await sleep(pause)
            }
        }
    }

    func pause(before attempt: Int, _ fault: DownloadFault, _ limits: DownloadRequest.Limits) -> Duration? {
        if case .status(_, let after?) = fault { return after <= limits.longestRetryAfter ? after : nil }
        let doubled = limits.firstPause * Double(1 << min(attempt - 1, 20))
        return min(doubled, limits.longestPause) * Double.random(in: 0.75...1.0)
    }

    /// Checks the whole file and makes it visible.
    private func finish(_ transfer: Transfer, _ source: DownloadRequest.Source) async throws -> DownloadedFile {
        let request = transfer.request
        let digests = transfer.part.digests
        if let difference = request.expected.difference(from: digests) {
            throw FailedHop(fault: .damaged("not the file that was expected (\(difference))"), url: source.url)
        }
        do {
            try await request.validate?(request.partURL)
        } catch let error as MasqueError {
            try await transfer.part.restart()
            throw error
        }
        let path = request.destination.path
        if !request.overwrites, try await offPool({ try fileFacts(path) }) != nil {
            throw MasqueError(.outputExists, "\(path) exists already.", advice: "Remove it first.")
        }
        try await transfer.part.publish(at: path)
        let record = request.partRecordURL.path
        try await offPool { try removeAll(record) }
        return DownloadedFile(
            url: request.destination, bytes: digests.bytes, sha256: digests.sha256, crc32: digests.crc32,
            source: shownURL(source.url), headers: transfer.headers, resumedAt: transfer.resumedAt)
    }

    private func removePart(_ request: DownloadRequest) async throws {
        let paths = [request.partURL.path, request.partRecordURL.path]
        try await offPool { for path in paths { try removeAll(path) } }
    }

    /// `Retry-After`: seconds or a date (RFC 9110, 10.2.3).
    func retryAfter(_ header: String?) -> Duration? {
        guard let header else { return nil }
        if let seconds = Int(header.trimmingCharacters(in: .whitespaces)) { return .seconds(max(0, seconds)) }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.date(from: header).map { .seconds(max(0, $0.timeIntervalSince(now()).rounded(.up))) }
    }

    /// One failure as it is; several in one sentence, with the last one's fault.
    private static func combined(_ failures: [any Error], name: String) -> any Error {
        let errors = failures.compactMap { $0 as? MasqueError }
        guard errors.count > 1, let last = errors.last else {
            return failures.first ?? MasqueError(.badInput, "“\(name)” has no source to be downloaded from.")
        }
        let reasons = errors.map { error in
            let text = error.message.replacing("“\(name)” was not downloaded: ", with: "")
            return text.hasSuffix(".") ? String(text.dropLast()) : text
        }
        return MasqueError(
            last.code, "“\(name)” was not downloaded from any of its sources: \(reasons.joined(separator: "; ")).",
            advice: last.advice, cause: last.cause)
    }
}

extension DownloadRequest.Expected {
    /// What tells a file from the expected one; nil: nothing.
    func difference(from digests: PartFile.Digests) -> String? {
        if let bytes, bytes != digests.bytes { return "it has \(digests.bytes) bytes instead of \(bytes)" }
        if let sha256, sha256 != digests.sha256 { return "its SHA-256 is \(digests.sha256) instead of \(sha256)" }
        if let crc32, crc32 != digests.crc32 { return "its CRC-32 is \(digests.crc32) instead of \(crc32)" }
        return nil
    }
}
