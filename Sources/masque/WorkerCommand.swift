// `masque worker`: a media process, started by `masque serve`.

internal import ArgumentParser
internal import Errors
internal import Foundation
internal import Inference
internal import JobHandlers
internal import ModelFiles

/// Does orders that come on its input, confined so that hostile media gains nothing.
///
/// Not asynchronous: the sandbox must be entered on the main thread before any other thread runs.
struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Do media work for “masque serve”, which starts this by itself.",
        discussion: """
            Reads orders as lines of JSON and answers likewise. With --self-test it tries what its sandbox should \
            refuse and says what came of it.
            """)

    enum LaneName: String, ExpressibleByArgument, CaseIterable { case image, video }

    @Option(help: "The queue it works for; shown in process lists.")
    var lane = LaneName.image

    @Option(help: ArgumentHelp("A folder it may write to; several times for several.", valueName: "folder"))
    var writable: [String] = []

    @Option(help: ArgumentHelp("A folder or file it may read; several times for several.", valueName: "path"))
    var readable: [String] = []

    @Option(help: ArgumentHelp("Bytes of private memory; 0 for no bound.", valueName: "bytes"))
    var memoryLimit: UInt64 = 6 << 30

    @Option(help: ArgumentHelp("Bytes of the largest file it may write.", valueName: "bytes"))
    var fileLimit: UInt64 = 8 << 30

    @Option(help: ArgumentHelp("Open files.", valueName: "n"))
    var openFiles: UInt64 = 256

    @Option(help: ArgumentHelp("How far it stands back behind others, 0 to 19.", valueName: "n"))
    var nice: Int32 = 0

    @Option(help: ArgumentHelp("The process whose end ends this one.", valueName: "pid"))
    var parent: Int32?

    @Flag(help: "Try what the sandbox should refuse, print it as JSON, and end with 0 if it holds.")
    var selfTest = false

    @Option(
        help: ArgumentHelp(
            "A file that the self-test must not be able to read; several times for several.", valueName: "path"))
    var outside = ["/etc/passwd"]

    @Flag(help: .private)
    var selfTestMount = false

    @OptionGroup(title: "Execution") var execution: ExecutionOptions

    func run() throws {
        // What does not exist cannot be let in, and the operator may add models later.
        try? FileManager.default.createDirectory(at: StoredModels().folder, withIntermediateDirectories: true)
        var sandbox = Sandbox()
        sandbox.parent = parent
        sandbox.writable = writable
        sandbox.readable = readable
        sandbox.memoryLimit = memoryLimit == 0 ? nil : memoryLimit
        sandbox.fileLimit = fileLimit
        sandbox.openFileLimit = openFiles
        sandbox.niceLevel = nice
        sandbox.usesGPU = execution.provider == .cuda
        let state = try sandbox.enter()
        if selfTestMount { SandboxSelfTest.mount() }
        if selfTest { return try test(sandbox, state) }
        for gap in state.gaps { Console.err(gap) }
        let abilities = Abilities()
        let handler = OrderHandler(abilities: abilities, policy: try execution.policy())
        try WorkerLoop(handler: handler, abilities: abilities).run()
        WorkerLoop.end(0)
    }

    private func test(_ sandbox: Sandbox, _ state: Sandbox.State) throws {
        let test = SandboxSelfTest(sandbox, state: state, outside: outside)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        Console.out(String(decoding: try encoder.encode(test), as: UTF8.self))
        if !test.passed { throw ExitCode(1) }
    }
}
