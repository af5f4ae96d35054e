// The ground of every test here: one engine, the cache's pictures, and a folder that goes away.

import Errors
import Faces
import Foundation
import ImageIO
import Inference
import Pixels
import Studio
import Synchronization
import Testing

/// The parent of all suites of this module; one at a time, since each swap uses all cores by itself.
@Suite(.serialized) enum StudioTests {}

/// A folder for one test, with what tests need beside it. The folder goes with the fixture.
final class StudioFixture: Sendable {
    /// The engine that all tests share, so that models are loaded once.
    static let engine = Engine()
    /// Where setup put things.
    static let installation = Installation()

    /// The test's own folder.
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("masque-studio-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A path in the folder.
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// The names of all files in the folder, hidden ones too, sorted.
    func files() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }

    /// Writes a picture into the folder and gives its path.
    func write(_ picture: Picture, _ name: String, options: ImageIO.EncodeOptions = .init()) throws -> String {
        let path = path(name)
        try writePicture(picture, to: path, options: options, overwrite: true)
        return path
    }

    /// Writes a portrait as PNG, at most `longest` pixels high or wide, and gives its path.
    func portrait(_ portrait: Portrait, longest: Int = 640) throws -> String {
        try write(
            try portrait.picture(longest: longest), "\(portrait.person)-\(longest)-\(UUID().uuidString.prefix(4)).png")
    }

    /// Reads a picture of the folder.
    func read(_ path: String) throws -> Picture { try decodePicture(at: path).picture }

    /// A swap that overwrites nothing and swaps every face.
    func request(_ sources: [String], _ target: String, _ output: String) -> MediaRequest {
        var request = MediaRequest(sources: sources, target: target, output: path(output))
        request.selector = FaceSelector(mode: .many, order: .leftRight)
        return request
    }

    /// Swaps with the shared engine.
    @discardableResult
    func process(_ request: MediaRequest) async throws -> MediaReport { try await Self.engine.process(request) }

    /// The error with which a swap ends.
    func failure(of request: MediaRequest, engine: Engine = StudioFixture.engine) async throws -> MasqueError {
        do {
            _ = try await engine.process(request)
        } catch let error as MasqueError {
            return error
        }
        Issue.record("The swap went through.")
        throw MasqueError(.failed, "The swap went through.")
    }

    /// Runs a program of the system; used to make files that Masque itself does not write.
    @discardableResult
    func run(_ program: String, _ arguments: String...) throws -> String { try run(program, arguments) }

    /// Runs a program of the system.
    @discardableResult
    func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(program) failed.")
        return String(bytes: data, encoding: .utf8) ?? ""
    }
}

/// The pictures of faces in the cache.
enum Portrait: String, CaseIterable, Sendable {
    case astronaut = "samples/astronaut.png"
    case hopper = "samples/grace_hopper.jpg"
    case obama = "test-faces/obama.jpg"
    case obama2 = "test-faces/obama2.jpg"
    case obama3 = "test-faces/obama3.jpg"
    case obamaRGBA = "test-faces/32bit.png"
    case biden = "test-faces/biden.jpg"
    case partial = "test-faces/obama_partial_face.jpg"
    case partial2 = "test-faces/obama_partial_face2.jpg"

    /// Who is shown.
    var person: String {
        switch self {
        case .astronaut: "astronaut"
        case .hopper: "hopper"
        case .biden: "biden"
        default: "obama"
        }
    }

    /// The file in the cache.
    var file: String { StudioFixture.installation.cache.appendingPathComponent(rawValue).path }

    /// The picture, made smaller until its longest side is at most `longest`.
    func picture(longest: Int = 640) throws -> Picture {
        try #require(FileManager.default.fileExists(atPath: file), "Run scripts/setup: \(rawValue) is missing.")
        let (picture, _) = try decodePicture(at: file)
        return picture.shrunk(to: longest)
    }
}

/// Finds faces of results with the shared models.
enum Look {
    static let models = FaceModels(StudioFixture.engine.library, policy: StudioFixture.engine.policy)

    /// All faces with identities, from left to right.
    static func faces(_ surface: some Surface) throws -> [Face] {
        FaceOrder.leftRight.sorted(try models.finder(embeddings: true).faces(in: surface))
    }

    /// The largest face; the test ends without one.
    static func face(_ surface: some Surface) throws -> Face {
        try #require(FaceOrder.largeSmall.sorted(try faces(surface)).first, "No face was found.")
    }

    /// The mesh near a known one.
    static func mesh(near mesh: FaceMesh, in surface: some Surface) throws -> FaceMesh {
        try models.landmarker().mesh(following: mesh, in: surface)
    }

    /// The identity under a mesh.
    static func identity(_ mesh: FaceMesh, in surface: some Surface) throws -> FaceEmbedding {
        try models.embedder().embedding(of: mesh, in: surface)
    }
}

/// Prints a line of figures when `MASQUE_FIGURES` is set.
func figure(_ line: @autoclosure () -> String) {
    if ProcessInfo.processInfo.environment["MASQUE_FIGURES"] != nil { print("FIGURE \(line())") }
}

extension Float {
    /// The number with three decimals.
    var short: String { String(format: "%.3f", self) }
}

/// The highest of the numbers that threads report.
final class Counts: Sendable {
    private let number = Mutex(0)
    var highest: Int { number.withLock { $0 } }
    func add(_ value: Int) { number.withLock { $0 = max($0, value) } }
}
