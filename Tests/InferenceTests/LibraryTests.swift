// The library loads once, checks files, reports failures and lets go of models.
import Errors
import Foundation
import Inference
import ModelFiles
import Synchronization
import Testing

@Suite struct LibraryTests {
    /// A session that answers nothing; made to be counted.
    private final class Silent: InferenceSession {
        let inputs: [TensorSpec] = []
        let outputs: [TensorSpec] = []
        let backend = "none"
        func run(_ inputs: [String: Tensor], outputs: [String]) throws -> [Tensor] { [] }
    }

    private static func identity(_ session: any InferenceSession) -> ObjectIdentifier {
        ObjectIdentifier(session as AnyObject)
    }

    /// Runs `body` on `count` threads that start together, and returns what each gave.
    private func together<T: Sendable>(
        _ count: Int, _ body: @Sendable @escaping (Int) throws -> T
    ) async -> [Result<T, any Error>] {
        await withTaskGroup(of: Result<T, any Error>.self) { group in
            for index in 0..<count {
                group.addTask {
                    do {
                        return .success(try await onEngineThread("asker \(index)") { try body(index) })
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func `sixteen threads that ask at once load a model once and share it`() async throws {
        let library = ModelLibrary { _, _ in
            Thread.sleep(forTimeInterval: 0.1)
            return Silent()
        }
        let results = await together(16) { _ in try library.session("a") }
        let sessions = try results.map { try $0.get() }
        #expect(Set(sessions.map(Self.identity)).count == 1)
        #expect(library.loadCount == 1)
        _ = try library.session("a", policy: ExecutionPolicy(threads: 1))
        _ = try library.session("b")
        #expect(library.loadCount == 3)
    }

    @Test func `a failed load is reported to all who wait, and the next ask tries again`() async throws {
        let fails = Mutex(true)
        let library = ModelLibrary { _, _ in
            Thread.sleep(forTimeInterval: 0.1)
            if fails.withLock({ $0 }) { throw MasqueError(.damagedModel, "It is damaged.") }
            return Silent()
        }
        let results = await together(8) { _ in _ = try library.session("a") }
        for result in results {
            let error = #expect(throws: MasqueError.self) { try result.get() }
            #expect(error?.code == .damagedModel)
        }
        #expect(library.loadCount == 1)
        fails.withLock { $0 = false }
        _ = try library.session("a")
        #expect(library.loadCount == 2)
    }

    @Test func `idle models are let go of as their memory strategy says`() throws {
        let library = ModelLibrary { _, _ in Silent() }
        let strict = ExecutionPolicy(memory: .strict)
        let moderate = ExecutionPolicy(memory: .moderate)
        let tolerant = ExecutionPolicy(memory: .tolerant)

        _ = try library.session("a", policy: strict)
        _ = try library.session("a", policy: strict)
        #expect(library.loadCount == 2, "strict keeps nothing that nobody uses")

        _ = try library.session("a", policy: moderate)
        library.unloadIdle(olderThan: .seconds(60))
        _ = try library.session("a", policy: moderate)
        #expect(library.loadCount == 3, "moderate keeps what was asked for lately")
        library.unloadIdle(olderThan: .zero)
        let used = try library.session("a", policy: moderate)
        #expect(library.loadCount == 4, "and lets go of the rest")

        _ = try library.session("a", policy: tolerant)
        library.unloadIdle(olderThan: .zero)
        _ = try library.session("a", policy: tolerant)
        #expect(library.loadCount == 5, "tolerant keeps all")

        let again = try library.session("a", policy: moderate)
        #expect(Self.identity(again) == Self.identity(used), "what is in use is handed out again")
        #expect(library.loadCount == 5)
        library.unloadIdle(all: true)
        _ = try library.session("a", policy: tolerant)
        #expect(library.loadCount == 6)
    }

    @Test(arguments: ExecutionPolicy.MemoryStrategy.allCases)
    func `a model runs under every memory strategy`(memory: ExecutionPolicy.MemoryStrategy) throws {
        let policy = ExecutionPolicy(memory: memory, backend: .onnxRuntime)
        let session = try Fixtures.session("convolutions", policy)
        let input = Tensor.float32(Fixtures.noise(3 * 20 * 20), shape: [1, 3, 20, 20])
        let first = try session.run(input)[0].floats
        #expect(first?.count == 800)
        #expect(try session.run(input)[0].floats == first)
    }

    @Test func `a file is loaded when it is what the manifest says and refused when not`() throws {
        try Fixtures.withFolder { folder in
            let model = try Data(contentsOf: URL(fileURLWithPath: Fixtures.graph("mean")))
            let installation = Installation(cache: folder)
            func refusal() throws -> MasqueError {
                let library = ModelLibrary(installation)
                return try #require(throws: MasqueError.self) { _ = try library.session("mean", policy: Fixtures.onnx) }
            }
            #expect(try refusal().code == .missingModel, "no manifest")

            try FileManager.default.createDirectory(at: installation.models, withIntermediateDirectories: true)
            let list = installation.models.appendingPathComponent("manifest.json")
            try Data("{\"models\": 7".utf8).write(to: list)
            #expect(try refusal().code == .damagedModel, "damaged manifest")

            try Data(
                """
                {"version": 1, "models": [{"id": "mean", "file": "models/mean.onnx", "licence": "own", "note": "more",
                  "sha256": "\(SHA256.hex(model))", "bytes": \(model.count)}]}
                """.utf8
            ).write(to: list)
            let missing = try refusal()
            #expect(missing.code == .missingModel)
            #expect(missing.message.contains("“mean”"))
            #expect(missing.advice?.contains("scripts/setup") == true)

            let file = installation.models.appendingPathComponent("mean.onnx")
            var flipped = model
            flipped[flipped.count - 5] ^= 1
            for damaged in [flipped, model.dropLast(), Data()] {
                try damaged.write(to: file)
                #expect(try refusal().code == .damagedModel)
            }

            try model.write(to: file)
            let runtime = Installation(cache: Fixtures.installation.cache, models: installation.models)
            let session = try ModelLibrary(runtime).session("mean", policy: Fixtures.onnx)
            #expect(try session.run(.float32([1, 2, 6], shape: [3]))[0].floats == [3])
            let unknown = try #require(throws: MasqueError.self) { _ = try ModelLibrary(runtime).session("median") }
            #expect(unknown.code == .missingModel)
        }
    }

    @Test func `the environment says where things lie`() {
        let home = Installation(environment: ["HOME": "/home/a"])
        #expect(home.cache.path == "/home/a/.cache/masque")
        #expect(home.models.path == "/home/a/.cache/masque/models")
        let moved = Installation(environment: ["HOME": "/home/a", "MASQUE_CACHE": "/c", "MASQUE_MODELS": "/m"])
        #expect(moved.onnxRuntime.path == "/c/runtime/libonnxruntime.so.1")
        #expect(moved.models.path == "/m")
    }
}
