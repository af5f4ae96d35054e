// Reads the list of a fleet's servers from its file.

internal import Errors
internal import Files

extension [FleetServer] {
    /// The servers in a file, such as MASQUE_FLEET_SERVERS names; read at every use, so that changes need no restart.
    ///
    /// - Throws: ``MasqueError`` `.notFound` when no file is set; `.badInput` for one that cannot be read.
    package static func read(from file: String?) async throws -> [FleetServer] {
        guard let file else {
            throw MasqueError(
                .notFound, "This server has no list of servers to push models to.",
                advice: "Set MASQUE_FLEET_SERVERS to a file such as docs/downloads.md shows.")
        }
        return try await offPool {
            let text = String(decoding: try readFile(at: file, maxBytes: 1 << 20), as: UTF8.self)
            return try [FleetServer](yaml: text, place: "MASQUE_FLEET_SERVERS")
        }
    }
}
