// The form of a list of models: YAML, checked so that a mistake is named with its file and model.

internal import Errors
internal import Foundation
internal import ModelFiles
internal import Yams

/// What a list file says.
struct CatalogueFile: Decodable {
    struct Publisher: Decodable, Sendable {
        /// Patterns with `{release}` and `{file}`.
        var urls: [String]
        /// The name of the file that holds a file's CRC-32; `{name}` is the file's name without its ending.
        var checksum: String?
    }
    struct Licences: Decodable {
        var commercial: [String]?
        var nonCommercial: [String]?
        enum CodingKeys: String, CodingKey {
            case commercial
            case nonCommercial = "non-commercial"
        }
    }
    struct Defaults: Decodable {
        var publisher: String?
        var release: String?
        var licence: String?
        var role: String?
    }
    struct File: Decodable {
        var file: String
        var bytes: Int?
        var sha256: String?
        var crc32: String?
        var urls: [String]?
        var checksum: String?
    }
    struct Entry: Decodable {
        var name: String
        var role: String?
        var licence: String?
        var commercial: CatalogueModel.Commercial?
        var by: String?
        var publisher: String?
        var release: String?
        var needs: [String]?
        var files: [File]?
        // A model of one file may state these by itself.
        var bytes: Int?
        var sha256: String?
        var crc32: String?
        var urls: [String]?
    }

    var version: Int
    var publishers: [String: Publisher]?
    var processors: [String: [String]]?
    var licences: Licences?
    var defaults: Defaults?
    var models: [Entry]?

    static func read(_ text: String, place: String) throws -> CatalogueFile {
        let list: CatalogueFile
        do {
            list = try YAMLDecoder().decode(CatalogueFile.self, from: text)
        } catch {
            throw bad(place, "cannot be understood (\(reason(error)))", cause: error)
        }
        guard list.version == 1 else { throw bad(place, "has the version \(list.version); 1 is known") }
        return list
    }

    static func bad(_ place: String, _ what: String, cause: (any Error)? = nil) -> MasqueError {
        MasqueError(
            .badInput, "The list of models \(place) \(what).", advice: "docs/models.md describes the form.",
            cause: cause)
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context): "no “\(key.stringValue)” in \(path(context))"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            context.codingPath.isEmpty ? "it is no YAML" : "wrong value of \(path(context))"
        default: "it is no YAML"
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        let words = context.codingPath.map { $0.intValue.map { "entry \($0 + 1)" } ?? $0.stringValue }
        return words.isEmpty ? "the list" : words.joined(separator: ", ")
    }
}

extension CatalogueFile.Entry {
    /// The model, all patterns filled in.
    func model(
        defaults: CatalogueFile.Defaults?, publishers: [String: CatalogueFile.Publisher],
        licences: [String: CatalogueModel.Commercial], place: String
    ) throws -> CatalogueModel {
        func bad(_ what: String) -> MasqueError { CatalogueFile.bad(place, "is wrong about “\(name)” (\(what))") }
        guard StoredModels.isPlainName(name), !name.contains(" ") else { throw bad("that is no good name") }
        guard !StoredModels.builtIn.contains(name) else { throw bad("that is the name of a built-in model") }
        let list =
            files ?? [
                CatalogueFile.File(file: "\(name).onnx", bytes: bytes, sha256: sha256, crc32: crc32, urls: urls)
            ]
        guard !list.isEmpty, Set(list.map(\.file)).count == list.count else {
            throw bad("it needs files, each with a name of its own")
        }
        var publisher: CatalogueFile.Publisher?
        if let named = self.publisher ?? (urls == nil ? defaults?.publisher : nil) {
            guard let known = publishers[named] else { throw bad("“\(named)” is no known publisher") }
            publisher = known
        }
        let release = release ?? defaults?.release ?? ""
        let found = try list.map { file in
            guard StoredModels.isFileName(file.file) else {
                throw bad("“\(file.file)” is no good file name")
            }
            for (digest, count) in [(file.sha256, 64), (file.crc32, 8)] {
                guard digest.map({ $0.count == count && $0.allSatisfy(\.isHexDigit) }) ?? true else {
                    throw bad("“\(digest ?? "")” is no checksum")
                }
            }
            func address(_ pattern: String, _ file: String) throws -> URL {
                let text = pattern.replacingOccurrences(of: "{release}", with: release)
                    .replacingOccurrences(of: "{file}", with: file)
                guard let url = URL(string: text), ["https", "http", "file"].contains(url.scheme?.lowercased()) else {
                    throw bad("“\(text)” is no web address")
                }
                return url
            }
            let patterns = file.urls ?? publisher?.urls ?? []
            var checksums: [URL] = []
            if let checksum = file.checksum ?? (file.urls == nil ? publisher?.checksum : nil) {
                let stem = file.file.lastIndex(of: ".").map { String(file.file[..<$0]) } ?? file.file
                let beside = checksum.replacingOccurrences(of: "{name}", with: stem)
                checksums = try patterns.map {
                    try $0.contains("{file}")
                        ? address($0, beside)
                        : address($0, file.file).deletingLastPathComponent().appending(path: beside)
                }
            }
            return CatalogueModel.File(
                file: file.file, bytes: file.bytes, sha256: file.sha256?.lowercased(), crc32: file.crc32?.lowercased(),
                urls: try patterns.map { try address($0, file.file) }, checksumURLs: checksums)
        }
        let licence = licence ?? defaults?.licence ?? "unknown"
        return CatalogueModel(
            name: name, role: role ?? defaults?.role ?? "other", licence: licence,
            commercial: commercial ?? licences[licence] ?? .unknown, maker: by, files: found, needs: needs ?? [])
    }
}
