// `masque serve`.

internal import ArgumentParser
internal import Errors
internal import Foundation
internal import Logging
internal import Services

/// Everything in one process group: HTTP, studio, jobs, workers, webhooks. Nothing else is to be installed.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the HTTP API and the web studio, and work jobs off.",
        discussion: """
            Example: masque serve --port 8000, then masque token mint --user-id demo and open http://127.0.0.1:8000/

            Every setting can be given as a flag (--set NAME=VALUE), in the environment, in .env or in masque.yaml;
            `masque config` lists them. SIGTERM or Ctrl-C lets running jobs end and hands the others back; a second one
            ends at once, and no job is lost.
            """)

    @Option(name: .long, help: "Address to listen on (MASQUE_HOST; 0.0.0.0).")
    var host: String?

    @Option(name: .long, help: "Port to listen on (MASQUE_PORT; 8000); 0 takes a free one.")
    var port: String?

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let settings = try await server.settings(adding: ["MASQUE_HOST": host, "MASQUE_PORT": port])
        startLogging(settings)
        let assembly = try await ServerAssembly(settings: settings, logger: Logger(label: "masque"))
        try await assembly.serve()
    }
}
