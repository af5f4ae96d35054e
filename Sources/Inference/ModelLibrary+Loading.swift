// How the library finds, checks and loads a model of an installation.
internal import Errors
internal import Foundation
internal import Synchronization

extension ModelLibrary {
    /// A library over the models of `installation`. Each file's SHA-256 is checked once.
    package convenience init(_ installation: Installation) {
        let verified = VerifiedModels(installation)
        self.init(
            probing: { id, policy, probe in
                try ModelLoader.load(
                    path: verified.url(id).path, name: id, policy: policy, installation: installation, probe: probe)
            }, locating: { try verified.url($0) })
    }
}

/// Remembers which models' files were checked.
private final class VerifiedModels: Sendable {
    private let installation: Installation
    private let checked = Mutex<[String: URL]>([:])

    init(_ installation: Installation) { self.installation = installation }

    func url(_ id: String) throws -> URL {
        if let url = checked.withLock({ $0[id] }), FileManager.default.fileExists(atPath: url.path) { return url }
        let url = try installation.verifiedModel(id)
        checked.withLock { $0[id] = url }
        return url
    }
}
