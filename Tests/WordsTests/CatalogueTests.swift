// Holds the catalogue of translations against the sources: nothing missing, nothing left over, no value lost.

import Foundation
import Testing
import Words

struct CatalogueTests {
    /// Modules whose sentences reach those who call over HTTP or chat.
    static let modules = [
        "Services", "HTTPParts", "HTTPAPI", "JobQueue", "JobQueueSQLite", "JobHandlers", "Workers", "WorkerProtocol",
        "Processes", "FaceFusion",
        "Studio", "VideoIO", "ImageIO", "Faces", "Inference", "Neural", "ModelFiles", "ModelStore", "Civitai",
        "Addresses", "Files", "BlobStore", "TelegramBot",
    ]
    /// Modules in which everything that is said is in the catalogue, labels of buttons too.
    static let spoken = ["TelegramBot"]
    /// What only those see who start the server, read its log or use the command line; these stay English.
    static let operators = [
        "Services/Settings/", "Services/Auth/SecretStrength.swift", "Services/Auth/TokenKey.swift",
        "Services/Auth/Secrets.swift", "Services/Auth/TokenMinter.swift", "Services/Jobs/AuditLog.swift",
        "Services/Jobs/LineFile.swift", "Services/Jobs/SecurityLog.swift", "Services/Webhooks/SignedPost.swift",
        "Services/Jobs/Housekeeper.swift", "Services/Webhooks/WebhookDispatcher.swift",
        "Services/Webhooks/WebhookSchedule.swift", "Services/Webhooks/WebhookSender.swift",
        "Services/Webhooks/WebhookSigner.swift", "HTTPAPI/Metrics/", "HTTPAPI/Pages/OpenAPIDocument.swift",
        "HTTPAPI/Pages/ViewerPages.swift", "JobHandlers/Sandbox.swift", "JobHandlers/SandboxSelfTest.swift",
        "JobHandlers/WorkerLoop.swift", "Workers/LeaseKeeper.swift", "Studio/Doctor/", "Inference/BackendChoice.swift",
        "Files/PrivateFolder.swift", "FaceFusion/FaceFusionSettings.swift", "Files/Provenance", "Files/Resources.swift",
        "Civitai/CivitaiBase.swift", "ModelStore/Store/ModelStore+Import.swift", "ModelStore/Store/ImportItem.swift",
        "ModelStore/Store/TakeAside.swift", "ModelStore/Store/ModelStore+Repair.swift",
        "Civitai/Queue/DownloadShelf.swift",
    ]
    /// A video's metadata, not a message.
    static let inFiles = ["{1} by a machine ({2}).", "Faces in this video were changed by {1}, driven by {2}."]
    /// Made from pieces at run time, so not found as one literal.
    static let composed = [
        // PathVeil leaves the name of an inspected file out.
        "The {1} looks like sexual imagery, which Masque does not work on.",
        "holds only a cover picture and sound", "{1} and {2}", "“{1}” and “{2}”", "The field {1}", "{1}; {2}",
    ]

    private struct Source {
        let place: String
        let text: String
        let strings: [SourceString]
    }

    private static let sources: [Source] = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources")
        return modules.flatMap { module in
            let folder = root.appendingPathComponent(module)
            let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
            return files.filter { $0.hasSuffix(".swift") }.sorted().map { name in
                let text = (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)) ?? ""
                return Source(place: "\(module)/\(name)", text: text, strings: swiftStrings(in: text))
            }
        }
    }()
    private static let catalogue = (try? Raw.read()) ?? Raw(sentences: [:], tables: [:])

    /// Begins like a sentence and ends like one, perhaps with another sentence in its last hole.
    private static func isSentence(_ text: String) -> Bool {
        guard text.contains(" "), !text.contains("\n"), let first = text.unicodeScalars.first else { return false }
        let begins =
            first.properties.isUppercase || "“{0123456789".unicodeScalars.contains(first)
            || text.wholeMatch(of: /[a-z_]+ .*/) != nil
        return begins && text.wholeMatch(of: /.*(\.[”)]?|[.:] \{[0-9]+\})/) != nil
    }

    /// Whether the literal looks like a sentence, or is said whatever it looks like.
    private static func isToBeTold(_ string: SourceString, in source: Source) -> Bool {
        isSentence(string.template)
            || string.isSaid && spoken.contains { source.place.hasPrefix("\($0)/") } && !string.template.isEmpty
    }

    /// Whether the literal is what a log is told.
    private static func isLogged(_ string: SourceString, in source: Source) -> Bool {
        let before = String(decoding: source.text.utf8.prefix(string.start).suffix(80), as: UTF8.self)
        return before.contains(/(log(ger)?\.\w+|precondition\w*|log)\([^")]*$/)
    }

    @Test func `the sources are read`() {
        #expect(Self.sources.count > 150)
        #expect(Self.sources.reduce(0) { $0 + $1.strings.count } > 2000)
        let strings = swiftStrings(in: #"f("A \(b ? "c" : "d") e " + "\(x)."); // "no""# + "\n" + #"g("\u{41}\"")"#)
        #expect(strings.map(\.template) == ["A {1} e {2}.", "c", "d", "A\""])
        let said = swiftStrings(
            in:
                #"s.say(Screen([v.say(b ? "A" : "B \(c("no")) " + "C"), w["no"]], [.init(say("D"), data: "no")]), to: "E")"#
                + #"; essay("no"); let x = "no""#)
        #expect(said.filter(\.isSaid).map(\.template) == ["A", "B {1} C", "D", "E"])
    }

    @Test func `every sentence for clients has a translation`() {
        var missing: [String] = []
        for source in Self.sources where !Self.operators.contains(where: source.place.hasPrefix) {
            for string in source.strings
            where Self.isToBeTold(string, in: source) && !Self.isLogged(string, in: source) {
                let text = string.template
                if Self.catalogue.sentences[text] == nil, !Self.inFiles.contains(text) {
                    missing.append("\(source.place): \(text)")
                }
            }
        }
        #expect(missing == [], "add these to Sources/Words/words.json")
    }

    @Test func `every entry is a sentence of the sources`() {
        let literals = Set(Self.sources.flatMap { $0.strings.map(\.template) } + Self.composed)
        #expect(Self.catalogue.sentences.keys.filter { !literals.contains($0) }.sorted() == [])
        let words = Set(Self.sources.flatMap { $0.text.split { !$0.isLetter }.map(String.init) })
        let unused = Self.catalogue.tables.values.flatMap(\.keys).filter { key in
            let small = key.prefix(1).lowercased() + key.dropFirst()
            return !literals.contains(key) && !literals.contains(small) && !words.contains(key)
        }
        #expect(unused.sorted() == [])
    }

    @Test func `every entry is in all languages, with all of its values`() {
        for (key, texts) in Self.catalogue.sentences {
            let holes = Set(1..<(Template(key).holes + 1))
            for (language, letters) in [("ru", "а"..."я"), ("ko", "가"..."힣")] {
                let text = texts[language] ?? ""
                #expect(Phrase(text).holes == holes, "\(language): \(key)")
                #expect(text.lowercased().contains { letters.contains(String($0)) }, "\(language): \(key)")
            }
        }
        for (name, table) in Self.catalogue.tables {
            for (key, texts) in table {
                for language in ["ru", "ko"] {
                    #expect(texts[language]?.isEmpty == false, "\(name): \(key)")
                    #expect(Phrase(texts[language] ?? "").holes.isSubset(of: 1..<(Template(key).holes + 1)), "\(key)")
                }
            }
        }
    }

    @Test func `every table that an entry names is there, and plural forms are three in Russian and none in Korean`() {
        let all = [Self.catalogue.sentences] + Self.catalogue.tables.values
        for (language, text) in all.flatMap({ $0.values.flatMap { $0.map { ($0.key, $0.value) } } }) {
            for piece in Phrase(text).pieces {
                switch piece {
                case .translated(_, let table):
                    #expect(table == "sentence" || Self.catalogue.tables[table] != nil, "\(text)")
                case .form(_, let forms): #expect(language == "ru" && forms.count == 3, "\(text)")
                case .text(let text): #expect(!text.contains(/\{\d/), "\(text)")
                case .value: break
                }
            }
        }
    }

    @Test func `every sentence is known again when values stand in it`() throws {
        let words = try Words.standard()
        for key in Self.catalogue.sentences.keys {
            let template = Template(key)
            guard !template.pieces.dropFirst().dropLast().contains([]) else { continue }
            let values = (0..<template.holes).map { "№\($0)" }
            var text = key
            for (number, value) in values.enumerated() { text = text.replacing("{\(number + 1)}", with: value) }
            let found = try #require(words.match(text), "\(text)")
            #expect(found.key == key)
            #expect(found.values == values, "\(key)")
            for language in [Language.russian, .korean] {
                let said = words.say(text, in: language)
                for value in values { #expect(said.contains(value), "\(key)") }
            }
        }
    }
}

/// `words.json` as it is written.
private struct Raw: Decodable {
    let sentences: [String: [String: String]]
    let tables: [String: [String: [String: String]]]

    static func read() throws -> Raw {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try JSONDecoder().decode(
            Raw.self, from: Data(contentsOf: root.appendingPathComponent("Sources/Words/words.json")))
    }
}
