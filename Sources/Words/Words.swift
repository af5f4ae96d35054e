// Says Masque's English sentences in other languages.

internal import Errors
internal import Files

internal import struct Foundation.Data
internal import class Foundation.JSONDecoder

/// The catalogue of all sentences for people, like gettext's: its keys are the English sentences as the code has them,
/// with `{1}`, `{2}` … where values go.
///
/// Errors, notes and messages cross processes and databases as finished English sentences. So a sentence is translated
/// by finding the template that it was made from; the values in it are put back as they were. A sentence that fits no
/// template stays English.
package struct Words: Sendable {
    private let sentences: Table
    private let tables: [String: Table]

    /// Sentences longer than this many bytes stay as they are; bounds what a hostile one costs.
    private static let longest = 4096
    /// How deep sentences may stand in sentences.
    private static let deepest = 6

    /// - Parameter json: `{"sentences": {key: {"ru": …, "ko": …}}, "tables": {name: {key: …}}}`; see ``Phrase`` for
    ///   what a translation may hold.
    /// - Throws: `.failed` when it is not of that form.
    package init(json: [UInt8]) throws {
        let catalogue: Catalogue
        do {
            catalogue = try JSONDecoder().decode(Catalogue.self, from: Data(json))
        } catch {
            throw MasqueError(.failed, "The catalogue of translations words.json is damaged.", cause: error)
        }
        sentences = Table(catalogue.sentences.mapValues(\.texts))
        tables = catalogue.tables.mapValues { Table($0.mapValues(\.texts)) }
    }

    /// The catalogue that comes with the program.
    ///
    /// - Throws: `.failed` when it is missing or damaged.
    package static func standard() throws -> Words {
        let folder = try resourceFolder("masque_Words.resources", holding: "words.json")
        return try Words(json: readFile(at: "\(folder)/words.json", maxBytes: 4 << 20))
    }

    /// `sentence`, as this code made it, in `language`; unchanged when that is English or the sentence is not known.
    package func say(_ sentence: String, in language: Language) -> String {
        translation(of: sentence, into: language) ?? sentence
    }

    /// `sentence` in `language`; nil when that is English or the sentence is not known.
    package func translation(of sentence: String, into language: Language) -> String? {
        guard language != .english, sentence.utf8.count <= Self.longest else { return nil }
        if let found = translation(of: Array(sentence.utf8)[...], by: sentences, language, depth: 0) { return found }
        return veiled(sentence, language)
    }

    /// The key in the catalogue that `sentence` is told by, with the values in it; for tests.
    package func match(_ sentence: String) -> (key: String, values: [String])? {
        sentences.find(Array(sentence.utf8)[...]).map { found in
            (found.entry.key, found.values.map { String(decoding: $0, as: UTF8.self) })
        }
    }

    private func translation(
        of text: ArraySlice<UInt8>, by table: Table, _ language: Language, depth: Int
    ) -> String? {
        guard depth < Self.deepest, let (entry, values) = table.find(text), let phrase = entry.phrases[language] else {
            return nil
        }
        func value(_ number: Int) -> ArraySlice<UInt8> { values.indices.contains(number - 1) ? values[number - 1] : [] }
        var said = ""
        for piece in phrase.pieces {
            switch piece {
            case .text(let text): said += language == .korean ? withParticle(text, after: said) : text
            case .value(let number): said += String(decoding: value(number), as: UTF8.self)
            case .translated(let number, let name):
                let table = name == "sentence" ? sentences : tables[name]
                said +=
                    table.flatMap { translation(of: value(number), by: $0, language, depth: depth + 1) }
                    ?? String(decoding: value(number), as: UTF8.self)
            case .form(let number, let forms):
                said += language.form(of: forms, for: String(decoding: value(number), as: UTF8.self)) ?? ""
            }
        }
        return said
    }

    /// Sentences of a media process say “the file” where the template has a name in quotes, so as not to tell the
    /// server's own paths.
    private func veiled(_ sentence: String, _ language: Language) -> String? {
        for words in Self.veils {
            for veil in [words, words.prefix(1).uppercased() + words.dropFirst()] where sentence.contains(veil) {
                let mark = "\u{E000}\(words)\u{E001}"
                let named = sentence.replacing(veil, with: "“\(mark)”", maxReplacements: 1)
                guard let found = translation(of: Array(named.utf8)[...], by: sentences, language, depth: 0),
                    let name = tables["thing"].flatMap({
                        translation(of: Array(words.utf8)[...], by: $0, language, depth: 1)
                    })
                else { continue }
                // “Файл «me.mp4» пуст” without its name is “Файл пуст”.
                var said = found.replacing(#/([Фф]айл\p{L}*) «\x{E000}[^\x{E001}]*\x{E001}»/#) { $0.output.1 }
                said = said.replacing("“\(mark)” \(name)", with: name)
                said = said.replacing("«\(mark)»", with: name).replacing("“\(mark)”", with: name)
                return said.prefix(1).uppercased() + said.dropFirst()
            }
        }
        return nil
    }

    /// What `PathVeil` puts for paths.
    private static let veils = ["the file", "the result", "the job's folder", "the folder", "the source", "the target"]
}

/// Words in one language: what a front holds while it answers one person.
package struct Voice: Sendable {
    private let words: Words?
    package let language: Language

    package init(_ words: Words, _ language: Language) {
        self.words = words
        self.language = language
    }

    private init() { (words, language) = (nil, .english) }

    /// For those whose language is not known: webhooks, logs.
    package static let english = Voice()

    /// See ``Words/say(_:in:)``.
    package func say(_ sentence: String) -> String { words?.say(sentence, in: language) ?? sentence }
}

/// The form of `words.json`.
private struct Catalogue: Decodable {
    struct Texts: Decodable {
        let ru: String?
        let ko: String?

        var texts: [Language: String] {
            var texts: [Language: String] = [:]
            texts[.russian] = ru
            texts[.korean] = ko
            return texts
        }
    }

    let sentences: [String: Texts]
    let tables: [String: [String: Texts]]
}
