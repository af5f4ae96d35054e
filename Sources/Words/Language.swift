// The languages that Masque speaks to people in.

/// English is what the code itself says; the others come from the catalogue.
package enum Language: String, CaseIterable, Sendable {
    case english = "en"
    case russian = "ru"
    case korean = "ko"

    /// The language of a tag such as `ko` or `ru-RU` (BCP 47, in any case), found as RFC 4647 3.4 looks up: by leaving
    /// out subtags from the end. nil when it is none of ours.
    package init?(tag: some StringProtocol) {
        let primary = tag.prefix { $0 != "-" && $0 != "_" }.lowercased()
        self.init(rawValue: primary)
    }

    /// Which of `forms` goes with `number`, by CLDR's rules for cardinals.
    ///
    /// - Parameters:
    ///   - number: as it stands in the sentence. What is no whole number takes the genitive singular in Russian, which
    ///     nouns after fractions have (“2.5 секунды”); it is the second form.
    ///   - forms: Russian has three: one, few, many. Others have one.
    package func form<Form>(of forms: [Form], for number: String) -> Form? {
        guard self == .russian, forms.count == 3 else { return forms.last }
        let digits = number.utf8
        guard !digits.isEmpty, digits.allSatisfy({ (48...57).contains($0) }) else { return forms[1] }
        let (last, before) = (digits.last.map { $0 - 48 } ?? 0, digits.dropLast().last.map { $0 - 48 } ?? 0)
        if before == 1 { return forms[2] }
        return switch last {
        case 1: forms[0]
        case 2...4: forms[1]
        default: forms[2]
        }
    }
}
