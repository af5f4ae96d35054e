// Masks cover what they should.

import Faces
import Pixels
import Testing

@Suite struct MaskTests {
    @Test func `A square is filled with the exact area`() {
        let square = [Point(1.25, 1), Point(4.25, 1), Point(4.25, 3.5), Point(1.25, 3.5)]
        let mask = Plane.filled(polygon: square, width: 8, height: 6)
        #expect(abs(mask.values.reduce(0, +) - 7.5) < 1e-4)
        #expect(mask.values[2 * 8 + 2] == 1)
        #expect(abs(mask.values[2 * 8 + 1] - 0.25) < 1e-5)
        // The other way round, and cut by the plane's edges, it is the same.
        #expect(Plane.filled(polygon: square.reversed(), width: 8, height: 6).values == mask.values)
        let big = [Point(-50, -50), Point(60, -50), Point(60, 70), Point(-50, 70)]
        #expect(Plane.filled(polygon: big, width: 8, height: 6).values.allSatisfy { abs($0 - 1) < 1e-5 })
        #expect(
            Plane.filled(polygon: [Point(.nan, 0), Point(1, 1), Point(0, 1)], width: 2, height: 2).values == [
                0, 0, 0, 0,
            ])
        let far = [Point(20, 1), Point(30, 1), Point(30, 3)]
        #expect(Plane.filled(polygon: far, width: 8, height: 6).values.allSatisfy { $0 == 0 })
    }

    @Test func `Random triangles have the area that they have`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let p = (0..<3).map { _ in Point(.random(in: 0...39, using: &random), .random(in: 0...29, using: &random)) }
            let a = p[1] - p[0], b = p[2] - p[0]
            let area = abs(a.x * b.y - a.y * b.x) / 2
            let mask = Plane.filled(polygon: p, width: 41, height: 31)
            #expect(abs(mask.values.reduce(0, +) - area) < 0.01 * area + 0.05)
            #expect(mask.values.allSatisfy { $0 >= 0 && $0 <= 1 })
        }
    }

    @Test func `The outline holds the face and the mouth lies in the lower face`() throws {
        let picture = try Samples.astronaut()
        let face = try #require(try Samples.models.finder(embeddings: false).faces(in: picture).first)
        let crop = AlignmentTemplate.ffhq512.crop(for: face.points, size: 256)
        let inverse = crop.inverse
        let oval = Plane.meshMask(of: face.mesh, transform: crop, size: 256, feather: 10)
        #expect(oval.value(at: inverse(face.points.nose)) > 0.99)
        #expect(oval.values[0] == 0 && oval.values[256 * 256 - 1] == 0)
        for index in MeshIndex.faceOval { #expect(oval.value(at: inverse(face.mesh.points[index])) < 0.35) }

        let lower = Plane.areaMask(of: face.mesh.points68, areas: [.lowerFace], transform: crop, size: 256)
        let upper = Plane.areaMask(of: face.mesh.points68, areas: [.upperFace], transform: crop, size: 256)
        let mouth = Plane.areaMask(of: face.mesh.points68, areas: [.mouth], transform: crop, size: 256)
        let lips = inverse(face.mesh.points[14])
        #expect(lower.value(at: lips) > 0.9 && mouth.value(at: lips) > 0.5 && upper.value(at: lips) == 0)
        #expect(upper.value(at: inverse(face.points.leftEye)) > 0.9)
        #expect(lower.value(at: inverse(face.points.leftEye)) == 0)
        // All areas together leave no gaps in the cheeks, where none of them has points.
        let all = Plane.areaMask(of: face.mesh.points68, transform: crop, size: 256)
        let landmarks = face.mesh.points68.map { inverse($0) }
        for (jaw, nose) in [(2, 31), (3, 31), (14, 35), (13, 35)] {
            let cheek = Point((landmarks[jaw].x + landmarks[nose].x) / 2, (landmarks[jaw].y + landmarks[nose].y) / 2)
            #expect(all.value(at: cheek) > 0.98, "\(jaw)")
        }
        #expect(
            Plane.areaMask(of: face.mesh.points68, areas: [], transform: crop, size: 256).values.allSatisfy { $0 == 0 })

        let both = try #require(Plane.minimum(of: [oval, Plane.boxMask(side: 256)]))
        #expect(zip(both.values, oval.values).allSatisfy { $0 <= $1 })
        #expect(Plane.minimum(of: []) == nil)
        #expect(Plane.minimum(of: [oval, Plane(width: 2, height: 2)]) == nil)
    }

    @Test func `People are told from the background`() throws {
        let picture = try Samples.astronaut()
        let face = try #require(try Samples.models.finder(embeddings: false).faces(in: picture).first)
        let segmenter = try Samples.models.personSegmenter()
        let mask = try segmenter.mask(of: face.mesh, in: picture, transform: .identity, size: 512)
        #expect(mask.value(at: face.points.nose) > 0.9)
        #expect(mask.value(at: Point(224, 300)) > 0.9)
        #expect(mask.value(at: Point(380, 60)) < 0.1)
    }

    @Test func `The mesh's description is whole`() throws {
        let topology = try FaceTopology.load()
        #expect(topology.triangles.count == 898)
        #expect(topology.oval == MeshIndex.faceOval)
        #expect(topology.lipsInner == MeshIndex.innerLips)
        #expect(topology.indices.count == 898 * 3)
        #expect(topology.indices(without: topology.holes.mouth).count == (898 - topology.holes.mouth.count) * 3)
    }
}
