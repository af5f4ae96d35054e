// What a person pastes: links of models, versions and downloads, and AIRs.

internal import Foundation

/// A model or version of Civitai, with what the link says about the file. Only its numbers are used: nothing is ever
/// fetched from the address itself.
package struct CivitaiLink: Codable, Hashable, Sendable, CustomStringConvertible {
    package var model: Int?
    package var version: Int?
    package var wish: FileWish
    /// A key that stood in the link as `token=`; never kept or shown.
    package var key: Secret?

    private enum CodingKeys: CodingKey { case model, version, wish }

    package init(model: Int?, version: Int?, wish: FileWish = FileWish()) {
        self.model = model
        self.version = version
        self.wish = wish
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        model = try fields.decodeIfPresent(Int.self, forKey: .model)
        version = try fields.decodeIfPresent(Int.self, forKey: .version)
        wish = try fields.decode(FileWish.self, forKey: .wish)
    }

    /// The hosts of Civitai's own pages; the two others show the same models by what they depict.
    package static let hosts: Set<String> = ["civitai.com", "civitai.red", "civitai.green"]

    /// Reads a link or an AIR.
    ///
    /// - Parameter host: host and port of the Civitai that is asked, beside ``hosts``.
    /// - Throws: ``DownloadFailure`` `.wrongLink` with a sentence that says what is wrong.
    package init(_ text: String, host: String? = nil) throws {
        let text = text.trimmingCharacters(in: .whitespaces)
        guard !text.isEmpty, text.utf8.count <= 2048 else {
            throw Self.wrong("The link has \(text.utf8.count) bytes; 1 to 2048 are allowed.")
        }
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control && $0 != " " }) else {
            throw Self.wrong("The link has spaces or control characters in it.")
        }
        let lower = text.lowercased()
        if lower.hasPrefix("urn:") || lower.hasPrefix("air:") || lower.hasPrefix("civitai:") {
            self = try Self.air(text)
        } else {
            self = try Self.address(text, host: host)
        }
    }

    /// The page of the model or version, without anything secret.
    package var description: String {
        switch (model, version) {
        case (let model?, let version?): "https://civitai.com/models/\(model)?modelVersionId=\(version)"
        case (let model?, nil): "https://civitai.com/models/\(model)"
        case (nil, let version): "https://civitai.com/model-versions/\(version ?? 0)"
        }
    }

    /// `urn:air:ECOSYSTEM:TYPE:civitai:MODEL@VERSION`, with or without the first parts, `:LAYER` and `.FORMAT`.
    private static func air(_ text: String) throws -> CivitaiLink {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let source = parts.firstIndex(where: { $0.lowercased() == "civitai" }), source + 1 < parts.count else {
            throw wrong("The AIR “\(shown(text))” does not name a model of Civitai's.")
        }
        let expected = parts[0].lowercased() == "urn" ? 4 : parts[0].lowercased() == "air" ? 3 : 0
        guard source == expected, expected != 4 || parts[1].lowercased() == "air" else {
            throw wrong("The AIR “\(shown(text))” does not have the parts of an AIR.")
        }
        let place = parts[source + 1].prefix { $0 != "." }
        let numbers = place.split(separator: "@", omittingEmptySubsequences: false)
        guard (1...2).contains(numbers.count), let model = number(numbers[0]) else {
            throw wrong("The AIR “\(shown(text))” does not name a model by its number.")
        }
        var version: Int?
        if numbers.count == 2 {
            guard let found = number(numbers[1]) else {
                throw wrong("The AIR “\(shown(text))” does not name a version by its number.")
            }
            version = found
        }
        return CivitaiLink(model: model, version: version)
    }

    private static func address(_ text: String, host: String?) throws -> CivitaiLink {
        let lower = text.lowercased()
        let full = lower.hasPrefix("https://") || lower.hasPrefix("http://") ? text : "https://\(text)"
        // What stands before an @ may be a password.
        guard !full.prefix(while: { $0 != "?" && $0 != "#" }).contains("@") else {
            throw wrong("The link has a user name or password in it.")
        }
        guard let parts = URLComponents(string: full), let given = parts.host?.lowercased(), !given.isEmpty,
            !full.contains("\\")
        else { throw wrong("“\(shown(text))” is no link.") }
        let bare = given.hasPrefix("www.") ? String(given.dropFirst(4)) : given
        let isOwn = host.map { $0 == (parts.port.map { "\(given):\($0)" } ?? given) } ?? false
        guard isOwn || (hosts.contains(bare) && parts.port == nil) else {
            let place = parts.port.map { "\(given):\($0)" } ?? given
            throw wrong("The link leads to \(shown(place)), which is not Civitai.")
        }
        let query = Dictionary(
            (parts.queryItems ?? []).map { ($0.name.lowercased(), $0.value ?? "") },
            uniquingKeysWith: { first, _ in first })
        let steps = parts.path.split(separator: "/").map(String.init)
        var link: CivitaiLink
        switch steps.map({ $0.lowercased() }).prefix(4).map({ number($0) == nil ? $0 : "#" }) {
        case let names where names.starts(with: ["api", "download", "models", "#"]):
            link = CivitaiLink(model: nil, version: number(steps[3]))
        case let names where names.starts(with: ["api", "v1", "model-versions", "#"]):
            link = CivitaiLink(model: nil, version: number(steps[3]))
        case let names where names.starts(with: ["api", "v1", "models", "#"]):
            link = CivitaiLink(model: number(steps[3]), version: nil)
        case let names where names.starts(with: ["model-versions", "#"]):
            link = CivitaiLink(model: nil, version: number(steps[1]))
        case let names where names.starts(with: ["models", "#"]):
            link = CivitaiLink(model: number(steps[1]), version: nil)
            if let text = query["modelversionid"] {
                guard let version = number(text) else { throw wrong("The link's modelVersionId is no number.") }
                link.version = version
            }
        default: throw wrong("The link leads to no model of Civitai's.")
        }
        link.wish = try FileWish(query)
        link.key = Secret(query["token"])
        return link
    }

    /// A number of a model, version or file.
    static func number(_ text: some StringProtocol) -> Int? {
        guard (1...15).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int(text),
            number > 0
        else { return nil }
        return number
    }

    private static func shown(_ text: String) -> String {
        String(text.prefix { $0 != "?" }.prefix(100))
    }

    private static func wrong(_ message: String) -> DownloadFailure {
        DownloadFailure(
            .wrongLink, message,
            advice: "Send a link like https://civitai.com/models/123456?modelVersionId=789 or "
                + "urn:air:sdxl:lora:civitai:123456@789.")
    }
}
