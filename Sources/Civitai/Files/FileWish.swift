// Which of a version's files is meant: what the client asked for, else the primary one, safetensors before others.

internal import Foundation

/// What a client asks of the file; nil: anything.
package struct FileWish: Codable, Hashable, Sendable {
    /// `Model`, `VAE`, `Config`, …
    package var type: String?
    /// `SafeTensor`, `PickleTensor`, `GGUF`, …
    package var format: String?
    /// `full` or `pruned`.
    package var size: String?
    /// `fp16`, `fp32`, `bf16`, …
    package var fp: String?
    package var quantType: String?
    /// The file's number.
    package var file: Int?

    package init(
        type: String? = nil, format: String? = nil, size: String? = nil, fp: String? = nil, quantType: String? = nil,
        file: Int? = nil
    ) {
        self.type = type
        self.format = format
        self.size = size
        self.fp = fp
        self.quantType = quantType
        self.file = file
    }

    /// Of the query of a download link, names in small letters.
    ///
    /// - Throws: ``DownloadFailure`` `.wrongLink` for a value that cannot be one.
    init(_ query: [String: String]) throws {
        func word(_ name: String) throws -> String? {
            guard let text = query[name], !text.isEmpty else { return nil }
            return try FileWish.checked(text, name: name)
        }
        type = try word("type")
        format = try word("format")
        size = try word("size")
        fp = try word("fp")
        quantType = try word("quanttype")
        if let text = query["fileid"], !text.isEmpty {
            guard let number = CivitaiLink.number(text) else {
                throw DownloadFailure(
                    .wrongLink, "The link's fileId is no number.", advice: "Leave it out, or copy the link again.")
            }
            file = number
        }
    }

    /// A word of a wish: letters, digits and a few signs.
    ///
    /// - Throws: ``DownloadFailure`` `.wrongLink` naming the field.
    package static func checked(_ text: String, name: String) throws -> String {
        guard (1...40).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy({
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789 _.-".unicodeScalars.contains($0))
            })
        else {
            throw DownloadFailure(
                .wrongLink, "“\(String(text.prefix(40)))” is not a \(name) that a file can have.",
                advice: "Send a word such as SafeTensor, pruned or fp16.")
        }
        return text
    }

    /// The wish in words, for sentences; nil when nothing is asked.
    var words: String? {
        let parts = [type, format, size, fp, quantType, file.map { "number \($0)" }].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// The file of `version` that is meant.
    ///
    /// Without a wish for the type, what goes beside a model (training data, configurations, …) is taken only when there
    /// is nothing else. Safetensors come before other formats, then the primary file before others, then Civitai's order.
    /// - Throws: ``DownloadFailure`` `.notFound` when no file is as asked, naming those there are.
    package func file(of version: CivitaiVersion) throws -> CivitaiFile {
        func fits(_ wanted: String?, _ has: String?) -> Bool {
            wanted == nil || has?.lowercased() == wanted?.lowercased()
        }
        var found = version.files.filter { entry in
            fits(type, entry.type) && fits(format, entry.metadata.format) && fits(size, entry.metadata.size)
                && fits(fp, entry.metadata.fp) && fits(quantType, entry.metadata.quantType)
                && (file == nil || file == entry.id)
        }
        if type == nil, file == nil {
            let main = found.filter { !FileWish.besides.contains($0.type.lowercased()) }
            if !main.isEmpty { found = main }
        }
        let ranked = found.enumerated().min { left, right in
            func rank(_ entry: CivitaiFile) -> Int { (entry.isSafetensors ? 0 : 2) + (entry.primary ? 0 : 1) }
            return (rank(left.element), left.offset) < (rank(right.element), right.offset)
        }
        guard let ranked else {
            let all = version.files.prefix(12).map { entry in
                [entry.type, entry.metadata.format, entry.metadata.size, entry.metadata.fp].compactMap(\.self)
                    .joined(separator: " ") + " (\(entry.id))"
            }
            throw DownloadFailure(
                .notFound, "The version has no file that is \(words ?? "a model").",
                advice: "It has \(all.isEmpty ? "none" : all.joined(separator: "; ")).")
        }
        return ranked.element
    }

    private static let besides: Set<String> = [
        "training data", "config", "archive", "negative", "workflow", "other", "text encoder", "vision encoder",
        "clipvision",
    ]
}

extension CivitaiFile {
    /// Whether it is a safetensors file by both its format and its name.
    var isSafetensors: Bool { FileKind(name: name) == .safetensors }
}
