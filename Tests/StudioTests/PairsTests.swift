// Who becomes whom by number, and results at another size and rate.

import Errors
import Faces
import Foundation
import Pixels
import Studio
import Testing
import VideoIO

extension StudioTests {
    @Suite struct PairsTests {
        /// Two people side by side, the first one left.
        private static func row(_ left: Portrait, _ right: Portrait) throws -> Picture {
            let (a, b) = (try left.picture(longest: 300), try right.picture(longest: 300))
            return Picture(width: 640, height: 320, fill: (60, 60, 60)).with(a, x: 10, y: 10).with(b, x: 330, y: 10)
        }

        private static func identity(_ portrait: Portrait) throws -> FaceEmbedding {
            try #require(try Look.face(try portrait.picture()).embedding)
        }

        @Test func `faces of one picture go onto the faces of another by number`() async throws {
            let fixture = try StudioFixture()
            let source = try fixture.write(Self.row(.obama, .biden), "source.png")
            let target = try fixture.write(Self.row(.astronaut, .hopper), "target.png")
            var request = MediaRequest(sources: [source], target: target, output: fixture.path("out.png"))
            request.selector = FaceSelector(order: .leftRight)
            request.sourceOrder = .leftRight
            request.pairs = [0: 1, 1: 0]
            let report = try await fixture.process(request)
            #expect(report.swapped.map(\.source) == [2, 1])
            let faces = try Look.faces(fixture.read(report.output))
            let (obama, biden) = (try Self.identity(.obama), try Self.identity(.biden))
            try #require(faces.count == 2)
            let left = try #require(faces[0].embedding), right = try #require(faces[1].embedding)
            #expect(biden.distance(to: left) < obama.distance(to: left))
            #expect(obama.distance(to: right) < biden.distance(to: right))

            request.overwrite = true
            for (pairs, code) in [
                ([2: 0], MasqueError.Code.noFace), ([0: 2], .badInput), ([:], .badInput), ([-1: 0], .badInput),
            ] {
                request.pairs = pairs
                #expect(try await fixture.failure(of: request).code == code)
            }
            request.pairs = [0: 0]
            request.map = "source1=0"
            #expect(try await fixture.failure(of: request).code == .badInput)
        }

        @Test func `numbers of an inspected moment hold for the whole video, also where people change places`()
            async throws
        {
            let fixture = try StudioFixture()
            let source = try fixture.write(Self.row(.obama, .biden), "source.png")
            let first = try Self.row(.astronaut, .hopper), second = try Self.row(.hopper, .astronaut)
            let target = try fixture.movie("target.mp4", frames: 40) { $0 < 20 ? first : second }
            var inspection = InspectionRequest(path: target, findsFaces: true, time: 1.2)
            inspection.order = .leftRight
            let faces = try #require(try await StudioFixture.engine.inspect(inspection).faces)
            #expect(faces.map(\.number) == [0, 1] && faces[0].x < faces[1].x)

            var request = try fixture.videoRequest([source], target, "out.mp4")
            request.sourceOrder = .leftRight
            request.referenceTime = 1.2
            // At 1.2 s the left face is Hopper's.
            request.pairs = [0: 1]
            let report = try await fixture.process(request)
            let (before, after) = (try fixture.frames(target).pictures, try fixture.frames(report.output).pictures)
            let biden = try Self.identity(.biden)
            for (frame, place) in [(8, 1), (32, 0)] {
                let (old, new) = (try Look.faces(before[frame]), try Look.faces(after[frame]))
                try #require(old.count == 2 && new.count == 2)
                let become = try #require(new[place].embedding)
                #expect(biden.distance(to: become) < 0.6, "frame \(frame)")
                let regions = FaceRegions(old[1 - place].mesh, width: 640, height: 320)
                #expect(after[frame].difference(from: before[frame], where: regions.inner) < 4, "frame \(frame)")
            }
            request.pairs = [0: 0, 2: 1]
            request.output = fixture.path("none.mp4")
            #expect(try await fixture.failure(of: request).code == .noFace)
        }

        @Test(arguments: [50.0, 37, 150])
        func `a picture's result is scaled and looks the same`(percent: Double) async throws {
            let fixture = try StudioFixture()
            let target = try fixture.portrait(.astronaut, longest: 401)
            var request = fixture.request([Portrait.hopper.file], target, "plain.png")
            let plain = try fixture.read(try await fixture.process(request).output)
            request.output = fixture.path("scaled.png")
            request.outputScale = percent
            let report = try await fixture.process(request)
            let scaled = try fixture.read(report.output)
            func side(_ pixels: Int) -> Int { Int((Double(pixels) * percent / 100).rounded()) }
            #expect(scaled.width == side(plain.width) && scaled.height == side(plain.height))
            #expect(report.width == scaled.width && report.height == scaled.height)
            let x = Float(plain.width) / Float(scaled.width), y = Float(plain.height) / Float(scaled.height)
            let back = plain.seen(
                through: Affine(a: x, b: 0, tx: (x - 1) / 2, c: 0, d: y, ty: (y - 1) / 2), width: scaled.width,
                height: scaled.height)
            #expect(psnr(scaled.squaredError(to: back, outside: [])) > 30)
        }

        @Test func `a video's result is scaled to even sides and comes at the rate, with its sound`() async throws {
            let parts = try PartsFixture(frames: 50)
            var request = try parts.request("out.mp4", parts: nil)
            request.outputScale = 33
            request.outputRate = 10
            let report = try await parts.fixture.process(request)
            #expect(report.width == 106 && report.height == 80)
            #expect(report.frames == 20)
            let times = try parts.fixture.frames(report.output).times
            #expect(times.enumerated().allSatisfy { abs($0.element - Double($0.offset) / 10) < 0.001 })
            #expect(try parts.sound(report.output) == parts.sound(parts.target))

            request.overwrite = true
            for (scale, rate) in [(9.9, nil), (401, nil), (nil, 0.5), (nil, 121), (.nan, nil)] as [(Double?, Double?)] {
                request.outputScale = scale
                request.outputRate = rate
                let error = try await parts.fixture.failure(of: request)
                #expect(error.code == .badInput && error.message.contains("outside"))
            }
        }
    }
}
