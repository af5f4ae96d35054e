// Faces are found: near, small, turned, many.

import Faces
import Foundation
import Pixels
import Testing

@Suite struct DetectionTests {
    @Test(arguments: [
        "samples/astronaut.png", "samples/grace_hopper.jpg", "test-faces/biden.jpg", "test-faces/obama.jpg",
        "test-faces/obama2.jpg", "test-faces/obama3.jpg", "test-faces/obama_partial_face.jpg",
        "test-faces/obama_partial_face2.jpg",
    ])
    func `Each portrait shows one face`(name: String) throws {
        let picture = try Samples.picture(name, longest: 1200)
        let faces = try Samples.models.finder(embeddings: false).faces(in: picture)
        #expect(faces.count == 1)
        #expect(faces.allSatisfy { $0.score > 0.6 && $0.mesh.presence > 0.9 })
    }

    @Test(arguments: [QuarterTurn.right, .down, .left])
    func `A face turned by quarters is found where it is`(turn: QuarterTurn) throws {
        let picture = try Samples.astronaut()
        let upright = try #require(try Samples.models.finder(embeddings: false).faces(in: picture).first)
        let (turned, transform) = picture.turned(Float(turn.rawValue))
        let faces = try Samples.models.finder(embeddings: false).faces(in: turned)
        let face = try #require(faces.first)
        #expect(faces.count == 1)
        let back = face.points.moved(by: transform)
        #expect(back.distance(to: upright.points) < 0.05 * upright.points.size)
    }

    @Test(arguments: [-45, -30, 30, 45] as [Float])
    func `A tilted face is found where it is`(degrees: Float) throws {
        let picture = try Samples.astronaut()
        let upright = try #require(try Samples.models.finder(embeddings: false).faces(in: picture).first)
        let (turned, transform) = picture.turned(degrees)
        let face = try #require(try Samples.models.finder(embeddings: false).faces(in: turned).first)
        let back = face.points.moved(by: transform)
        #expect(back.distance(to: upright.points) < 0.06 * upright.points.size)
        #expect(abs(face.angles.roll - upright.angles.roll - degrees) < 4)
    }

    @Test(arguments: [0.5, 0.25, 0.15] as [Float])
    func `A small face is found`(factor: Float) throws {
        let picture = try Samples.astronaut()
        let whole = try #require(try Samples.models.finder(embeddings: false).faces(in: picture).first)
        let face = try #require(try Samples.models.finder(embeddings: false).faces(in: picture.scaled(factor)).first)
        let offset =
            zip(face.points.all, whole.points.all)
            .map { (($0 + Point(0.5, 0.5)) * (1 / factor) - $1 - Point(0.5, 0.5)).length }.reduce(0, +) / 5
        #expect(offset < 0.1 * whole.points.size)
    }

    /// A picture of faces in a grid, each `side` pixels wide and high, with its own number of rows.
    private func group(_ width: Int, _ height: Int, sides: [Int]) throws -> (Picture, [Point]) {
        let names = [
            "samples/astronaut.png", "samples/grace_hopper.jpg", "test-faces/biden.jpg", "test-faces/obama3.jpg",
        ]
        let finder = try Samples.models.finder(embeddings: false)
        let portraits = try names.map { name in
            let picture = try Samples.picture(name, longest: 1200)
            return (picture, try #require(try finder.faces(in: picture).first))
        }
        var result = Picture(width: width, height: height, fill: (90, 110, 100))
        var places: [Point] = []
        var top = 0
        for side in sides {
            for column in 0..<(width / side) where top + side <= height {
                let (picture, face) = portraits[places.count % portraits.count]
                let crop = Affine.crop(
                    center: face.mesh.box.center, side: face.mesh.box.height * 2, angle: 0, size: side)
                let patch = picture.seen(through: crop, width: side, height: side)
                for y in 0..<side {
                    for i in 0..<side * 3 {
                        result.bytes[((top + y) * width + column * side) * 3 + i] = patch.bytes[y * side * 3 + i]
                    }
                }
                places.append(Point(Float(column * side + side / 2), Float(top + side / 2)))
            }
            top += side
        }
        return (result, places)
    }

    @Test(arguments: [
        (1280, [320, 240, 160]), (2600, [1000, 400, 100, 60]), (640, [128, 64, 64]),
    ])
    func `Every face of a group photo is found once`(width: Int, sides: [Int]) throws {
        let (picture, places) = try group(width, sides.reduce(0, +), sides: sides)
        let faces = try Samples.models.finder(embeddings: false).faces(in: picture)
        let missed = places.filter { place in
            !faces.contains { ($0.mesh.box.center - place).length < 0.5 * $0.mesh.box.height }
        }
        #expect(missed.isEmpty)
        #expect(faces.count == places.count)
    }

    @Test func `Nothing is found where nobody is`() throws {
        var picture = Picture(width: 700, height: 500, fill: (120, 130, 90))
        var random = SystemRandomNumberGenerator()
        for i in picture.bytes.indices where i % 7 == 0 { picture.bytes[i] = UInt8.random(in: 0...255, using: &random) }
        #expect(try Samples.models.finder(embeddings: false).faces(in: picture).isEmpty)
    }

    @Test(arguments: [(1, 1), (3, 2000), (31, 33)])
    func `Odd sizes are looked at without a crash`(width: Int, height: Int) throws {
        let picture = Picture(width: width, height: height, fill: (200, 180, 160))
        #expect(try Samples.models.finder().faces(in: picture).isEmpty)
        #expect(try Samples.models.fastDetector().detect(in: picture, options: .video).isEmpty)
    }

    @Test func `The fast detector sees a near face where the default one does`() throws {
        let picture = try Samples.hopper()
        let fast = try #require(try Samples.models.fastDetector().detect(in: picture, options: .video).first)
        let usual = try #require(try Samples.models.detector().detect(in: picture, options: .picture).first)
        #expect(fast.points.distance(to: usual.points) < 0.25 * usual.points.size)
        let a = try Samples.models.landmarker().mesh(of: fast, in: picture, refinements: 1)
        let b = try Samples.models.landmarker().mesh(of: usual, in: picture, refinements: 1)
        #expect(a.fivePoints.distance(to: b.fivePoints) < 0.03 * b.fivePoints.size)
    }
}
