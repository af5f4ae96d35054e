// Cuts texts to what Telegram takes, which counts UTF-16 units.

extension String {
    /// The text, or as much of its beginning as fits into so many UTF-16 units with “…” behind it. What people see as one
    /// character stays whole, unless that alone is too long.
    func clipped(to units: Int) -> String {
        guard utf16.count > units else { return self }
        var (text, room) = ("", units - 1)
        for character in self {
            let count = character.utf16.count
            guard count <= room else {
                if text.isEmpty {
                    for scalar in character.unicodeScalars where scalar.utf16.count <= room {
                        text.unicodeScalars.append(scalar)
                        room -= scalar.utf16.count
                    }
                }
                break
            }
            text.append(character)
            room -= count
        }
        return text + "…"
    }
}
