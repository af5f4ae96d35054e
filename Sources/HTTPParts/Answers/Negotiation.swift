// What a client would rather have: Accept and Accept-Language with their weights (RFC 9110 12.5).

package import HTTPTypes
package import Words

/// One entry of an Accept-like header: what, and how much it is liked (0 to 1).
private struct Wish {
    let value: String
    let weight: Double

    /// The entries of `header`, those that cannot be read left out.
    static func list(_ header: String) -> [Wish] {
        header.split(separator: ",").prefix(50).compactMap { item in
            let parsed = HeaderValue(String(item))
            guard !parsed.value.isEmpty else { return nil }
            let weight = parsed["q"].map { Double($0) ?? 0 } ?? 1
            return Wish(value: parsed.value.lowercased(), weight: weight.isFinite ? min(max(weight, 0), 1) : 0)
        }
    }
}

/// Choosing among media types.
package enum MediaTypes {
    /// The one of `offered` that `accept` likes best, the first of equals; nil when it takes none.
    /// Without a header, or with an empty one, the first.
    package static func best(of offered: [String], accept: String?) -> String? {
        guard let accept, !accept.trimmed.isEmpty else { return offered.first }
        let wishes = Wish.list(accept)
        var best: (type: String, weight: Double)?
        for type in offered {
            let weight = weight(of: type.lowercased(), wishes)
            if weight > best?.weight ?? 0 { best = (type, weight) }
        }
        return best?.type
    }

    /// The weight of the most specific entry that takes `type`.
    private static func weight(of type: String, _ wishes: [Wish]) -> Double {
        let group = type.prefix { $0 != "/" } + "/*"
        for value in [type, String(group), "*/*"] {
            if let wish = wishes.first(where: { $0.value == value }) { return wish.weight }
        }
        return 0
    }
}

extension Language {
    /// The language that `acceptLanguage` likes best, the first of equals; English when it names none of ours.
    package static func best(acceptLanguage: String?) -> Language {
        guard let acceptLanguage else { return .english }
        var best: (language: Language, weight: Double)?
        for wish in Wish.list(acceptLanguage) {
            // "ko-KR" is Korean; "*" is anything
            guard let language = wish.value == "*" ? .english : Language(tag: wish.value) else { continue }
            if wish.weight > best?.weight ?? 0 { best = (language, wish.weight) }
        }
        return best?.language ?? .english
    }
}

extension HTTPFields {
    /// Says in which language sentences of an answer are, and that they would be in another for another reader.
    package mutating func tell(_ language: Language) {
        self[.contentLanguage] = language.rawValue
        let varied = self[.vary]
        self[.vary] = varied.map { "\($0), Accept-Language" } ?? "Accept-Language"
    }
}
