// What is to be downloaded, from where, and what is known of it beforehand.

package import Foundation

/// A file to fetch.
package struct DownloadRequest: Sendable {
    /// One place that has the file.
    package struct Source: Sendable {
        /// An `https:`, `http:` or `file:` URL. A user name and password in it are sent as basic authorization.
        package var url: URL
        /// Headers such as `Authorization`. They go to this URL's scheme, host and port alone, never along a redirect
        /// elsewhere, and stand in no message.
        package var secretHeaders: [String: String]

        /// Makes a source.
        package init(_ url: URL, secretHeaders: [String: String] = [:]) {
            self.url = url
            self.secretHeaders = secretHeaders
        }
    }

    /// What is known of the file.
    package struct Expected: Sendable, Equatable {
        /// Its size in bytes.
        package var bytes: Int?
        /// Its SHA-256 in hexadecimal.
        package var sha256: String?
        /// Its CRC-32 in eight hexadecimal digits.
        package var crc32: String?

        /// Makes it.
        package init(bytes: Int? = nil, sha256: String? = nil, crc32: String? = nil) {
            self.bytes = bytes
            self.sha256 = sha256?.lowercased()
            self.crc32 = crc32?.lowercased()
        }

        /// Whether a file can be told from a damaged one.
        var isCertain: Bool { sha256 != nil || crc32 != nil }
    }

    /// Times and sizes.
    package struct Limits: Sendable {
        /// Until a connection stands.
        package var connect = Duration.seconds(15)
        /// Without a byte.
        package var idle = Duration.seconds(60)
        /// For all of it, waiting and repeating included.
        package var whole: Duration?
        /// How often one source is tried without a byte of progress.
        package var attempts = 5
        /// The first pause before another attempt; each further one is twice as long, up to `longestPause`.
        package var firstPause = Duration.seconds(1)
        package var longestPause = Duration.seconds(30)
        /// A server that says “Retry-After” later than this is given up.
        package var longestRetryAfter = Duration.seconds(120)
        /// The largest file that is taken.
        package var maxBytes: Int?
        /// What must stay free on the disk.
        package var reservedBytes = 64 << 20
        /// How many redirects are followed.
        package var redirects = 10
        package init() {}
    }

    /// The places that have the file, in the order in which they are tried.
    package var sources: [Source]
    /// Headers that every server may see, such as `User-Agent`.
    package var headers: [String: String] = [:]
    /// Hears which source is asked, and why one is asked again.
    package var told: @Sendable (DownloadNotice) -> Void = { _ in }
    /// Where the finished file will lie; its folder must be there.
    package var destination: URL
    /// What is known of it.
    package var expected = Expected()
    /// Times and sizes.
    package var limits = Limits()
    /// Whether a file that is at `destination` already is replaced; otherwise that is an error.
    package var overwrites = true
    /// Whether a redirect from a public host to a private, loopback or other special address is refused.
    package var refusesPrivateRedirects = true
    /// Asked once for another URL in a source's place when a server says that its link is no longer good (401, 403, 404,
    /// 410); nil: there is none.
    package var reresolve: (@Sendable (Source) async throws -> Source?)?
    /// Looks at the finished `.part` file before it gets its name; what it throws makes the file unwanted.
    package var validate: (@Sendable (URL) async throws -> Void)?

    /// Makes a request.
    package init(_ sources: [Source], to destination: URL, expected: Expected = Expected()) {
        self.sources = sources
        self.destination = destination
        self.expected = expected
    }

    /// Where the bytes go until they are whole.
    package var partURL: URL { destination.deletingLastPathComponent().appending(path: name + ".part") }
    /// What is known of the `.part` file.
    package var partRecordURL: URL { destination.deletingLastPathComponent().appending(path: name + ".part.json") }
    var lockURL: URL { destination.deletingLastPathComponent().appending(path: ".\(name).lock") }
    var name: String { destination.lastPathComponent }
}

/// How far a download is.
package struct DownloadProgress: Sendable, Equatable {
    /// Bytes that are there, those of earlier runs included.
    package var bytes: Int
    /// All bytes, once a server has said.
    package var total: Int?

    package init(bytes: Int, total: Int?) {
        self.bytes = bytes
        self.total = total
    }
}

/// What a download is doing, for a person who waits.
package enum DownloadNotice: Sendable, Equatable {
    /// A source is asked.
    case asking(host: String)
    /// It will be asked again; what happened, as a part of a sentence.
    case again(reason: String, after: Duration)
}

/// A file that was downloaded and checked.
package struct DownloadedFile: Sendable {
    /// Where it lies.
    package let url: URL
    /// Its size.
    package let bytes: Int
    /// Its SHA-256 in lower-case hexadecimal.
    package let sha256: String
    /// Its CRC-32 in eight lower-case hexadecimal digits.
    package let crc32: String
    /// The source it came from, without query, user and password; nil when another download had brought it meanwhile.
    package let source: String?
    /// The last answer's headers, names in small letters.
    package let headers: [String: String]
    /// Bytes that had not to be fetched again.
    package let resumedAt: Int

    /// The file's name as the server gave it in `Content-Disposition`, without any folder.
    package var suggestedName: String? { headers["content-disposition"].flatMap(fileName(inContentDisposition:)) }
}
