// Measuring, when a model is added, on which runtime it runs best.

internal import ArgumentParser
internal import Errors
internal import Foundation
internal import Inference
internal import ModelFiles

/// Whether models that are added are measured.
struct MeasuringOptions: ParsableArguments {
    @Flag(
        name: .customLong("no-measure"),
        help: "Leave it to the first use to measure which runtime runs a model best on this machine.")
    var isOff = false

    /// Files below this size run in a moment whatever runs them.
    private static let least = 16_000_000

    /// Measures those of `names` that are large and says what was chosen, a line each on the error output. Media processes
    /// of a server may read what is kept here and keep nothing themselves. A model that cannot be measured is only said.
    func measure(_ names: [String], in stored: StoredModels) async {
        guard !isOff, let record = try? stored.record() else { return }
        for name in names {
            guard let file = record.model(named: name)?.files.first, file.file.hasSuffix(".onnx"),
                file.bytes >= Self.least
            else { continue }
            let path = stored.url(of: file).path
            do {
                let verdict = try await onEngineThread("masque-measure") {
                    try ModelLoader.measure(path: path, name: name)
                }
                Console.err(Console.plain("\(name): measured. \(verdict.reason)"))
            } catch {
                Console.err(Console.plain("\(name): could not be measured: \(error)"))
            }
        }
    }
}
