// The settings of model downloads.

package import Addresses
internal import Errors

/// As they hold after all places were read.
package struct DownloadSettings: Sendable {
    package var civitaiURL: String
    package var civitaiKey: String?
    /// nil: `downloads/models` of the server's folder.
    package var folder: String?
    /// What `X-Token` must be; nil: tokens and keys with the scope `admin` alone are let in.
    package var token: String?
    /// Who may call; empty: everybody.
    package var clients: [AddressBlock]
    package var allowsPickles: Bool
    package var allowsUnscanned: Bool
    package var atOnce: Int
    /// How long a call waits for its download.
    package var wait: Duration
    /// The list of a fleet's servers.
    package var fleetFile: String?

    init(_ reader: SettingsReader) throws {
        civitaiURL = try reader.text("CIVITAI_URL")
        civitaiKey = try reader.optional("CIVITAI_API_KEY")
        folder = try reader.optional("MASQUE_DOWNLOADS")
        token = try reader.optional("MASQUE_DOWNLOAD_TOKEN")
        if let token {
            guard (16...512).contains(token.utf8.count), token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw MasqueError(
                    .badInput, "MASQUE_DOWNLOAD_TOKEN must have 16 to 512 letters, digits and signs, without spaces.",
                    advice: "Make one by “openssl rand -hex 24”.")
            }
        }
        clients = try reader.list("MASQUE_DOWNLOAD_CLIENTS").map { text in
            guard let block = AddressBlock(text) else {
                throw MasqueError(
                    .badInput, "“\(text.prefix(80))” in MASQUE_DOWNLOAD_CLIENTS is no address and no network.",
                    advice: "Write it like 192.168.1.5 or 10.0.0.0/8.")
            }
            return block
        }
        let allowed = Set(try reader.list("MASQUE_DOWNLOAD_ALLOW").map { $0.lowercased() })
        guard allowed.isSubset(of: ["pickle", "unscanned"]) else {
            throw MasqueError(
                .badInput, "MASQUE_DOWNLOAD_ALLOW is a list of pickle and unscanned, nothing else.",
                advice: "See `masque config`.")
        }
        allowsPickles = allowed.contains("pickle")
        allowsUnscanned = allowed.contains("unscanned")
        atOnce = Int(try reader.number("MASQUE_DOWNLOADS_AT_ONCE", in: 1...32))
        wait = .seconds(try reader.number("MASQUE_DOWNLOAD_SECONDS", in: 1...86_400))
        fleetFile = try reader.optional("MASQUE_FLEET_SERVERS")
    }
}
