// masque-bench: measures the parts of Masque against peers in the same run and prints tables.
internal import Errors
internal import Foundation
internal import Inference

@main
struct MasqueBench {
    /// The parts, in the order in which they run. A new part is one more line here.
    static func parts(_ bot: BotPart.Options = BotPart.Options()) -> [any BenchPart] {
        [
            VideoPart(), SizePart(), FacesPart(), PicturesPart(), KernelsPart(), RuntimesPart(), QualityPart(),
            GeneratorsPart(), ClaimsPart(), BotPart(options: bot),
        ]
    }

    static func main() async {
        var arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == BenchChild.flag { return await BenchChild.serve(arguments.dropFirst().first ?? "") }
        func take(_ flag: String) -> Bool {
            defer { arguments.removeAll { $0 == flag } }
            return arguments.contains(flag)
        }
        if take("--help") || take("-h") { return print(usage) }
        let quick = take("--quick"), markdown = take("--markdown")
        /// The value of an option; nil where the option is not there.
        func value(_ flag: String, _ what: String) -> String? {
            guard let i = arguments.firstIndex(of: flag) else { return nil }
            guard i + 1 < arguments.count else {
                stop("\(flag) needs \(what).\n\(usage)", 2)
                return nil
            }
            defer { arguments.removeSubrange(i...(i + 1)) }
            return arguments[i + 1]
        }
        func number(_ flag: String) -> Int? {
            guard let text = value(flag, "a number") else { return nil }
            guard let number = Int(text), number > 0 else {
                stop("\(flag) needs a number above 0.\n\(usage)", 2)
                return nil
            }
            return number
        }
        let document = value("--update", "the name of a document")
        let parts = parts(
            BotPart.Options(users: number("--users"), seconds: number("--seconds"), kills: take("--kill")))
        if let stranger = arguments.first(where: { name in !parts.contains { $0.name == name } }) {
            return stop("There is no part “\(stranger)”.\n\(usage)", 2)
        }
        for part in parts where arguments.isEmpty || arguments.contains(part.name) {
            let circumstances = Machine.circumstances()
            let start = ContinuousClock.now
            /// Prints tables and gives them back as they are put in a document.
            func show(_ tables: String) -> String {
                let seconds = Int(((ContinuousClock.now - start) / .seconds(1)).rounded())
                let text = "\(circumstances)\(quick ? ", --quick" : ""), took \(seconds) s.\n\n\(tables)"
                let section = "## \(part.title) (\(part.name))\n\n\(markdown ? text : aligned(text))\n\n"
                FileHandle.standardOutput.write(Data(section.utf8))
                return text
            }
            do {
                let text = show(try await onEngineThread("bench") { try part.run(quick: quick) })
                if let document { try DocumentTables.replace(part.name, with: text, in: document) }
            } catch let failure as FailedBench {
                _ = show(failure.tables)
                return stop("The part “\(part.name)” failed: \(failure.complaint)", 1)
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
          --users N, --seconds N, --kill
                      of the part “bot”: how many people (500), how long they begin anew (60), and whether the bot
                      is killed in the middle
        Parts: \(parts().map { "\($0.name) (\($0.title))" }.joined(separator: ", "))
        """
    }
}
