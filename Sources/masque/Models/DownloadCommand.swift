// `masque models download`: a model of Civitai's for this machine.

internal import ArgumentParser
internal import AsyncHTTPClient
internal import Civitai
internal import Errors
internal import Foundation
internal import ModelStore
internal import Services

/// Downloads one file of Civitai's as a server would, and waits for it.
struct DownloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "download", abstract: "Download a model of Civitai's to this machine.",
        discussion: """
            Example: masque models download urn:air:sdxl:lora:civitai:5@6 --to ~/webui/models/Lora

            For other programs on this machine; Masque's own models come by “masque models pull”. The key is taken from
            CIVITAI_API_KEY, proxies from HTTPS_PROXY and NO_PROXY. A download that was stopped goes on where it ended.
            """)

    @Argument(help: "Link of a model or version, or an AIR.")
    var url: String

    @Option(
        help: ArgumentHelp(
            "The folder for the file; without it a folder by the model's type below MASQUE_DOWNLOADS.",
            valueName: "folder"))
    var to: String?

    @Option(help: "Which file: Model, VAE, ….")
    var type: String?

    @Option(help: "Which file: SafeTensor, GGUF, ….")
    var format: String?

    @Option(help: "Which file: full or pruned.")
    var size: String?

    @Option(help: "Which file: fp16, fp32, bf16, ….")
    var fp: String?

    @Option(name: .customLong("file-id"), help: ArgumentHelp("Which file, by its number.", valueName: "number"))
    var file: Int?

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let settings = try await server.settings()
        let base = try CivitaiBase(settings.downloads.civitaiURL)
        let here = FileManager.default.currentDirectoryPath
        let root = to ?? settings.downloads.folder ?? "\(settings.home)/downloads/models"
        let folder = URL(fileURLWithPath: root, relativeTo: URL(fileURLWithPath: here, isDirectory: true)).absoluteURL
            .path
        let display = PullDisplay(names: [url], isLive: Console.errIsTerminal && !json)
        let http = CivitaiClient.client(for: base)
        do {
            var link = try CivitaiLink(url, host: base.authority)
            if let type { link.wish.type = try FileWish.checked(type, name: "type") }
            if let format { link.wish.format = try FileWish.checked(format, name: "format") }
            if let size { link.wish.size = try FileWish.checked(size, name: "size") }
            if let fp { link.wish.fp = try FileWish.checked(fp, name: "fp") }
            if let file { link.wish.file = file }
            let fetch = try ModelFetch(settings: settings, http: http, root: folder, isFlat: to != nil)
            let model = try await Interruption.stoppable { [link, url] in
                try await fetch.fetch(link, key: link.key) {
                    display.note(DownloadProgress(bytes: Int($0.done), total: $0.total.map { Int($0) }), of: url)
                }
            }
            try? await http.shutdown()
            let words = model.wasThere ? "is there already" : "\(modelSize(Int(model.bytes))), checked by SHA-256"
            display.end(url, "\(model.modelName), \(model.versionName): \(words)")
            if json { Console.json(Line(model)) } else { Console.out(Console.plain(model.path)) }
        } catch {
            try? await http.shutdown()
            display.end(url, "not downloaded")
            switch error {
            case let failure as DownloadFailure: throw failure.error
            case is CancellationError:
                throw MasqueError(
                    .stopped, "The download was stopped; what was fetched is kept.",
                    advice: "The same command goes on from there.")
            default: throw error
            }
        }
    }

    private struct Line: Encodable {
        let filename: String
        let path: String
        let modelName: String
        let versionName: String
        let sha256: String
        let bytes: Int64
        let alreadyThere: Bool

        init(_ model: FetchedModel) {
            filename = model.filename
            path = model.path
            modelName = model.modelName
            versionName = model.versionName
            sha256 = model.sha256
            bytes = model.bytes
            alreadyThere = model.wasThere
        }
    }
}
