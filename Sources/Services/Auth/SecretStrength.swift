// Refuses secrets that are short or that somebody would guess.

internal import Errors

/// Checks a secret that a person may have set by hand.
/// - Throws: ``MasqueError`` `.badInput` with advice how to make a good one. The secret is not in the sentence.
func checkStrength(of secret: [UInt8], minimum: Int, algorithm: String) throws {
    let advice = "Make one by “openssl rand -base64 48”\(minimum > 48 ? " (its 64 characters are enough)" : "")."
    guard secret.count >= minimum else {
        throw MasqueError(
            .badInput, "JWT_SECRET has \(secret.count) bytes; \(algorithm) needs at least \(minimum).", advice: advice)
    }
    guard Set(secret).count >= 8, !isRepetition(secret), !isRun(secret), !containsKnownWords(secret) else {
        throw MasqueError(.badInput, "JWT_SECRET is long enough, but easy to guess.", advice: advice)
    }
}

/// A shorter text, said twice or more.
private func isRepetition(_ secret: [UInt8]) -> Bool {
    guard secret.count >= 2 else { return false }
    return (1...secret.count / 2).contains { period in
        zip(secret, secret.dropFirst(period)).allSatisfy(==)
    }
}

/// Mostly neighbours in the alphabet, as in `abcdefgh…` or `0123456789…`.
private func isRun(_ secret: [UInt8]) -> Bool {
    let steps = zip(secret, secret.dropFirst()).filter { abs(Int($0) - Int($1)) <= 1 }
    return steps.count * 2 > secret.count
}

/// What examples and templates have where the secret should be.
private func containsKnownWords(_ secret: [UInt8]) -> Bool {
    let letters = String(decoding: secret, as: UTF8.self).lowercased().filter { $0.isLetter || $0.isNumber }
    let known = [
        "secret", "changeme", "changethis", "replaceme", "replacethis", "password", "passphrase", "yourkey", "example",
        "placeholder", "qwerty", "letmein", "insertkey", "development", "masquejwt",
    ]
    return known.contains { letters.contains($0) }
}
