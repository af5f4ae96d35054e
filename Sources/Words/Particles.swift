// Korean particles whose form depends on how the word before them ends.

/// `text`, with the particle at its start, if there is one in both forms (`은(는)`), in the form that goes with the end
/// of `before`. A closing quote may stand between. After a word that is neither Hangul nor a number both forms stay.
func withParticle(_ text: String, after before: String) -> String {
    var rest = text[...]
    var quotes = ""
    while let first = rest.first, "”)’".contains(first) {
        quotes.append(first)
        rest = rest.dropFirst()
    }
    guard let particle = particles.first(where: { rest.hasPrefix($0.both) }),
        let end = before.last(where: { !"”)’".contains($0) }).flatMap(finalConsonant)
    else { return text }
    // 로 follows ㄹ as it follows a vowel.
    let isOpen = end == .none || particle.both == "(으)로" && end == .l
    return quotes + (isOpen ? particle.open : particle.closed) + rest.dropFirst(particle.both.count)
}

private let particles: [(both: String, closed: String, open: String)] = [
    ("은(는)", "은", "는"), ("이(가)", "이", "가"), ("을(를)", "을", "를"), ("(으)로", "으로", "로"),
]

private enum FinalConsonant { case none, l, other }

/// How a syllable or a digit, as it is read, ends; nil when that is not known.
private func finalConsonant(_ character: Character) -> FinalConsonant? {
    switch character {
    case "2", "4", "5", "9": return FinalConsonant.none
    case "1", "7", "8": return .l
    case "0", "3", "6": return .other
    default:
        guard let scalar = character.unicodeScalars.first?.value, (0xAC00...0xD7A3).contains(scalar) else { return nil }
        // Syllables are ordered by initial, vowel and 28 finals (Unicode 3.12).
        let final = (scalar - 0xAC00) % 28
        return final == 0 ? FinalConsonant.none : final == 8 ? .l : .other
    }
}
