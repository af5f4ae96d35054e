// Kinds of target pictures, and what of them must stay.

import Errors
import Faces
import Foundation
import ImageIO
import Pixels
import Studio
import Testing

extension StudioTests {
    @Suite struct PictureTests {
        @Test func `a black-and-white target stays black and white, a sepia one sepia`() async throws {
            let fixture = try StudioFixture()
            let colour = try Portrait.astronaut.picture()
            for (name, tone) in [("grey", colour.grey), ("sepia", colour.sepia)] {
                let target = try fixture.write(tone, "\(name).png")
                let report = try await fixture.process(
                    fixture.request([Portrait.biden.file], target, "\(name)-out.png"))
                let after = try fixture.read(report.output)
                var furthest: Float = 0
                for i in stride(from: 0, to: after.bytes.count, by: 3) {
                    let (r, g, b) = (Float(after.bytes[i]), Float(after.bytes[i + 1]), Float(after.bytes[i + 2]))
                    // The tone of sepia is a line of luma per channel; grey is all three alike.
                    let y = name == "grey" ? g : (g - 12) / 0.82
                    let (red, blue) = name == "grey" ? (y, y) : (0.86 * y + 26, 0.74 * y + 2)
                    if red < 254, y > 2 { furthest = max(furthest, abs(r - red), abs(b - blue)) }
                }
                figure("tone | \(name) | \(furthest.short)")
                #expect(furthest <= 3, "\(name)")
                let face = try Look.face(tone)
                let regions = FaceRegions(face.mesh, width: after.width, height: after.height)
                #expect(after.difference(from: tone, where: regions.inner) > 3)
            }
        }

        @Test func `alpha, profile and resolution of the target are kept`() async throws {
            let fixture = try StudioFixture()
            let target = try Portrait.astronaut.picture().fading
            let profile = try Self.profile()
            let path = try fixture.write(
                target, "target.png", options: ImageIO.EncodeOptions(iccProfile: profile, dpi: 144))
            let report = try await fixture.process(fixture.request([Portrait.hopper.file], path, "out.png"))
            let (after, metadata) = try decodePicture(at: report.output)
            #expect(after.channels == 4)
            #expect(stride(from: 3, to: after.bytes.count, by: 4).allSatisfy { after.bytes[$0] == target.bytes[$0] })
            #expect(metadata.iccProfile == profile)
            #expect(metadata.dpi == 144)
            #expect(metadata.xmp?.contains("compositeWithTrainedAlgorithmicMedia") == true)
            let face = try Look.face(target)
            let regions = FaceRegions(face.mesh, width: after.width, height: after.height)
            #expect(after.difference(from: target, where: regions.inner) > 3)
            #expect(after.changed(from: target, outside: [regions]) == 0)
        }

        @Test func `a target that EXIF turns is swapped upright`() async throws {
            let fixture = try StudioFixture()
            let upright = try Portrait.astronaut.picture()
            // Stored a quarter turn to the left, shown a quarter turn to the right: orientation 6.
            let stored = upright.seen(
                through: Affine(a: 0, b: -1, tx: Float(upright.width - 1), c: 1, d: 0, ty: 0),
                width: upright.height, height: upright.width)
            var bytes = try encodePicture(stored, as: .jpeg, options: ImageIO.EncodeOptions(quality: 98))
            let exif: [UInt8] =
                [0xFF, 0xE1, 0, 34] + Array("Exif\0\0".utf8) + Array("MM\0*".utf8) + [0, 0, 0, 8, 0, 1]
                + [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0] + [0, 0, 0, 0]
            bytes.insert(contentsOf: exif, at: 2)
            let path = fixture.path("target.jpg")
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let before = try fixture.read(path)
            let whole = Plane(width: before.width, height: before.height, fill: 1)
            try #require(before.difference(from: upright, where: whole) < 3)
            let report = try await fixture.process(fixture.request([Portrait.hopper.file], path, "out.png"))
            let (after, metadata) = try decodePicture(at: report.output)
            #expect(metadata.orientation == 1)
            #expect(after.width == upright.width && after.height == upright.height)
            try Self.expectSwap(of: before, into: after, source: .hopper)
        }

        @Test func `a target with sixteen bits a sample is swapped`() async throws {
            let fixture = try StudioFixture()
            let path = fixture.path("deep.png")
            try fixture.run(
                "ffmpeg", "-v", "error", "-i", Portrait.astronaut.file, "-pix_fmt", "rgb48be", path)
            let before = try fixture.read(path)
            let report = try await fixture.process(fixture.request([Portrait.hopper.file], path, "out.png"))
            try Self.expectSwap(of: before, into: fixture.read(report.output), source: .hopper)
        }

        @Test func `a cloth mask over the mouth stays, and the face above it is swapped`() async throws {
            let fixture = try StudioFixture()
            var before = try fixture.read(Portrait.biden.file)
            let mesh = try #require(FaceModels().finder(embeddings: false).faces(in: before).first).mesh
            let cloth = Box(around: [mesh.points[234], mesh.points[454], mesh.points[152], mesh.points[4]])
            let top = Int(mesh.points[4].y)
            for y in top..<Int(cloth.y + cloth.height) {
                for x in Int(cloth.x)..<Int(cloth.x + cloth.width) {
                    let i = (y * before.width + x) * before.channels
                    (before.bytes[i], before.bytes[i + 1], before.bytes[i + 2]) = (91, 155, 213)
                }
            }
            let target = try fixture.write(before, "masked.png")
            let report = try await fixture.process(fixture.request([Portrait.obama.file], target, "out.png"))
            let after = try fixture.read(report.output)
            func change(_ points: [Point]) -> Float {
                let side = cloth.width / 20
                return points.reduce(Float(0)) { sum, point in
                    let place = Affine.crop(center: point, side: side, angle: 0, size: 8)
                    let (a, b) = (before.sample(place, width: 8, height: 8), after.sample(place, width: 8, height: 8))
                    return sum + zip(a.values, b.values).reduce(Float(0)) { $0 + abs($1.0 - $1.1) } / 192
                } / Float(points.count)
            }
            // On the cloth: lips, chin, cheeks below the nose. Above it: brows and lids.
            #expect(
                change([0, 17, 200, 50, 280].map { mesh.points[$0] }.filter { $0.y > Float(top) + cloth.height / 6 })
                    < 3)
            #expect(change([105, 334, 159, 386].map { mesh.points[$0] }) > 6)
        }

        @Test(arguments: [Portrait.partial, .partial2])
        func `a face cut by the picture's edge is swapped as far as it shows`(portrait: Portrait) async throws {
            let fixture = try StudioFixture()
            let target = try fixture.portrait(portrait)
            let report = try await fixture.process(fixture.request([Portrait.biden.file], target, "out.png"))
            let before = try fixture.read(target), after = try fixture.read(report.output)
            let distances = try Self.expectSwap(of: before, into: after, source: .biden, margin: 0.05, below: 0.65)
            figure("partial | \(portrait) | \(distances.own.short) | \(distances.result.short)")
        }

        @Test(arguments: [-45, -30, 30, 45] as [Float])
        func `a head turned in the picture is swapped`(degrees: Float) async throws {
            let fixture = try StudioFixture()
            let before = try Scene.astronaut.picture(width: 360, height: 360, scale: 1.2, degrees: degrees)
            let target = try fixture.write(before, "target.png")
            let report = try await fixture.process(fixture.request([Portrait.hopper.file], target, "out.png"))
            let distances = try Self.expectSwap(of: before, into: fixture.read(report.output), source: .hopper)
            figure(
                "turned | \(degrees) | \(distances.own.short) | \(distances.result.short) | \(distances.error.short)")
        }

        @Test func `a face of thirty pixels is swapped`() async throws {
            let fixture = try StudioFixture()
            let before = try Scene.astronaut.picture(width: 320, height: 240, scale: 0.3)
            let target = try fixture.write(before, "target.png")
            let report = try await fixture.process(fixture.request([Portrait.biden.file], target, "out.png"))
            let after = try fixture.read(report.output)
            let face = try Look.face(before)
            #expect(face.mesh.box.height < 45)
            let regions = FaceRegions(face.mesh, width: before.width, height: before.height)
            #expect(after.changed(from: before, outside: [regions]) == 0)
            #expect(after.difference(from: before, where: regions.inner) > 3)
            #expect(meshError(face.mesh, try Look.mesh(near: face.mesh, in: after)) < 15)
        }

        /// Checks likeness, pose and what is outside the face.
        @discardableResult
        static func expectSwap(
            of before: Picture, into after: Picture, source: Portrait, margin: Float = 0.15, below limit: Float = 0.6
        ) throws -> (own: Float, result: Float, error: Float) {
            let face = try Look.face(before)
            let who = try #require(try Look.face(try source.picture()).embedding)
            let mesh = try Look.mesh(near: face.mesh, in: after)
            let own = who.distance(to: try #require(face.embedding))
            let result = who.distance(to: try Look.identity(mesh, in: after))
            let regions = FaceRegions(face.mesh, width: before.width, height: before.height)
            #expect(result < limit)
            #expect(result < own - margin)
            #expect(meshError(face.mesh, mesh) < 10)
            #expect(after.changed(from: before, outside: [regions]) == 0)
            #expect(after.difference(from: before, where: regions.inner) > 3)
            return (own, result, meshError(face.mesh, mesh))
        }

        private static func profile() throws -> [UInt8] {
            let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            return [UInt8](try Data(contentsOf: tests.appendingPathComponent("Fixtures/images/srgb.icc")))
        }
    }
}
