// Keeps webhooks from reaching what only this machine or its network may reach (server-side request forgery).

package import Addresses
internal import Errors

/// A URL whose host was looked up, with the addresses that may be connected to and no others.
package struct VettedTarget: Sendable, Hashable {
    package let url: TargetURL
    /// Never empty, in order of preference.
    package let addresses: [IPAddress]
}

/// Checks targets when they are subscribed and again before every attempt.
///
/// What is connected to is an address from the very look-up that was checked, so that a name which changes its address
/// between check and connection (DNS rebinding) gains nothing.
package struct SSRFGuard: Sendable {
    /// What a server may be set to.
    package struct Settings: Sendable {
        /// Whether `http://` is allowed beside `https://`.
        package var allowsPlainHTTP = false
        /// Hosts, addresses and blocks (`localhost`, `192.168.1.5`, `10.0.0.0/8`) that may be reached although they are
        /// not public; for development and for targets in one's own network.
        package var allowPrivateTargets: [String] = []
        package init() {}
    }

    private let allowsPlainHTTP: Bool
    private let allowedBlocks: [AddressBlock]
    private let allowedHosts: Set<String>
    private let resolver: any AddressResolver

    /// - Throws: ``MasqueError`` `.badInput` when an entry of `allowPrivateTargets` is neither host nor block.
    package init(_ settings: Settings = Settings(), resolver: any AddressResolver = SystemResolver()) throws {
        allowsPlainHTTP = settings.allowsPlainHTTP
        self.resolver = resolver
        var blocks: [AddressBlock] = []
        var hosts: Set<String> = []
        for entry in settings.allowPrivateTargets {
            if let block = AddressBlock(entry) {
                blocks.append(block)
            } else if let url = try? TargetURL("http://\(entry)/"), url.host == entry {
                hosts.insert(entry.lowercased())
            } else {
                throw MasqueError(
                    .badInput,
                    "“\(entry.prefix(80))” in the list of allowed private webhook targets is neither a host nor a block.",
                    advice: "Write it like “localhost”, “192.168.1.5” or “10.0.0.0/8”.")
            }
        }
        allowedBlocks = blocks
        allowedHosts = hosts
    }

    /// Checks what can be told without a look-up; for the moment of subscription.
    /// - Throws: ``MasqueError`` `.badInput` with a sentence for the subscriber.
    @discardableResult
    package func check(_ text: String) throws -> TargetURL {
        let url = try TargetURL(text)
        guard url.isHTTPS || allowsPlainHTTP else {
            throw TargetURL.bad(
                "does not begin with “https://”", advice: "Use https, so that nobody on the way can read it.")
        }
        if let address = url.address { try check(address, of: url) }
        let name = url.hostKey
        if name == "localhost" || name.hasSuffix(".localhost"), !allowedHosts.contains(name) {
            throw Self.forbidden("loopback")
        }
        return url
    }

    /// Checks a URL and looks up its host.
    /// - Throws: ``MasqueError`` `.badInput` when the URL or any of the addresses is refused, `.unavailable` when the host
    ///   cannot be looked up.
    package func vet(_ text: String) async throws -> VettedTarget {
        let url = try check(text)
        if let address = url.address { return VettedTarget(url: url, addresses: [address]) }
        let addresses = try await resolver.addresses(of: url.host)
        guard !addresses.isEmpty else {
            throw MasqueError(.unavailable, "The host “\(url.host)” has no address.")
        }
        for address in addresses { try check(address, of: url) }
        return VettedTarget(url: url, addresses: addresses)
    }

    private func check(_ address: IPAddress, of url: TargetURL) throws {
        guard let fault = address.fault, !allowedHosts.contains(url.hostKey) else { return }
        let all = [address, address.carried].compactMap(\.self)
        guard !all.contains(where: { address in allowedBlocks.contains { $0.contains(address) } }) else { return }
        throw Self.forbidden(fault)
    }

    /// Does not say the address: a subscriber must not learn how names resolve inside.
    private static func forbidden(_ fault: String) -> MasqueError {
        MasqueError(
            .badInput, "The webhook URL leads to an address that is not on the public internet (\(fault)).",
            advice: "Use a public host, or ask the administrator to allow this one by WEBHOOK_PRIVATE_TARGETS.")
    }
}
