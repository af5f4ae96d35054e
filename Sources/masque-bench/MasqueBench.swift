// masque-bench: measures the parts of Masque against peers in the same run and prints tables.
internal import Errors
internal import Foundation
internal import Inference

@main
struct MasqueBench {
    /// The parts, in the order in which they run. A new part is one more line here.
    static let parts: [any BenchPart] = [
        VideoPart(), SizePart(), FacesPart(), PicturesPart(), KernelsPart(), RuntimesPart(), QualityPart(),
        GeneratorsPart(), ClaimsPart(),
    ]

    static func main() async {
        var arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == BenchChild.flag { return await BenchChild.serve(arguments.dropFirst().first ?? "") }
        func take(_ flag: String) -> Bool {
            defer { arguments.removeAll { $0 == flag } }
            return arguments.contains(flag)
        }
        if take("--help") || take("-h") { return print(usage) }
        let quick = take("--quick"), markdown = take("--markdown")
        var document: String?
        if let i = arguments.firstIndex(of: "--update") {
            guard i + 1 < arguments.count else { return stop("--update needs the name of a document.\n\(usage)", 2) }
            document = arguments[i + 1]
            arguments.removeSubrange(i...(i + 1))
        }
        if let stranger = arguments.first(where: { name in !parts.contains { $0.name == name } }) {
            return stop("There is no part “\(stranger)”.\n\(usage)", 2)
        }
        for part in parts where arguments.isEmpty || arguments.contains(part.name) {
            do {
                let circumstances = Machine.circumstances()
                let start = ContinuousClock.now
                let tables = try await onEngineThread("bench") { try part.run(quick: quick) }
                let seconds = Int(((ContinuousClock.now - start) / .seconds(1)).rounded())
                let text = "\(circumstances)\(quick ? ", --quick" : ""), took \(seconds) s.\n\n\(tables)"
                let section = "## \(part.title) (\(part.name))\n\n\(markdown ? text : aligned(text))\n\n"
                FileHandle.standardOutput.write(Data(section.utf8))
                if let document { try DocumentTables.replace(part.name, with: text, in: document) }
            } catch {
                return stop(
                    "The part “\(part.name)” failed: \(error)", (error as? MasqueError)?.code.exitCode ?? 1)
            }
        }
    }

    private static func stop(_ message: String, _ code: Int32) {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(code)
    }

    private static var usage: String {
        """
        masque-bench [PART…] [--quick] [--markdown] [--update DOCUMENT]
          --quick     fewer frames and repetitions, for a look
          --markdown  print the tables as Markdown
          --update    also put the tables between their markers in a Markdown document
        Parts: \(parts.map { "\($0.name) (\($0.title))" }.joined(separator: ", "))
        """
    }
}
