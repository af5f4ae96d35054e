// How models are run.

internal import ArgumentParser
internal import Errors
internal import Inference

extension ExecutionPolicy.Provider: ExpressibleByArgument {}
extension ExecutionPolicy.MemoryStrategy: ExpressibleByArgument {}

/// Options of what computes and how much of the machine it takes.
struct ExecutionOptions: ParsableArguments {
    @Option(
        name: [.customLong("provider"), .customLong("execution-providers")],
        help: ArgumentHelp("What runs the models; cuda needs `scripts/setup --cuda`.", valueName: "provider"))
    var provider = ExecutionPolicy.Provider.cpu

    @Option(
        name: [.customLong("threads"), .customLong("execution-thread-count")],
        help: ArgumentHelp("Threads for one run of a large model; all cores if left out.", valueName: "n"))
    var threads: Int?

    @Option(
        name: [.customLong("memory"), .customLong("video-memory-strategy")],
        help: ArgumentHelp("How much memory models keep between runs.", valueName: "strategy"))
    var memory = ExecutionPolicy.MemoryStrategy.tolerant

    /// The policy that the options describe.
    ///
    /// - Throws: ``MasqueError`` `.badInput` for a number of threads outside 1…256.
    func policy() throws -> ExecutionPolicy {
        var policy = ExecutionPolicy(provider: provider, memory: memory)
        if let threads {
            guard (1...256).contains(threads) else {
                throw MasqueError(.badInput, "The number of threads \(threads) is outside 1 to 256.")
            }
            policy.threads = threads
        }
        return policy
    }
}
