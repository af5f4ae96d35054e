// What the routes of model downloads and of the fleet stand on.

package import Addresses
package import Civitai
internal import Crypto
package import Services

/// The parts that the executable wires.
package struct ModelDownloads: Sendable {
    package var queue: DownloadQueue
    package var fleet: FleetClient
    /// The list of servers; read at every call, so that changes need no restart.
    package var fleetFile: String?
    /// Host and port of the Civitai that is asked, whose links are taken beside the public ones.
    package var host: String
    /// What `X-Token` must be.
    package var token: Secret?
    /// Addresses that may call; empty: all.
    package var clients: [AddressBlock]
    /// How long a call waits for its download.
    package var wait: Duration
    package var suspicions: SecurityLog

    package init(
        queue: DownloadQueue, fleet: FleetClient, host: String, settings: DownloadSettings, suspicions: SecurityLog
    ) {
        self.queue = queue
        self.fleet = fleet
        self.host = host
        self.suspicions = suspicions
        fleetFile = settings.fleetFile
        token = Secret(settings.token)
        clients = settings.clients
        wait = settings.wait
    }

    /// Whether a call from this address is let in at all.
    func admits(_ address: String) -> Bool {
        guard !clients.isEmpty else { return true }
        guard let address = IPAddress(address) else { return false }
        // An IPv6 socket sees callers of IPv4 as mapped addresses.
        let all = [address, address.carried].compactMap(\.self)
        return all.contains { address in clients.contains { $0.contains(address) } }
    }

    /// Whether this is the token; takes the same time for every wrong one.
    func isToken(_ text: String) -> Bool {
        guard let token else { return false }
        return SHA256.hash(data: Array(text.utf8)) == SHA256.hash(data: Array(token.text.utf8))
    }

    /// The servers of the fleet.
    ///
    /// - Throws: `.notFound` when no list is set; `.badInput` for one that cannot be read.
    func servers() async throws -> [FleetServer] { try await [FleetServer].read(from: fleetFile) }
}
