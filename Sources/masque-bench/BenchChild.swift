// Work in a process of its own, so that its memory and processor time are its alone.
internal import Errors
internal import Faces
internal import Foundation
internal import Inference
internal import Studio
internal import Synchronization
internal import VideoIO

/// What a child does.
struct ChildJob: Codable {
    enum Kind: String, Codable {
        /// A swap by the engine.
        case swap
        /// Our reader and our writer, nothing between.
        case reencode
        /// Our reader alone.
        case decode
        /// Runs of the graph `swapper`, whose file is the target.
        case model
        /// The same as FaceFusion runs it: ONNX Runtime, nothing measured.
        case peer
    }
    var kind: Kind
    /// The source picture of a swap.
    var source = ""
    var target: String
    var output = ""
    /// Every face of the target instead of the first person's.
    var many = false
    /// The processors of a swap, by name with commas between; nil: the built-in swap.
    var processors: String?
    /// The published swapper.
    var swapper: String?
    /// How often it is done in one process.
    var times = 1
}

/// What one run in a child took.
struct ChildRun: Codable {
    /// What the engine says of a swap.
    var report: MediaReport?
    var frames: Int
    /// Wall seconds.
    var seconds: Double
    /// Processor seconds of all threads.
    var processorSeconds: Double
    /// Processor seconds from the first frame written on; of a video swap.
    var pipelineProcessorSeconds: Double?
    /// Wall seconds from the first frame written on; of a video swap.
    var pipelineSeconds: Double?
    /// Of them, those during which an inference runtime ran.
    var runtimeSeconds: Double?
    /// And those of each model's runs.
    var modelSeconds: [String: Double]?
    /// Wall seconds until the first frame was written in which a model was verified or loaded.
    var loadingSeconds: Double?
}

/// All that a child says.
struct ChildResult: Codable {
    var runs: [ChildRun]
    var peakBytes: Int
    /// The most memory of its own.
    var peakAnonymousBytes = 0
    /// Seconds for loading a graph.
    var loadingSeconds: Double?
    /// From the start of the process to its end, as the parent saw it.
    var wholeSeconds = 0.0
}

/// Runs jobs in children of this process.
enum BenchChild {
    /// The first argument of a child.
    static let flag = "--child"

    /// Runs a job in a new process of this program and waits for it.
    static func run(_ job: ChildJob) throws -> ChildResult {
        let argument = String(decoding: try JSONEncoder().encode(job), as: UTF8.self)
        let start = ContinuousClock.now
        let output = try output(of: "/proc/self/exe", [flag, argument])
        do {
            var result = try JSONDecoder().decode(ChildResult.self, from: output)
            result.wholeSeconds = (ContinuousClock.now - start) / .seconds(1)
            return result
        } catch {
            throw MasqueError(.failed, "A child of the bench did not say what it measured.", cause: error)
        }
    }

    /// Runs a program and returns what it prints.
    ///
    /// - Throws: ``MasqueError`` `.failed` when it ends with another code than 0.
    @discardableResult
    static func output(of program: String, _ arguments: [String]) throws -> Data {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program).resolvingSymlinksInPath()
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw MasqueError(.failed, "“\(program)” ended with code \(process.terminationStatus) in the bench.")
        }
        return data
    }

    /// The child's side: does the job and prints what it took.
    static func serve(_ argument: String) async {
        do {
            let job = try JSONDecoder().decode(ChildJob.self, from: Data(argument.utf8))
            var runs: [ChildRun] = []
            let engine = Engine()
            let watch = MemoryWatch()
            if job.kind == .model || job.kind == .peer {
                var result = try await onEngineThread("bench") { try model(job) }
                result.peakAnonymousBytes = watch.end()
                return print(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
            }
            for _ in 0..<max(1, job.times) {
                switch job.kind {
                case .swap: runs.append(try await swap(job, engine))
                case .reencode, .decode, .model, .peer: runs.append(try await onEngineThread("bench") { try copy(job) })
                }
            }
            let result = ChildResult(
                runs: runs, peakBytes: Machine.peakBytes, peakAnonymousBytes: watch.end())
            print(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    private static func swap(_ job: ChildJob, _ engine: Engine) async throws -> ChildRun {
        var request = MediaRequest(sources: [job.source], target: job.target, output: job.output)
        request.overwrite = true
        if job.many { request.selector.mode = .many }
        if let processors = job.processors {
            let choices = ProcessorChoices(job.swapper.map { ["face_swapper_model": $0] } ?? [:])
            request.processors = try ProcessorStep.names([processors]).map { try ProcessorStep($0, choices: choices) }
        }
        let first = Mutex<(now: ContinuousClock.Instant, processor: Double, clock: RuntimeClock.Reading)?>(nil)
        let before = RuntimeClock.read()
        let start = ContinuousClock.now, processorBefore = Machine.processorSeconds
        let report = try await engine.process(request) { progress in
            guard progress.stage == .swapping, progress.frame > 0 else { return }
            first.withLock { $0 = $0 ?? (.now, Machine.processorSeconds, RuntimeClock.read()) }
        }
        let end = ContinuousClock.now, processor = Machine.processorSeconds
        let begin = first.withLock { $0 }
        let inside = begin.map { RuntimeClock.read().since($0.clock) }
        return ChildRun(
            report: report, frames: report.frames, seconds: (end - start) / .seconds(1),
            processorSeconds: processor - processorBefore,
            pipelineProcessorSeconds: begin.map { processor - $0.processor },
            pipelineSeconds: begin.map { (end - $0.now) / .seconds(1) },
            runtimeSeconds: inside.map { $0.running / .seconds(1) },
            modelSeconds: inside.map { $0.models.mapValues { $0 / .seconds(1) } },
            loadingSeconds: begin.map { $0.clock.since(before).loading / .seconds(1) })
    }

    /// Loads a graph as the engine does and runs it.
    private static func model(_ job: ChildJob) throws -> ChildResult {
        let begin = ContinuousClock.now
        let name = job.swapper ?? ""
        let session: any InferenceSession =
            job.kind == .model
            ? try ModelLibrary.shared.session(name)
            : try ModelLoader.load(
                path: job.target, name: name,
                policy: ExecutionPolicy(threads: 2, backend: .onnxRuntime, spinning: true))
        let loading = (ContinuousClock.now - begin) / .seconds(1)
        let inputs = BackendChoice.probe(for: session)
        _ = try session.run(inputs)
        let runs = try (0..<max(1, job.times)).map { _ in
            let start = ContinuousClock.now, before = Machine.processorSeconds
            _ = try session.run(inputs)
            return ChildRun(
                frames: 1, seconds: (ContinuousClock.now - start) / .seconds(1),
                processorSeconds: Machine.processorSeconds - before)
        }
        return ChildResult(runs: runs, peakBytes: Machine.peakBytes, loadingSeconds: loading)
    }

    /// Decodes, and encodes on a second thread as the swap's pipeline does.
    private static func copy(_ job: ChildJob) throws -> ChildRun {
        let start = ContinuousClock.now, before = Machine.processorSeconds
        let reader = try VideoReader(path: job.target)
        var frames = 0
        if job.kind == .decode {
            try reader.prepare()
            while try reader.next() != nil { frames += 1 }
        } else {
            let options = try EncodeOptions(container: VideoContainer(path: job.output))
            try reader.prepare(for: options)
            let writer = try VideoWriter(path: job.output, source: reader.source, options: options)
            let queue = BoundedQueue<VideoFrame>(capacity: 4)
            let ended = DispatchSemaphore(value: 0)
            let thread = Thread {
                do {
                    while let frame = try reader.next() { try queue.push(frame) }
                    queue.close()
                } catch {
                    queue.cancel(error)
                }
                ended.signal()
            }
            thread.start()
            while let frame = try queue.pop() { try writer.write(frame) }
            ended.wait()
            frames = try writer.finish().frames
        }
        return ChildRun(
            frames: frames, seconds: (ContinuousClock.now - start) / .seconds(1),
            processorSeconds: Machine.processorSeconds - before)
    }
}
