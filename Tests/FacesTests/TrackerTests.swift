// Faces are followed: near the truth, without trembling, without lag, through cuts and losses.

import Faces
import Foundation
import Pixels
import Testing

/// A film of the astronaut moving as told: `motion(t)` leads from the astronaut's picture to the frame.
private struct Film {
    let still: Picture
    let mesh: FaceMesh
    let width = 480
    let height = 360
    var noise: Float = 0
    var seed: UInt64 = 1

    init() throws {
        still = try Samples.astronaut()
        mesh = try #require(try Samples.models.finder(embeddings: false).faces(in: still).first).mesh
    }

    /// A motion that puts the face's middle at `place`, `scale` times as large, turned by `degrees`.
    func pose(_ place: Point, scale: Float = 1, degrees: Float = 0) -> Affine {
        let angle = degrees * .pi / 180
        let c = cos(angle) * scale, s = sin(angle) * scale
        let middle = mesh.box.center
        return Affine(
            a: c, b: -s, tx: place.x - c * middle.x + s * middle.y, c: s, d: c,
            ty: place.y - s * middle.x - c * middle.y)
    }

    mutating func frame(_ pose: Affine) -> Picture {
        var picture = still.seen(through: pose.inverse, width: width, height: height)
        guard noise > 0 else { return picture }
        for i in picture.bytes.indices {
            // The sum of three uniform numbers is near enough to a Gaussian.
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let bits = seed >> 16
            let sum = Float(bits & 0xFFFF) + Float((bits >> 16) & 0xFFFF) + Float((bits >> 32) & 0xFFFF)
            let value = Float(picture.bytes[i]) + (sum / 65535 - 1.5) * 2 * noise
            picture.bytes[i] = UInt8(min(max(value.rounded(), 0), 255))
        }
        return picture
    }

    func error(_ mesh: FaceMesh, _ pose: Affine) -> Float {
        let truth = self.mesh.moved(by: pose)
        let sum = zip(mesh.points, truth.points).reduce(Float(0)) { $0 + ($1.0 - $1.1).length }
        return sum / Float(FaceMesh.count) / truth.fivePoints.size
    }
}

private func tracker(_ change: (inout FaceTrackerOptions) -> Void = { _ in }) throws -> FaceTracker {
    var options = FaceTrackerOptions()
    change(&options)
    return try Samples.models.tracker(options: options)
}

@Suite(.serialized) struct TrackerTests {
    /// The trembling of meshes: the mean over points of the standard deviation over frames, in face sizes.
    private func jitter(_ meshes: [FaceMesh]) -> Float {
        var sum: Float = 0
        for i in 0..<FaceMesh.count {
            let points = meshes.map { $0.points[i] }
            let mean = points.reduce(Point(0, 0), +) * (1 / Float(points.count))
            let square = points.reduce(Float(0)) { $0 + pow(($1 - mean).length, 2) } / Float(points.count)
            sum += square.squareRoot()
        }
        return sum / Float(FaceMesh.count) / (meshes.first?.fivePoints.size ?? 1)
    }

    @Test func `A still head does not tremble`() throws {
        var film = try Film()
        film.noise = 8
        let pose = film.pose(Point(240, 180), scale: 1.2, degrees: 3)
        func run(smoothing: Bool) throws -> (measured: Float, out: Float) {
            var tracker = try tracker { if !smoothing { $0.smoothing = nil } }
            var measured: [FaceMesh] = [], out: [FaceMesh] = []
            for i in 0..<75 {
                let faces = try tracker.update(surface: film.frame(pose), time: Double(i) / 30)
                let face = try #require(faces.first)
                #expect(faces.count == 1 && face.id == 1 && face.lostFrames == 0)
                if i >= 15 {
                    measured.append(face.measured)
                    out.append(face.face.mesh)
                }
            }
            return (jitter(measured), jitter(out))
        }
        let with = try run(smoothing: true)
        let without = try run(smoothing: false)
        #expect(with.out < 0.4 * without.out)
    }

    @Test func `A fast head is followed without lag`() throws {
        var film = try Film()
        film.noise = 4
        var tracker = try tracker()
        var errors: [Float] = [], raw: [Float] = []
        for i in 0..<90 {
            let t = Float(i) / 30
            // Up to 3.4 face sizes (about 200 pixels) a second, nodding to the side, growing and shrinking.
            let pose = film.pose(
                Point(240 + 80 * sin(2.5 * t), 180 + 30 * sin(4 * t)), scale: 1.1 + 0.25 * sin(1.7 * t),
                degrees: 25 * sin(3 * t))
            let faces = try tracker.update(surface: film.frame(pose), time: Double(i) / 30)
            let face = try #require(faces.first)
            #expect(faces.count == 1 && face.id == 1 && face.lostFrames == 0)
            errors.append(film.error(face.face.mesh, pose))
            raw.append(film.error(face.measured, pose))
        }
        let mean = errors.reduce(0, +) / 90, rawMean = raw.reduce(0, +) / 90
        #expect(mean < 0.015)
        #expect(mean < rawMean + 0.003)
    }

    @Test(arguments: [24, 30, 60] as [Double])
    func `A slow drift is followed closely at any rate`(rate: Double) throws {
        let film = try Film()
        var smoother = MeshSmoother()
        var worst: Float = 0
        for i in 0..<Int(3 * rate) {
            let t = Double(i) / rate
            // A tenth of the face's size a second.
            let pose = film.pose(Point(200 + Float(t) * 0.1 * film.mesh.fivePoints.size, 180))
            let out = smoother(film.mesh.moved(by: pose), at: t)
            worst = max(worst, film.error(out, pose))
        }
        #expect(worst < 0.02)
    }

    @Test func `A lost face is held, then let go, and gets its number again`() throws {
        var film = try Film()
        var tracker = try tracker()
        var held = 0, empty = 0
        for i in 0..<80 {
            let pose = film.pose(Point(200 + Float(min(i, 15)), 180))
            let isAway = (20..<26).contains(i) || (40..<60).contains(i)
            let picture = isAway ? Picture(width: 480, height: 360, fill: (40, 60, 50)) : film.frame(pose)
            let faces = try tracker.update(surface: picture, time: Double(i) / 30)
            if isAway {
                if let face = faces.first {
                    held += 1
                    #expect(face.lostFrames > 0 && face.confidence < 1)
                    #expect(film.error(face.face.mesh, pose) < 0.15)
                } else {
                    empty += 1
                }
            } else if i < 60 || i > 63 {
                let face = try #require(faces.first, "frame \(i)")
                #expect(face.id == 1, "frame \(i)")
                #expect(face.lostFrames == 0, "frame \(i)")
                #expect(film.error(face.face.mesh, pose) < 0.05)
            }
        }
        #expect(held >= 12)
        #expect(empty > 5)
    }

    @Test func `Nothing is followed across a scene cut, and the same person keeps the number`() throws {
        var film = try Film()
        let other = try Samples.hopper()
        var tracker = try tracker()
        var ids: [Int] = []
        for i in 0..<30 {
            let cut = i == 10 || i == 20
            let picture: Picture
            if (10..<20).contains(i) {
                picture = other.seen(through: .identity, width: 480, height: 360)
            } else {
                picture = film.frame(film.pose(Point(i < 10 ? 120 : 330, 170)))
            }
            let faces = try tracker.update(surface: picture, time: Double(i) / 30, sceneCut: cut)
            #expect(faces.count == 1)
            ids.append(faces.first?.id ?? 0)
        }
        #expect(ids == [Int](repeating: 1, count: 10) + [Int](repeating: 2, count: 10) + [Int](repeating: 1, count: 10))
    }

    @Test func `A face in a film on its side is found and followed`() throws {
        var film = try Film()
        var tracker = try tracker()
        for i in 0..<20 {
            let pose = film.pose(Point(200 + 3 * Float(i), 180), degrees: 90)
            let face = try #require(try tracker.update(surface: film.frame(pose), time: Double(i) / 30).first)
            #expect(face.id == 1 && face.lostFrames == 0)
            #expect(film.error(face.face.mesh, pose) < 0.03)
        }
    }

    @Test func `A mesh does not stay behind when the scene changes without a cut told`() throws {
        var film = try Film()
        var tracker = try tracker()
        var random = SystemRandomNumberGenerator()
        let pose = film.pose(Point(200, 180))
        let portrait = film.frame(pose)
        var wall = Picture(width: 480, height: 360, fill: (150, 120, 100))
        for k in wall.bytes.indices { wall.bytes[k] &+= UInt8.random(in: 0...60, using: &random) }
        for i in 0..<60 {
            let picture = i < 15 ? portrait : wall
            let faces = try tracker.update(surface: picture, time: Double(i) / 30)
            if i < 15 { #expect(faces.count == 1) }
            if i > 27 { #expect(faces.isEmpty) }
        }
    }

    @Test func `Two faces keep their numbers while they pass each other`() throws {
        let finder = try Samples.models.finder(embeddings: false)
        let portraits = try [Samples.astronaut(), Samples.hopper()].map { picture in
            (picture, try #require(try finder.faces(in: picture).first).mesh)
        }
        var tracker = try tracker()
        for i in 0..<60 {
            let t = Float(i) / 59
            var picture = Picture(width: 640, height: 480, fill: (70, 90, 80))
            var places: [Point] = []
            for (k, (portrait, mesh)) in portraits.enumerated() {
                let place = Point(k == 0 ? 120 + 400 * t : 520 - 400 * t, k == 0 ? 120 : 350)
                let size = 220
                let crop = portrait.sample(
                    .crop(center: mesh.box.center, side: mesh.box.height * 1.8, angle: 0, size: size), width: size,
                    height: size)
                let into = Affine(
                    a: 1, b: 0, tx: place.x - Float(size) / 2, c: 0, d: 1, ty: place.y - Float(size) / 2)
                picture.paste(crop, mask: Plane(width: size, height: size, fill: 1), through: into)
                places.append(place)
            }
            let faces = try tracker.update(surface: picture, time: Double(i) / 30)
            #expect(faces.count == 2)
            for (k, place) in places.enumerated() {
                let face = faces.min {
                    ($0.face.mesh.box.center - place).length < ($1.face.mesh.box.center - place).length
                }
                if i == 0 { continue }
                let first = face?.face.embedding
                #expect(first != nil)
                #expect(((face?.face.mesh.box.center ?? Point(0, 0)) - place).length < 20, "frame \(i), face \(k)")
            }
            #expect(Set(faces.map(\.id)) == [1, 2])
        }
    }
}
