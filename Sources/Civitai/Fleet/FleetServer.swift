// The servers of a fleet: a list in YAML, each with a name, an address and perhaps a token.

package import Errors
internal import Foundation
internal import Yams

/// One server that models are pushed to: a Masque, or a Stable Diffusion WebUI with the `civitai-downloader` extension.
package struct FleetServer: Sendable, Hashable {
    package let name: String
    /// Without a slash at the end.
    package let url: String
    /// Sent as `X-Token`; older extensions take none.
    package let token: Secret?

    /// - Throws: ``MasqueError`` `.badInput` naming what is wrong.
    package init(name: String, url: String, token: Secret? = nil) throws(MasqueError) {
        guard (1...64).contains(name.count),
            name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw MasqueError(.badInput, "A server's name must have 1 to 64 characters.") }
        var bare = url
        while bare.hasSuffix("/") { bare.removeLast() }
        guard let parts = URLComponents(string: bare), let host = parts.host, !host.isEmpty,
            ["http", "https"].contains(parts.scheme?.lowercased() ?? ""), parts.user == nil, parts.password == nil,
            parts.query == nil, parts.fragment == nil
        else {
            throw MasqueError(
                .badInput, "The address of the server \(name) is not valid.",
                advice: "Write it like http://192.168.1.5:7860.")
        }
        if let token, !token.isPlain {
            throw MasqueError(.badInput, "The token of the server \(name) has characters that a header cannot carry.")
        }
        self.name = name
        self.url = bare
        self.token = token
    }
}

/// A server as the list has it.
private struct Entry: Decodable {
    var name: String
    var url: String
    var token: String?
}

/// A list under a head.
private struct Wrapped: Decodable { var servers: [Entry] }

extension [FleetServer] {
    /// Reads a list of `{name, url, token}`, or an object with such a list under `servers`.
    ///
    /// - Parameters:
    ///   - yaml: the file's text; JSON is YAML, too.
    ///   - place: names the file in sentences.
    /// - Throws: ``MasqueError`` `.badInput` naming the entry and what is wrong with it.
    package init(yaml: String, place: String) throws(MasqueError) {
        let entries: [Entry]
        do {
            let decoder = YAMLDecoder()
            if let list = try? decoder.decode([Entry].self, from: yaml) {
                entries = list
            } else {
                entries = try decoder.decode(Wrapped.self, from: yaml).servers
            }
        } catch {
            throw MasqueError(
                .badInput, "\(place) is no list of servers.",
                advice: "Each entry has name and url, and token where the server wants one: see docs/downloads.md.",
                cause: error)
        }
        var servers: [FleetServer] = []
        for entry in entries {
            let server = try FleetServer(name: entry.name, url: entry.url, token: Secret(entry.token))
            guard !servers.contains(where: { $0.name == server.name }) else {
                throw MasqueError(.badInput, "\(place) names the server \(server.name) twice.")
            }
            servers.append(server)
        }
        guard !servers.isEmpty else { throw MasqueError(.badInput, "\(place) lists no server.") }
        self = servers
    }

    /// Those of these names; all when none is named.
    ///
    /// - Throws: ``MasqueError`` `.notFound` naming the first that there is not.
    package func named(_ names: [String]?) throws(MasqueError) -> [FleetServer] {
        guard let names, !names.isEmpty else { return self }
        for name in names where !contains(where: { $0.name == name }) {
            throw MasqueError(
                .notFound, "There is no server “\(SafeName.shown(name))” in the list.",
                advice: "There are \(map(\.name).joined(separator: ", ")).")
        }
        return filter { names.contains($0.name) }
    }
}
