// Fetches models into the store.

internal import Errors
internal import Files
package import Foundation
internal import ModelFiles

extension ModelStore {
    /// From where, and with what, models are fetched.
    package struct Origin: Sendable {
        /// A folder or web address that holds all files by their names; nil: the publishers.
        package var mirror: URL?
        /// A token of Hugging Face for models that ask for one; it goes to huggingface.co alone.
        package var huggingFaceToken: String?
        package var limits = DownloadRequest.Limits()
        /// Whether what is there is fetched again, and what was trusted at the first time forgotten.
        package var isForced = false
        /// Hears what is asked, and why it is asked again.
        package var told: @Sendable (DownloadNotice) -> Void = { _ in }

        package init(mirror: URL? = nil, huggingFaceToken: String? = nil) {
            self.mirror = mirror
            self.huggingFaceToken = huggingFaceToken
            // Somebody waits, and another source may be asked.
            limits.attempts = 3
        }

        /// Reads a mirror as it is written: a web address, or a folder.
        package static func mirror(_ text: String, relativeTo folder: String) -> URL {
            if text.hasPrefix("https://") || text.hasPrefix("http://") || text.hasPrefix("file://"),
                let url = URL(string: text)
            {
                return url
            }
            return URL(fileURLWithPath: text, isDirectory: true, relativeTo: URL(fileURLWithPath: folder)).absoluteURL
        }
    }

    /// What a pull did.
    package enum Pulled: Sendable, Hashable {
        case wasThere
        /// How it was checked: `sha256`, `crc32`, or `first use` when its publisher states nothing.
        case fetched(bytes: Int, checkedBy: String)
    }

    /// Fetches one model, without what it needs; see ``Catalogue/closure(of:)``.
    ///
    /// Every file is checked against what the list, the publisher or an earlier use says of it, and that it is an ONNX
    /// model, before it gets its name; the record is written last.
    /// - Throws: ``MasqueError`` of the download or the check; `CancellationError`. A later pull goes on where this one
    ///   ended.
    package func pull(
        _ model: CatalogueModel, from origin: Origin = Origin(), progress: @escaping Downloader.Progress = { _ in }
    ) async throws -> Pulled {
        do {
            return try await fetch(model, origin, progress)
        } catch let error as MasqueError where error.downloadFault?.isOffline == true {
            throw MasqueError(
                error.code, error.message,
                advice: origin.mirror == nil
                    ? "Check the connection and HTTPS_PROXY. Without one, name a folder or server that has the files with "
                        + "--mirror, or take in files that you have with “masque models import”."
                    : "Check the mirror, or take in files that you have with “masque models import”.",
                cause: error.cause)
        }
    }

    /// The largest file of a model that is taken where no list says its size: sixteen times the largest that is known.
    private static let mostBytes = 32 << 30

    private func fetch(
        _ model: CatalogueModel, _ origin: Origin, _ progress: @escaping Downloader.Progress
    ) async throws -> Pulled {
        let record = try await offPool { try stored.record() }
        let before = record.model(named: model.name)
        if let before, !origin.isForced, try await judge(before).problem == nil { return .wasThere }
        try checkOwners(
            of: model.files.map { StoredModels.File(file: $0.file, bytes: 0, sha256: "") }, model: model.name,
            in: record)
        try await stored.makeStore()
        var files: [StoredModels.File] = []
        var source: String?
        var checkedBy = "sha256"
        let total = ProgressSum(model.files.count)
        // What holds the weights comes before what is loaded, whose check looks for them.
        for (place, file) in model.files.enumerated().reversed() {
            let trusted = origin.isForced ? nil : before?.files.first { $0.file == file.file }
            var expected = DownloadRequest.Expected(
                bytes: file.bytes ?? trusted?.bytes, sha256: file.sha256 ?? trusted?.sha256, crc32: file.crc32)
            if expected.sha256 == nil, expected.crc32 == nil {
                expected.crc32 = try await publishedChecksum(file, origin)
                checkedBy = expected.crc32 == nil ? "first use" : "crc32"
            } else if expected.sha256 == nil {
                checkedBy = "crc32"
            }
            var request = DownloadRequest(
                try sources(file.file, file.urls, origin), to: stored.folder.appending(path: file.file),
                expected: expected)
            request.limits = origin.limits
            // A server that never ends must not fill the disk.
            request.limits.maxBytes = expected.bytes ?? origin.limits.maxBytes ?? Self.mostBytes
            request.told = origin.told
            if place == 0 {
                let folder = model.files.count > 1 ? stored.folder : nil
                let names = Set(model.files.map(\.file))
                request.validate = { part in
                    try await checkModel(at: part, name: model.name, folder: folder)
                    try await checkNames(at: part, model: model.name, names: names)
                }
            }
            let fetched = try await downloader.download(request) { progress(total.set($0, at: place)) }
            source = fetched.source ?? source
            files.insert(
                StoredModels.File(
                    file: file.file, bytes: fetched.bytes, sha256: fetched.sha256, crc32: fetched.crc32), at: 0)
        }
        try await stored.note(
            StoredModels.Model(
                name: model.name, files: files, licence: model.licence, source: source ?? before?.source, added: Date())
        )
        return .fetched(bytes: files.reduce(0) { $0 + $1.bytes }, checkedBy: checkedBy)
    }

    /// A model must not need files that its list does not know: they would never come.
    private func checkNames(at part: URL, model: String, names: Set<String>) async throws {
        let needed = try await offPool { try OnnxFile(path: part.path, name: model).externalFiles }
        for file in needed where !names.contains(file) {
            throw MasqueError(
                .damagedModel, "The model “\(model)” keeps data in “\(file)”, which its list does not name.",
                advice: "Add that file to the list, or import the model from a folder that has both.")
        }
    }

    /// The places of a file, with the token where it belongs.
    private func sources(_ file: String, _ urls: [URL], _ origin: Origin) throws -> [DownloadRequest.Source] {
        if let mirror = origin.mirror { return [DownloadRequest.Source(mirror.appending(path: file))] }
        guard !urls.isEmpty else {
            throw MasqueError(
                .notFound, "The list names no place to fetch “\(file)” from.",
                advice: "Give one with --mirror, or import your own copy.")
        }
        return urls.map { url in
            let isForToken = url.scheme == "https" && url.host() == "huggingface.co"
            let token = isForToken ? origin.huggingFaceToken : nil
            return DownloadRequest.Source(url, secretHeaders: token.map { ["Authorization": "Bearer \($0)"] } ?? [:])
        }
    }

    /// The CRC-32 that the publisher states beside a file; nil when it states none.
    /// - Throws: ``MasqueError`` when no source could be asked, or what it says is no CRC-32.
    private func publishedChecksum(_ file: CatalogueModel.File, _ origin: Origin) async throws -> String? {
        guard let first = file.checksumURLs.first else { return nil }
        var failure: MasqueError?
        var isMissing = false
        for source in try sources(first.lastPathComponent, file.checksumURLs, origin) {
            do {
                let bytes = try await downloader.bytes(
                    of: source, maxBytes: 4096, limits: origin.limits, told: origin.told)
                let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
                guard text.count == 8, text.allSatisfy(\.isHexDigit) else {
                    throw MasqueError(
                        .damagedModel, "The checksum of “\(file.file)” at \(shownURL(source.url)) is not valid.",
                        advice: "Try again later, or import your own copy of the file.")
                }
                return text.lowercased()
            } catch let error as MasqueError {
                if error.code == .notFound { isMissing = true } else { failure = error }
            }
        }
        if !isMissing, let failure { throw failure }
        return nil
    }
}
