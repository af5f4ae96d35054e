// Keeps the server's own paths out of sentences that clients read.

internal import Errors
internal import Foundation
internal import Inference
package import WorkerProtocol

/// Puts words for the files of one order where sentences name their places on the server's disk.
///
/// Files of jobs lie under their clients' names (`…/source/me.jpg`), so these names are kept; the names of inspected
/// files are the server's own, so these become “the file”.
package struct PathVeil: Sendable {
    /// What is looked for, longest first, and what stands for it: a name in quotes, or words.
    private let places: [(place: String, name: String?, words: String)]

    /// For an order of work.
    package init(_ order: WorkOrder) {
        var places: [(String, String?, String)] = [
            ("\(order.folder)/", nil, ""), (order.folder, nil, "the job's folder"),
        ]
        let inputs =
            order.sourcePaths.map { ($0, "the source") }
            + [order.voicePath].compactMap(\.self).map { ($0, "the voice") }
            + [(order.targetPath, "the target")]
        for (path, words) in inputs {
            let name = Self.last(path)
            places.append((path, name, words))
            // Where the link leads.
            let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            guard real != path else { continue }
            places.append((real, name, words))
            if Self.last(real) != name { places.append((Self.last(real), name, words)) }
        }
        for name in ["result.mp4", "result.jpg", "result.png", "result.webp"] {
            places.append(("\(order.folder)/\(name)", nil, "the result"))
        }
        self.init(places)
    }

    /// For an inspection.
    package init(_ order: InspectOrder) { self.init(path: order.path, folder: order.folder) }

    /// For an order about one file, which may write to a folder.
    package init(path: String, folder: String?) {
        var places: [(String, String?, String)] = []
        if let folder { places = [("\(folder)/", nil, ""), (folder, nil, "the folder")] }
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        for path in Set([path, real]) {
            places.append((path, nil, "the file"))
            places.append((Self.last(path), nil, "the file"))
        }
        self.init(places)
    }

    private init(_ places: [(String, String?, String)]) {
        self.places = places.filter { $0.0.count > 3 }.sorted { $0.0.count > $1.0.count }
    }

    /// The error with other words; its cause, which only logs see, stays.
    package func covered(_ error: any Error) -> any Error {
        guard let error = error as? MasqueError else { return error }
        var message = error.message
        // A runtime's own words tell of its insides and the server's places, and nothing that a client could mend.
        if error.cause is RuntimeMessage, let colon = message.range(of: ": ") {
            let reason = "the server's log says why"
            message = String(message[..<colon.upperBound]) + reason + "."
        }
        return MasqueError(
            error.code, covered(message), advice: error.advice.map { covered($0) }, cause: error.cause)
    }

    /// The sentence with other words.
    package func covered(_ sentence: String) -> String {
        var text = sentence
        for (number, entry) in places.enumerated() where text.contains(entry.place) {
            let quoted = "“\(entry.place)”", mark = "\u{E000}\(number)\u{E001}"
            for noun in ["source", "target", "picture", "video", "file"] where entry.name == nil {
                text = text.replacingOccurrences(of: "\(noun) \(quoted)", with: noun)
            }
            text = text.replacingOccurrences(of: quoted, with: mark)
            text = text.replacingOccurrences(of: entry.place, with: entry.words.isEmpty ? "" : mark)
        }
        for (number, entry) in places.enumerated() {
            let mark = "\u{E000}\(number)\u{E001}", words = entry.name.map { "“\($0)”" } ?? entry.words
            let capital = entry.name == nil ? words.prefix(1).uppercased() + words.dropFirst() : words
            if text.hasPrefix(mark) { text = capital + text.dropFirst(mark.count) }
            for end in [". ", "! ", "? "] { text = text.replacingOccurrences(of: end + mark, with: end + capital) }
            text = text.replacingOccurrences(of: mark, with: words)
        }
        // Whatever else is named by its place, such as a model, keeps its last name; also in the words of a library.
        text = text.replacingOccurrences(
            of: "“/(?:[^”/]+/)+([^”/]+)”", with: "“$1”", options: .regularExpression)
        return text.replacingOccurrences(
            of: "(^|[\\s(:'\"])/(?:[^\\s/”'\"]+/)+([^\\s/”'\"]+)", with: "$1$2", options: .regularExpression)
    }

    private static func last(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }
}
