// Wires the HTTP front: API, studio, documents.

internal import Foundation
internal import HTTPAPI
internal import HTTPParts
internal import Inference
internal import JobQueue
internal import Logging
internal import ModelFiles
internal import ModelStore
internal import Services
internal import Studio
internal import Workers

extension HTTPAPI {
    /// The front of a server.
    init(_ core: ServerCore) async throws {
        let (settings, workers) = (core.settings, core.workers)
        self.init(
            jobs: core.jobs, keys: KeyService(store: core.store, limit: settings.rules.maxKeys),
            authenticator: try await Self.authenticator(core),
            links: ShareLinks(secret: try core.home.secrets.secret(named: "share-secret")), uploads: core.uploads,
            webhookTargets: core.targets, settings: settings, metrics: core.metrics, workers: { workers.readiness },
            assets: try await Assets(
                folder: try Assets.standardFolder(), viewers: "\(Installation().cache.path)/api-docs",
                version: Version.number), words: core.words,
            version: Version.number, scratch: core.workerSettings.facesFolder, logger: Logger(label: "masque.http"))
        let store = Self.modelStore(core)
        models = { try await store.list() }
        downloads = core.downloading.downloads
        limits.maxConnections = try OpenFiles.connections(atMost: limits.maxConnections)
    }

    private static func authenticator(_ core: ServerCore) async throws -> Authenticator {
        let settings = core.settings
        if !settings.jwtRequired {
            let isLocal = settings.host == "127.0.0.1" || settings.host == "::1" || settings.host == "localhost"
            if !isLocal {
                core.logger.warning(
                    """
                    JWT_REQUIRED=0 on \(settings.host): everybody who reaches this port can use the server and see \
                    all jobs made without a token. Set JWT_REQUIRED=1, or listen on 127.0.0.1 only.
                    """)
            }
        }
        return Authenticator(
            tokens: TokenVerifier(key: try await core.home.tokenKey(settings)), keys: core.store,
            isRequired: settings.jwtRequired)
    }

    /// The operator's models. A list of his that is wrong keeps no server from starting.
    private static func modelStore(_ core: ServerCore) -> ModelStore {
        let stored = core.settings.storedModels
        do {
            return ModelStore(stored: stored, catalogue: try Catalogue.standard(store: stored.folder))
        } catch {
            core.logger.warning("The lists of models are not used: \(error)")
            return ModelStore(stored: stored, catalogue: (try? Catalogue.standard()) ?? Catalogue())
        }
    }
}
