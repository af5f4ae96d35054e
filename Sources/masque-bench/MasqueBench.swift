// masque-bench: measures the parts of Masque and prints tables. `masque-bench [PART…] [--quick]`; all parts by default.
internal import Errors
internal import Foundation
internal import Inference

@main
struct MasqueBench {
    /// The parts, in the order in which they run. A new part is one more line here.
    static let parts: [any BenchPart] = [RuntimesPart()]

    static func main() async {
        var arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.contains("--help") || arguments.contains("-h") { return print(usage) }
        let quick = arguments.contains("--quick")
        arguments.removeAll { $0 == "--quick" }
        if let stranger = arguments.first(where: { name in !parts.contains { $0.name == name } }) {
            print("There is no part “\(stranger)”.\n\(usage)")
            exit(2)
        }
        for part in parts where arguments.isEmpty || arguments.contains(part.name) {
            do {
                let text = try await onEngineThread("bench") { try part.run(quick: quick) }
                print("## \(part.title)\n\n\(text)\n")
            } catch {
                print("The part “\(part.name)” failed: \(error)")
                exit((error as? MasqueError)?.code.exitCode ?? 1)
            }
        }
    }

    private static var usage: String {
        "masque-bench [PART…] [--quick]\nParts: " + parts.map { "\($0.name) (\($0.title))" }.joined(separator: ", ")
    }
}
