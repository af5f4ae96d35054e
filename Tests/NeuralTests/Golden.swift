// Golden data: graphs shaped as published models, and what OpenCV and NumPy make of them (Tests/golden/neural.py).

import Faces
import Foundation
import ImageIO
import Inference
import Neural
import Pixels
import Testing

/// The index of golden frames, masks and vectors.
struct Golden: Decodable {
    /// A finished frame: every `step`-th pixel of a box, R, G, B, and the means of the whole box.
    struct Frame: Decodable {
        let model: String
        let place: String
        let box: [Int]
        let step: Int
        let means: [Float]
        let weight: Double?
        let boost: Int?
        let blur: Float?
        let padding: [Int]?
        let occlude: Bool?
        let regions: [Int]?
        let blend: Float?

        /// Expects a result to be this frame within a level, and to be as it was before outside of the box.
        ///
        /// - Parameter least: by how much the frame differs from the picture before on average, at least.
        func check(_ result: Picture, from before: Picture, name: String, least: Float = 3) throws {
            let wanted = try Golden.samples(name).map { Float($0) }
            let difference = Difference(result.samples(of: box, step: step), wanted)
            #expect(difference.mean < 0.3)
            #expect(difference.largest <= 6)
            #expect(Difference(result.means(of: box), means).largest < 0.05)
            #expect(result.changes(from: before, outside: box) == 0)
            // The golden itself is far from the picture before, so that leaving all as it is cannot pass.
            #expect(Difference(before.samples(of: box, step: step), wanted).mean > least)
        }
    }
    /// A mask of a piece of the picture: every `step`-th value of 0…255.
    struct Mask: Decodable {
        let piece: [Int]
        let step: Int
        let mean: Float
        let regions: [Int]?
    }
    let points: [String: [[Float]]]
    let frames: [String: Frame]
    let masks: [String: Mask]
    /// Every eighth value.
    let vectors: [String: [Float]]

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    /// Reads the index.
    static func load() throws -> Golden {
        try JSONDecoder().decode(Golden.self, from: Data(contentsOf: folder.appending(path: "index.json")))
    }

    /// The stored samples of a frame or mask.
    static func samples(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: name + ".bin")))
    }

    /// The five points of a place.
    func points(at place: String) throws -> FivePoints {
        let p = try #require(points[place]).map { Point($0[0], $0[1]) }
        return FivePoints(leftEye: p[0], rightEye: p[1], nose: p[2], leftMouth: p[3], rightMouth: p[4])
    }

    /// A mesh that comes to the five points of a place; its other points lie in their middle.
    func mesh(at place: String) throws -> FaceMesh {
        let five = try points(at: place)
        let middle = five.all.reduce(Point(0, 0)) { $0 + $1 } * 0.2
        var points = [Point](repeating: middle, count: FaceMesh.count)
        for index in MeshIndex.leftEye { points[index] = five.leftEye }
        for index in MeshIndex.rightEye { points[index] = five.rightEye }
        points[MeshIndex.noseTip] = five.nose
        points[MeshIndex.leftMouthCorner] = five.leftMouth
        points[MeshIndex.rightMouthCorner] = five.rightMouth
        return FaceMesh(points: points, depths: [Float](repeating: 0, count: FaceMesh.count), presence: 1)
    }

    /// The raw embedding that the script made for a phase: the source's is 0.3, the target's 1.9.
    static func embedding(_ phase: Double) -> FaceEmbedding {
        FaceEmbedding(
            values: (0..<512).map { i in
                let i = Double(i)
                return Float(1.5 * sin(0.7 * i + phase) + 0.5 * cos(0.13 * i * i + phase))
            })
    }

    /// The sample that everything is done to.
    static func astronaut() throws -> Picture {
        let file = Installation().cache.appending(path: "samples/astronaut.png")
        try #require(FileManager.default.fileExists(atPath: file.path), "Run scripts/setup: astronaut.png is missing.")
        return try decodePicture(at: file.path).picture
    }
}

/// The stand-in graphs, loaded as the published files are.
enum StandIn {
    /// Calls `body` with the path of a graph; packed ones are unpacked for as long as it runs.
    static func withFile<R>(_ name: String, _ body: (String) throws -> R) throws -> R {
        let plain = Golden.folder.appending(path: name + ".onnx")
        if FileManager.default.fileExists(atPath: plain.path) { return try body(plain.path) }
        let target = FileManager.default.temporaryDirectory.appending(path: "masque-\(UUID().uuidString).onnx")
        defer { try? FileManager.default.removeItem(at: target) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", plain.path + ".gz"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        try data.write(to: target)
        return try body(target.path)
    }

    /// Loads a graph.
    static func session(_ name: String) throws -> any InferenceSession {
        try withFile(name) { try ModelLoader.load(path: $0, name: name, policy: .small) }
    }

    /// A generator with its converter and matrix; `file` is where it differs from the model's name.
    static func network(_ name: String, file: String? = nil) throws -> SwapNetwork {
        let model = try #require(SwapModel(named: name))
        return try withFile(file ?? name) { path in
            var converter: (any InferenceSession)?
            var matrix: [Float] = []
            switch model.identity {
            case .converted(let by, _): converter = try session(by)
            case .projected: matrix = try OnnxGraph.lastInitializer(inFileAt: path, name: name)?.values ?? []
            case .embedding, .picture: break
            }
            return try SwapNetwork(
                model: model, session: ModelLoader.load(path: path, name: name, policy: .small), converter: converter,
                projection: matrix)
        }
    }
}

/// How far apart two arrays are.
struct Difference {
    private(set) var mean: Float = .infinity
    private(set) var largest: Float = .infinity

    /// Infinite when lengths differ or there is nothing to compare.
    init(_ a: [Float], _ b: [Float]) {
        guard a.count == b.count, !a.isEmpty else { return }
        let gaps = zip(a, b).map { abs($0 - $1) }
        mean = gaps.reduce(0, +) / Float(gaps.count)
        largest = gaps.max() ?? .infinity
    }
}

extension Picture {
    /// Every `step`-th pixel of a box x0, y0, x1, y1, as R, G, B.
    func samples(of box: [Int], step: Int) -> [Float] {
        stride(from: box[1], to: box[3], by: step).flatMap { y in
            stride(from: box[0], to: box[2], by: step).flatMap { x in
                (0..<3).map { Float(bytes[(y * width + x) * channels + $0]) }
            }
        }
    }

    /// The means of R, G and B over a box.
    func means(of box: [Int]) -> [Float] {
        let all = samples(of: box, step: 1)
        return (0..<3).map { channel in
            let values = stride(from: channel, to: all.count, by: 3).map { Double(all[$0]) }
            return Float(values.reduce(0, +) / Double(values.count))
        }
    }

    /// How many pixels outside a box differ from `other`'s.
    func changes(from other: Picture, outside box: [Int]) -> Int {
        (0..<width * height).filter { i in
            let (x, y) = (i % width, i / width)
            guard x < box[0] || y < box[1] || x >= box[2] || y >= box[3] else { return false }
            return (0..<channels).contains { bytes[i * channels + $0] != other.bytes[i * channels + $0] }
        }.count
    }

    /// A square piece as a crop, pixel for pixel.
    func piece(x: Int, y: Int, side: Int) -> Crop {
        sample(Affine(a: 1, b: 0, tx: Float(x), c: 0, d: 1, ty: Float(y)), width: side, height: side)
    }
}
