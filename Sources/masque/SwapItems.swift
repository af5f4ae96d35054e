// Which swaps a command line asks for: its files and patterns as a list of sources, target and output.

internal import Errors
internal import Files
internal import Studio

/// The swaps of one command.
struct SwapItems {
    /// One swap's files.
    struct Item {
        let sources: [String]
        let target: String
        let output: String
    }

    let list: [Item]
    /// Whether patterns were given, so that one failure must not stop the rest.
    let isBatch: Bool

    /// Reads the files and patterns.
    ///
    /// - Parameter takesSources: whether pictures of people come before the target.
    /// - Throws: `.badInput` when something is missing, a pattern matches nothing or two swaps would write one file.
    init(files: [String], sources: String?, targets: String?, output: String, takesSources: Bool = true) throws {
        isBatch = sources != nil || targets != nil
        let pairs =
            takesSources
            ? try Self.pairs(files: files, sources: sources, targets: targets)
            : try Self.targets(files: files, sources: sources, targets: targets)
        let name = OutputName(output)
        let list = try pairs.enumerated().map { index, pair in
            let path = try name.path(index: index, source: pair.sources.first ?? "", target: pair.target)
            return Item(sources: pair.sources, target: pair.target, output: path)
        }
        var seen: [String: Item] = [:]
        for item in list {
            if let other = seen.updateValue(item, forKey: item.output) {
                throw MasqueError(
                    .badInput,
                    "The swaps into “\(other.target)” and “\(item.target)” would both write “\(item.output)”.",
                    advice: "Put {index}, {source} or {target} into the output's name.")
            }
        }
        self.list = list
    }

    /// Targets alone: a file, or many by a pattern.
    private static func targets(
        files: [String], sources: String?, targets: String?
    ) throws -> [(sources: [String], target: String)] {
        if sources != nil {
            throw MasqueError(
                .badInput, "These processors put nobody's face in, so --sources means nothing.",
                advice: "Leave it out, or add face_swapper to --processors.")
        }
        if let targets {
            guard files.isEmpty else {
                throw MasqueError(
                    .badInput, "“\(files[0])” comes beside --targets.",
                    advice: "Put patterns into quotes, so that the shell leaves them alone.")
            }
            return try matches(targets, "--targets").map { ([], $0) }
        }
        guard let target = files.first else { throw missing("target", "--targets") }
        guard files.count == 1 else {
            throw MasqueError(
                .badInput, "These processors put nobody's face in, and \(files.count) files are named.",
                advice: "Name the target alone, or many with --targets.")
        }
        return [([], target)]
    }

    private static func pairs(
        files: [String], sources: String?, targets: String?
    ) throws -> [(sources: [String], target: String)] {
        switch (sources, targets) {
        case (nil, nil):
            guard let target = files.last, files.count >= 2 else {
                let message = files.isEmpty ? "There is no source and no target." : "There is no target."
                throw MasqueError(
                    .badInput, message,
                    advice: "Name the source pictures and then the target: masque swap me.jpg party.mp4 -o out.mp4.")
            }
            return [(Array(files.dropLast()), target)]
        case (let sources?, nil):
            guard !files.isEmpty else { throw missing("target", "--targets") }
            return product(try matches(sources, "--sources").map { [$0] }, files)
        case (nil, let targets?):
            guard !files.isEmpty else { throw missing("source", "--sources") }
            return product([files], try matches(targets, "--targets"))
        case (let sources?, let targets?):
            guard files.isEmpty else {
                throw MasqueError(
                    .badInput,
                    "“\(files[0])” is neither a source nor a target, as both --sources and --targets are given.",
                    advice: "Put patterns into quotes, so that the shell leaves them alone.")
            }
            return product(
                try matches(sources, "--sources").map { [$0] }, try matches(targets, "--targets"))
        }
    }

    private static func product(_ sources: [[String]], _ targets: [String]) -> [(sources: [String], target: String)] {
        sources.flatMap { source in targets.map { (source, $0) } }
    }

    private static func matches(_ pattern: String, _ option: String) throws -> [String] {
        let files = filesMatching(pattern)
        guard !files.isEmpty else {
            throw MasqueError(.badInput, "No file matches “\(pattern)” of \(option).", advice: "Check the pattern.")
        }
        return files
    }

    private static func missing(_ role: String, _ option: String) -> MasqueError {
        MasqueError(.badInput, "There is no \(role).", advice: "Name one, or many with \(option).")
    }
}
