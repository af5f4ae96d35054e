// The server's folder: what lies in it, and the lock that lets one server use it.

internal import Errors
internal import Files
internal import Foundation
internal import Glibc
internal import JobQueueSQLite
internal import Services

/// `$MASQUE_HOME`.
struct Home: Sendable {
    let path: String
    let secrets: Secrets

    /// Makes the folder if need be, and says so: a token made in the wrong folder is good for no server.
    init(_ settings: ServerSettings) throws {
        let given = settings.home
        let isNew = access(given, F_OK) != 0
        try makeFolder(given, mode: 0o700)
        guard let real = unsafe realpath(given, nil) else { throw fileError(errno, path: given, doing: "read") }
        defer { unsafe free(real) }
        path = unsafe String(cString: real)
        secrets = Secrets(folder: "\(path)/secrets")
        if isNew {
            Console.err("masque: Made the new server folder \(path); its tokens and keys are good for no other server.")
        }
    }

    /// The store of a server that has been started in this folder before.
    ///
    /// - Throws: `.notFound`, and nothing is made, when there is none.
    static func existingStore(_ settings: ServerSettings) async throws -> SQLiteStore {
        let folder = URL(filePath: settings.home).standardizedFileURL.path
        guard access("\(folder)/masque.db", F_OK) == 0 else {
            throw MasqueError(
                .notFound, "There is no server's database in \(folder).",
                advice: "Name the server's folder with --home or MASQUE_HOME.")
        }
        return try await Home(settings).openStore()
    }

    /// The store of jobs, webhooks and keys.
    func openStore() async throws -> SQLiteStore { try await SQLiteStore(path: "\(path)/masque.db") }

    /// The key of tokens: the one that is set, or one that was made at the first start.
    func tokenKey(_ settings: ServerSettings) async throws -> TokenKey {
        let algorithm = try TokenAlgorithm(setting: settings.jwtAlgorithm)
        if !algorithm.isSymmetric {
            guard let file = settings.jwtPublicKey else {
                throw MasqueError(
                    .badInput, "JWT_ALG is \(settings.jwtAlgorithm), but JWT_PUBLIC_KEY names no file.",
                    advice: "Set it to the PEM file of the public key.")
            }
            let text = String(decoding: try readFile(at: file, maxBytes: 1 << 16), as: UTF8.self)
            return try await TokenKey(publicKeyPEM: text, algorithm: algorithm)
        }
        if let secret = settings.jwtSecret {
            return try await TokenKey(secret: Array(secret.utf8), algorithm: algorithm)
        }
        return try await TokenKey(secret: try secrets.secret(named: "jwt-secret"), algorithm: algorithm)
    }
}

/// Held by a server or a bot for as long as it lives; the system lets go of it when the process ends, however it ends.
final class HomeLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `.conflict` when another program uses the folder.
    init(home: String) throws {
        let path = "\(home)/serve.lock"
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fileError(errno, path: path, doing: "write") }
        // A server that was killed lets go a moment later than its port.
        for _ in 0..<20 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            usleep(100_000)
        }
        close(descriptor)
        throw MasqueError(
            .conflict, "Another masque serve or masque bot uses the folder \(home).",
            advice: "Stop it, or give this one another folder with --home.")
    }

    deinit { close(descriptor) }
}
