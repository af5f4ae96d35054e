// Runs a server: HTTP and the bot, or the bot alone, over the same parts, as one group of services.

internal import Errors
internal import Foundation
internal import HTTPAPI
internal import Hummingbird
internal import Logging
internal import ServiceLifecycle
internal import Services

/// One server.
struct ServerAssembly {
    private let core: ServerCore

    /// Makes the server's folder and takes its lock; nothing is made when the bot's settings are wrong.
    init(settings: ServerSettings, logger: Logger) async throws {
        if settings.telegram.token != nil { _ = try BotAssembly.account(settings) }
        core = try await ServerCore(settings: settings, logger: logger)
    }

    /// Serves HTTP, and the bot when there is a token for one, until a signal; returns when everything has ended in
    /// order.
    func serve() async throws {
        try await closing {
            var api = try await HTTPAPI(core)
            var services: [any Service] = []
            if core.settings.telegram.token != nil {
                let bot = try BotAssembly(core, isAlone: false)
                api.telegram = bot.hook
                services.append(bot.bot)
            }
            let announcement = Announcement(settings: core.settings, home: core.home.path, logger: core.logger)
            let application = try api.makeApplication { port in announcement.say(port: port) }
            try await run(core.services + services + [AnyService(application)])
        }
    }

    /// Runs the bot, and everything but HTTP, until a signal.
    func runBot() async throws {
        try await closing {
            // More than the usual 1,024, as for HTTP.
            _ = try OpenFiles.connections(atMost: .max)
            try await run(core.services + [try BotAssembly(core, isAlone: true).bot])
        }
    }

    private func closing(_ body: () async throws -> Void) async throws {
        do { try await body() } catch {
            await core.close()
            throw error
        }
        await core.close()
    }

    /// Runs the services; the last one is shut down first, so that nobody is let in while the others end.
    private func run(_ services: [any Service]) async throws {
        let (logger, settings) = (core.logger, core.settings)
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                ServiceGroupConfiguration.ServiceConfiguration(
                    service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
            }, logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(settings.shutdownSeconds + 15)
        let group = ServiceGroup(configuration: configuration)
        try await Interruption.serving(shutdown: {
            logger.notice("Shutting down: running jobs may end, a second signal ends at once.")
            Task { await group.triggerGracefulShutdown() }
        }) {
            do { try await group.run() } catch { throw listenFailure(error, settings) ?? error }
        }
        logger.notice("Ended in order.")
    }
}

/// A service of any type.
private struct AnyService: Service {
    private let body: @Sendable () async throws -> Void

    init(_ service: some Service) { body = { try await service.run() } }

    func run() async throws { try await body() }
}
