// Faces, meshes, identities and masks against an independent implementation (Golden/faces_golden.py).

import Faces
import Foundation
import Pixels
import Testing

private struct Golden: Codable {
    struct FaceEntry: Codable {
        let box: [Float]
        let five: [[Float]]
        let mesh: [[Float]]
        let embedding: [Float]
    }
    struct Oval: Codable {
        let points: [[Float]]
        let mask: [[Float]]
    }
    struct BoxMask: Codable {
        let side: Int
        let blur: Float
        let padding: [Int]
        let row: [Float]
        let column: [Float]
        let diagonal: [Float]
    }
    let faces: [String: FaceEntry]
    let oval: Oval
    let boxMasks: [BoxMask]

    static func load() throws -> Golden {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Golden/faces.json")
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    }
}

@Suite struct GoldenTests {
    @Test(arguments: ["astronaut.png", "grace_hopper.jpg"])
    func `Detection, mesh and identity agree with OpenCV and NumPy`(name: String) throws {
        let golden = try #require(try Golden.load().faces[name])
        let picture = try Samples.picture("samples/\(name)")
        let face = try #require(try Samples.models.finder().faces(in: picture).first)

        let five = golden.five.map { Point($0[0], $0[1]) }
        let detection = try #require(try Samples.models.detector().detect(in: picture, options: .picture).first)
        let size = face.points.size
        for (a, b) in zip(detection.points.all, five) { #expect((a - b).length < 0.06 * size) }

        let offsets = zip(face.mesh.points, golden.mesh).map { ($0 - Point($1[0], $1[1])).length / size }
        let mean = offsets.reduce(0, +) / Float(offsets.count)
        #expect(mean < 0.02)
        #expect((offsets.max() ?? 1) < 0.06)

        let embedding = try #require(face.embedding)
        let distance = embedding.distance(to: FaceEmbedding(values: golden.embedding))
        #expect(distance < 0.15)
    }

    @Test func `A mesh from the golden's own mesh agrees closely`() throws {
        let golden = try #require(try Golden.load().faces["astronaut.png"])
        let picture = try Samples.astronaut()
        let mesh = FaceMesh(
            points: golden.mesh.map { Point($0[0], $0[1]) }, depths: [Float](repeating: 0, count: 468), presence: 1)
        let embedding = try Samples.models.embedder().embedding(of: mesh, in: picture)
        let distance = embedding.distance(to: FaceEmbedding(values: golden.embedding))
        #expect(distance < 0.05)
    }

    @Test func `Box masks are FaceFusion's`() throws {
        for entry in try Golden.load().boxMasks {
            let p = entry.padding
            let mask = Plane.boxMask(
                side: entry.side, blur: entry.blur,
                padding: MaskPadding(top: p[0], right: p[1], bottom: p[2], left: p[3]))
            let middle = entry.side / 2
            for i in 0..<entry.side {
                #expect(abs(mask.values[middle * entry.side + i] - entry.row[i]) < 2e-4)
                #expect(abs(mask.values[i * entry.side + middle] - entry.column[i]) < 2e-4)
                #expect(abs(mask.values[i * entry.side + i] - entry.diagonal[i]) < 2e-4)
            }
        }
    }

    @Test func `A filled oval covers what OpenCV covers at sixteen times the size`() throws {
        let golden = try Golden.load().oval
        let mask = Plane.filled(polygon: golden.points.map { Point($0[0], $0[1]) }, width: 64, height: 64)
        let differences = zip(mask.values, golden.mask.joined()).map { abs($0 - $1) }
        #expect((differences.max() ?? 1) < 0.08)
        #expect(differences.reduce(0, +) / Float(differences.count) < 0.002)
    }
}
