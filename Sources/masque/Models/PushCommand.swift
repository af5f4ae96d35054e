// `masque models push` and `masque models servers`: models for a fleet of servers.

internal import ArgumentParser
internal import AsyncHTTPClient
internal import Civitai
internal import Errors
internal import Files
internal import Foundation

/// Where the list of servers is, and which of them are meant.
struct FleetOptions: ParsableArguments {
    @Option(name: .long, help: "File with the list of servers: name, url and token of each (MASQUE_FLEET_SERVERS).")
    var servers: String?

    @Option(name: .long, help: "A server by its name; may be given often.")
    var server: [String] = []

    /// The servers meant; all when none is named.
    func chosen() throws -> [FleetServer] {
        let file = servers ?? ProcessInfo.processInfo.environment["MASQUE_FLEET_SERVERS"] ?? ""
        guard !file.isEmpty else {
            throw MasqueError(
                .badInput, "No list of servers is given.",
                advice: "Name a file with --servers; docs/downloads.md shows one.")
        }
        let text = String(decoding: try readFile(at: file, maxBytes: 1 << 20), as: UTF8.self)
        return try [FleetServer](yaml: text, place: file).named(server)
    }
}

/// Has servers download a model of Civitai's, in parallel.
struct PushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Have servers download a model of Civitai's.",
        discussion: """
            Example: masque models push https://civitai.com/models/123456 --servers servers.yaml --all

            The servers are other Masques, or Stable Diffusion WebUIs with a civitai-downloader extension. Each downloads by
            itself. Exit code 1 when one of those meant has not got the model.
            """)

    @Argument(help: "Link of a model or version, or an AIR.")
    var url: String

    @OptionGroup var fleet: FleetOptions

    @Flag(help: "All servers that answer.")
    var all = false

    @Flag(name: .customLong("send-key"), help: "Send them the key in CIVITAI_API_KEY; they use their own otherwise.")
    var sendsKey = false

    @Option(name: .long, help: "Seconds to wait for a server's download.")
    var timeout = 330

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func validate() throws {
        guard all != !fleet.server.isEmpty else {
            throw ValidationError("Name servers with --server NAME, or all of them with --all.")
        }
        guard (1...86_400).contains(timeout) else {
            throw ValidationError("--timeout must be from 1 to 86400 seconds.")
        }
    }

    func run() async throws {
        do { _ = try CivitaiLink(url) } catch let failure as DownloadFailure { throw failure.error }
        let servers = try fleet.chosen()
        let key = Secret(sendsKey ? ProcessInfo.processInfo.environment["CIVITAI_API_KEY"] : nil)
        if sendsKey, key == nil {
            throw MasqueError(.badInput, "CIVITAI_API_KEY is empty.", advice: "Set it, or leave --send-key out.")
        }
        let http = CivitaiClient.client()
        var client = FleetClient(http: http)
        client.downloadTimeout = .seconds(timeout)
        let (link, asJSON, fleet) = (url, json, client)
        let results: [FleetResult]
        do {
            results = try await Interruption.stoppable {
                let results = await fleet.download(link, key: key, to: servers) { result in
                    if asJSON { Console.json(FleetLine(result)) } else { Console.out(Console.plain(Self.text(result))) }
                }
                try Task.checkCancellation()
                return results
            }
        } catch {
            try? await http.shutdown()
            throw error
        }
        try await http.shutdown()
        let good = results.count(where: \.success)
        if !json { Console.err("\(good) of \(results.count) servers have the model.") }
        if good < results.count { throw ExitCode(1) }
    }

    private static func text(_ result: FleetResult) -> String {
        let what = result.success ? "done" : "FAILED"
        let place = result.path ?? result.filename ?? ""
        return "\(result.name)  \(what)  \(result.message)\(place.isEmpty ? "" : "  \(place)")  (\(result.seconds) s)"
    }
}

/// Shows how the servers of a fleet stand.
struct FleetServersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "servers", abstract: "Say which servers of a fleet answer.",
        discussion: "Exit code 1 when one of those meant does not answer.")

    @OptionGroup var fleet: FleetOptions

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() async throws {
        let servers = try fleet.chosen()
        let http = CivitaiClient.client()
        let client = FleetClient(http: http)
        let statuses: [FleetStatus]
        do {
            statuses = try await Interruption.stoppable { await client.statuses(of: servers) }
        } catch {
            try? await http.shutdown()
            throw error
        }
        try await http.shutdown()
        for status in statuses {
            if json {
                Console.json(status)
                continue
            }
            let state =
                status.online
                ? "online  \(status.service ?? "")  \(status.milliseconds ?? 0) ms" : "OFFLINE  \(status.message ?? "")"
            Console.out(Console.plain("\(status.name)  \(status.url)  \(state)"))
        }
        if !statuses.allSatisfy(\.online) { throw ExitCode(1) }
    }
}

/// A result with `"event":"pushed"`.
private struct FleetLine: Encodable {
    private enum CodingKeys: CodingKey { case event }
    private let result: FleetResult

    init(_ result: FleetResult) { self.result = result }

    func encode(to encoder: any Encoder) throws {
        var own = encoder.container(keyedBy: CodingKeys.self)
        try own.encode("pushed", forKey: .event)
        try result.encode(to: encoder)
    }
}
