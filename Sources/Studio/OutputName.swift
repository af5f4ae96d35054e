// The name of an output: as given, in a folder, or from a pattern with {index}, {source} and {target}.

internal import Errors
internal import Foundation
internal import ImageIO
internal import VideoIO

/// An output's name before its swap is known.
///
/// In a pattern `{index}` counts the swaps from 0, `{source}` (FaceFusion's `{source_name}`) and `{target}`
/// (`{target_name}`) are file names without extension, `{target_extension}` is the target's extension with its dot. A
/// folder, told by its being there or by a slash at the end, gets `source-target.extension`.
package struct OutputName: Sendable {
    private let pattern: String

    /// Takes a name, folder or pattern.
    package init(_ pattern: String) { self.pattern = pattern }

    /// The path for one swap.
    ///
    /// - Throws: `.badInput` when the name is empty, holds an unknown `{word}`, or ends in an extension that is neither
    ///   a picture's nor a video's.
    package func path(index: Int, source: String, target: String) throws -> String {
        guard !pattern.isEmpty else {
            throw MasqueError(.badInput, "The name of the output is empty.", advice: "Name a file with -o.")
        }
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: pattern, isDirectory: &isFolder)
        if pattern.hasSuffix("/") || (exists && isFolder.boolValue) {
            let folder = pattern.hasSuffix("/") ? pattern : pattern + "/"
            let before = source.isEmpty ? "" : Self.stem(source) + "-"
            return "\(folder)\(before)\(Self.stem(target)).\(try Self.fittingExtension(for: target))"
        }
        let path = try filled(index: index, source: source, target: target)
        let ending = (path as NSString).pathExtension.lowercased()
        guard (try? PictureFormat(outputPath: path)) != nil || VideoContainer(rawValue: ending) != nil else {
            let said = ending.isEmpty ? "has no extension" : "ends in “.\(ending)”, which Masque does not write"
            throw MasqueError(
                .badInput, "The output “\((path as NSString).lastPathComponent)” \(said).",
                advice: "Use jpg, png or webp for a picture and mp4, mov, m4v, webm, mkv or gif for a video.")
        }
        return path
    }

    private func filled(index: Int, source: String, target: String) throws -> String {
        let words = [
            "index": String(index), "source": Self.stem(source), "source_name": Self.stem(source),
            "target": Self.stem(target), "target_name": Self.stem(target),
            "target_extension": Self.dotted((target as NSString).pathExtension.lowercased()),
        ]
        var result = ""
        var rest = pattern[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            let after = rest[rest.index(after: open)...]
            guard let close = after.firstIndex(of: "}") else {
                rest = rest[open...]
                return result + rest
            }
            let word = String(after[..<close])
            guard let value = words[word] else {
                throw MasqueError(
                    .badInput, "The output's name holds {\(word)}, which means nothing.",
                    advice: "There are {index}, {source}, {target} and {target_extension}.")
            }
            result += value
            rest = after[after.index(after: close)...]
        }
        return result + rest
    }

    private static func stem(_ path: String) -> String {
        ((path as NSString).lastPathComponent as NSString).deletingPathExtension
    }

    private static func dotted(_ ending: String) -> String { ending.isEmpty ? "" : "." + ending }

    /// The target's own extension where Masque writes it, else one that fits the target's content.
    private static func fittingExtension(for target: String) throws -> String {
        let ending = (target as NSString).pathExtension.lowercased()
        if let format = PictureFormat(sniffing: try fileHead(target)) {
            return (try? PictureFormat(outputPath: target)) != nil ? ending : format.fileExtension
        }
        return VideoContainer(rawValue: ending)?.rawValue ?? "mp4"
    }
}
