// One download from a link to a verified file in its folder.

internal import Errors
internal import Files
internal import Foundation
package import ModelStore

/// Finds out what a link means, chooses and judges the file, fetches and verifies it, and puts it where it belongs.
package struct ModelFetch: Sendable {
    private let client: CivitaiClient
    private let downloader: Downloader
    /// The folder above `Lora`, `Stable-diffusion`, ….
    private let root: String
    /// Whether files go into `root` itself, not into its folders by type.
    private let isFlat: Bool
    private let policy: FilePolicy
    private let limits: DownloadRequest.Limits
    /// How far off Civitai's size may be: it is told in units of 1024 bytes.
    private static let slack: Int64 = 1024

    /// - Parameters:
    ///   - root: the folder above `Lora`, `Stable-diffusion` and so on.
    ///   - isFlat: whether files go into `root` itself.
    ///   - limits: times, pauses and what must stay free on the disk.
    package init(
        client: CivitaiClient, downloader: Downloader, root: String, isFlat: Bool = false,
        policy: FilePolicy = FilePolicy(),
        limits: DownloadRequest.Limits = DownloadRequest.Limits()
    ) {
        self.client = client
        self.downloader = downloader
        self.root = root
        self.isFlat = isFlat
        self.policy = policy
        self.limits = limits
    }

    /// Downloads what `link` means; what is there already with the right hash is not fetched again.
    ///
    /// - Parameter key: a client's own key in place of the server's.
    /// - Throws: ``DownloadFailure``; `CancellationError`.
    package func fetch(
        _ link: CivitaiLink, key: Secret?, progress: @escaping @Sendable (FetchProgress) -> Void = { _ in }
    ) async throws -> FetchedModel {
        let client = key.map { self.client.with(key: $0) } ?? self.client
        do {
            let item = try await item(link, client)
            if let there = try await existing(item) { return there }
            return try await fetch(item, client, progress)
        } catch let error as MasqueError {
            throw failure(error, hasKey: client.key != nil)
        }
    }

    // MARK: What it is

    /// A file with all that is to be known before it is fetched.
    private struct Item: Sendable {
        let model: Int
        let modelName: String
        let type: String
        let version: CivitaiVersion
        let file: CivitaiFile
        let sha256: String
        let folder: String
        /// Names that it may get, the first that is free.
        let names: [String]

        func model(at path: String, bytes: Int64, wasThere: Bool) -> FetchedModel {
            FetchedModel(
                filename: URL(filePath: path).lastPathComponent, path: path, modelName: modelName,
                versionName: SafeText.line(version.name), model: model, version: version.id, file: file.id,
                type: SafeText.line(type), sha256: sha256, bytes: bytes, wasThere: wasThere)
        }
    }

    private func item(_ link: CivitaiLink, _ client: CivitaiClient) async throws -> Item {
        let version: CivitaiVersion
        var named: (name: String, type: String)?
        if let number = link.version {
            version = try await client.version(number)
            if let model = link.model, let actual = version.modelId, actual != model {
                throw DownloadFailure(
                    .notFound, "Version \(number) does not belong to model \(model).", advice: "Copy the link again.")
            }
        } else {
            let model = try await client.model(link.model ?? 0)
            named = (model.name, model.type)
            guard let newest = model.modelVersions.first else {
                throw DownloadFailure(
                    .unavailable, "Model \(model.id) has no published version.", advice: "Choose another model.")
            }
            // A model's list of versions says less about each than the version's own description.
            version = try await client.version(newest.id)
        }
        if let usage = version.usageControl, usage.lowercased() != "download" {
            throw DownloadFailure(
                .unavailable, "The owner of model version \(version.id) allows generating with it on Civitai only.",
                advice: "Choose another model.")
        }
        guard !version.files.isEmpty else {
            // Why there are none is told where they would be fetched.
            _ = try await client.signedLink(version: version.id, file: nil)
            throw DownloadFailure(
                .unavailable, "Civitai describes no files of model version \(version.id).",
                advice: "Choose another version.")
        }
        let file = try link.wish.file(of: version)
        try policy.check(file)
        let type = named?.type ?? version.model?.type ?? "Other"
        let safe = SafeName.make(file.name, fallback: "model-\(version.id)")
        let dot = safe.lastIndex(of: ".") ?? safe.endIndex
        let (stem, ending) = (safe[..<dot], safe[dot...])
        return Item(
            model: link.model ?? version.modelId ?? 0,
            modelName: SafeText.line(named?.name ?? version.model?.name ?? ""), type: type, version: version,
            file: file,
            sha256: file.sha256 ?? "",
            folder: isFlat ? root : "\(root)/\(ModelFolders.folder(modelType: type, fileType: file.type))",
            names: [safe, "\(stem)_\(version.id)\(ending)", "\(stem)_\(version.id)_\(file.id)\(ending)"])
    }

    // MARK: Where it is

    /// The file where it lies already, if it is this very one.
    private func existing(_ item: Item) async throws -> FetchedModel? {
        try await offPool {
            for name in item.names {
                let path = "\(item.folder)/\(name)"
                guard let facts = try fileFacts(path), isSize(facts.byteCount, of: item.file) else { continue }
                guard try KeptFile.sha256(of: path) == item.sha256 else { continue }
                let model = item.model(at: path, bytes: facts.byteCount, wasThere: true)
                try? KeptFile.keep(model)
                return model
            }
            return nil
        }
    }

    private func isSize(_ bytes: Int64, of file: CivitaiFile) -> Bool {
        file.byteCount.map { abs($0 - bytes) <= Self.slack } ?? true
    }

    private func fetch(
        _ item: Item, _ client: CivitaiClient, _ progress: @escaping @Sendable (FetchProgress) -> Void
    ) async throws -> FetchedModel {
        // Refusals are told apart by what Civitai says here; the downloader sees their statuses alone.
        _ = try await client.signedLink(version: item.version.id, file: item.file)
        let folder = item.folder
        let needed = (item.file.byteCount ?? 0) + Int64(limits.reservedBytes)
        try await offPool {
            try makeFolder(folder)
            let free = try freeBytes(at: folder)
            guard free >= needed else {
                throw MasqueError(
                    .outOfSpace,
                    "The model has \(megabytes(Int(clamping: needed))) and the disk has only \(megabytes(Int(clamping: free))) free.",
                    advice: "Make room on the server's disk.")
            }
        }
        for name in item.names {
            let path = "\(folder)/\(name)"
            // Never over another file.
            if try await offPool({ try isTaken(path) }) { continue }
            do {
                let done = try await downloader.download(request(item, client, path: path)) {
                    progress(
                        FetchProgress(done: Int64($0.bytes), total: $0.total.map(Int64.init) ?? item.file.byteCount))
                }
                let model = item.model(at: path, bytes: Int64(done.bytes), wasThere: false)
                try await offPool { try KeptFile.keep(model) }
                return model
            } catch let error as MasqueError where error.code == .outputExists {
                continue
            }
        }
        if let there = try await existing(item) { return there }
        throw DownloadFailure(
            .failed, "Other files have the name \(item.names[0]) in \(folder) already.",
            advice: "Move them away and try again.")
    }

    /// The link is Civitai's own each time, so that every attempt gets a signed one that is new.
    private func request(_ item: Item, _ client: CivitaiClient, path: String) throws -> DownloadRequest {
        let place = client.downloadAddress(version: item.version.id, file: item.file)
        guard let url = URL(string: place) else { throw DownloadFailure(.failed, "There is no such link.") }
        let secrets = client.key.map { ["Authorization": "Bearer \($0.text)"] } ?? [:]
        let source = DownloadRequest.Source(url, secretHeaders: secrets)
        var request = DownloadRequest(
            [source], to: URL(filePath: path), expected: DownloadRequest.Expected(sha256: item.sha256))
        request.headers = ["User-Agent": CivitaiClient.agent]
        request.limits = limits
        if let bytes = item.file.byteCount { request.limits.maxBytes = Int(bytes + Self.slack) }
        request.overwrites = false
        request.reresolve = { $0 }
        let name = URL(filePath: path).lastPathComponent
        request.validate = { part in
            try await offPool {
                if let size = try fileFacts(part.path)?.byteCount, !isSize(size, of: item.file) {
                    throw MasqueError(
                        .damagedModel, "\(name) has \(size) bytes, which is not the size that Civitai says.",
                        advice: "Try again later.")
                }
                try ContentCheck.check(path: part.path, name: name)
            }
        }
        return request
    }

    /// An error of the downloader or the disk, by what it means to who asked.
    private func failure(_ error: MasqueError, hasKey: Bool) -> DownloadFailure {
        switch error.downloadFault {
        case .status(let status, let after?) where status == 429:
            return DownloadFailure(
                .quota, "Civitai's limit on downloads is reached.", advice: "Wait \(after.components.seconds) seconds.",
                retryAfter: Int(after.components.seconds))
        case .status(let status, _):
            return CivitaiRefusal(status: status, what: "the file", hasKey: hasKey).failure
        case .timeout:
            return DownloadFailure(.tooSlow, error.message, advice: "Ask for it again; what was fetched is kept.")
        case .unreachable, .noHost: return DownloadFailure(.noConnection, error.message, advice: error.advice)
        case .damaged, .tooLarge:
            return DownloadFailure(.damaged, error.message, advice: "Try again; if it stays so, report it to Civitai.")
        case .redirect:
            return DownloadFailure(.failed, error.message, advice: "Try again; if it stays so, report it to Civitai.")
        default: return DownloadFailure(error)
        }
    }
}

/// Whether something, a broken link included, has this name.
private func isTaken(_ path: String) throws -> Bool {
    if try fileFacts(path) != nil { return true }
    return (try? FileManager.default.attributesOfItem(atPath: path)) != nil
}
