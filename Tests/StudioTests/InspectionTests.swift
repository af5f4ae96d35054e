// What an inspection says of pictures and videos, quickly, and the numbers that swaps then use.

import Errors
import Faces
import Foundation
import ImageIO
import Inference
import Pixels
import Studio
import Testing
import VideoIO

extension StudioTests {
    @Suite struct InspectionTests {
        /// An engine that has no model at all.
        private func empty(_ fixture: StudioFixture) throws -> Engine {
            try fixture.engine(gate: .noList)
        }

        private func failure(_ request: InspectionRequest, _ engine: Engine) async -> MasqueError? {
            do {
                _ = try await engine.inspect(request)
            } catch { return error as? MasqueError }
            return nil
        }

        @Test func `a picture's header is read at once and without a model`() async throws {
            let fixture = try StudioFixture()
            let engine = try empty(fixture)
            let large = Picture(width: 3000, height: 2000, fill: (120, 90, 60))
            for (name, type) in [("a.jpg", "image/jpeg"), ("b.png", "image/png"), ("c.webp", "image/webp")] {
                let path = try fixture.write(large, name)
                let wrong = fixture.path(name + ".gif")
                try FileManager.default.moveItem(atPath: path, toPath: wrong)
                var best = Duration.seconds(9)
                for _ in 0..<5 {
                    let start = ContinuousClock.now
                    let found = try await engine.inspect(InspectionRequest(path: wrong))
                    best = min(best, ContinuousClock.now - start)
                    #expect(found.mediaType == type && !found.isVideo && found.width == 3000 && found.height == 2000)
                    #expect(found.faces == nil && found.frames == 1 && found.duration == nil)
                }
                #expect(best < .milliseconds(20), "\(name) took \(best)")
            }
        }

        @Test func `a video's length, rate and shown size come from its header`() async throws {
            let fixture = try StudioFixture()
            let engine = try empty(fixture)
            let stored = try fixture.movie("stored.mp4", frames: 50) { _ in
                Picture(width: 160, height: 120, fill: (90, 120, 160))
            }
            try fixture.tag(stored, rotation: 90, as: fixture.path("turned.mp4"))
            let start = ContinuousClock.now
            let found = try await engine.inspect(InspectionRequest(path: fixture.path("turned.mp4")))
            figure("inspect | video header \((ContinuousClock.now - start))")
            #expect(found.mediaType == "video/mp4" && found.isVideo && found.codec == "h264" && !found.hasSound)
            #expect(found.width == 120 && found.height == 160)
            #expect(found.frames == 50 && abs((found.duration ?? 0) - 2) < 0.05)
            #expect(abs((found.frameRate ?? 0) - 25) < 0.01)
            for (name, type) in [("a.webm", "video/webm"), ("a.mkv", "video/x-matroska"), ("a.mov", "video/quicktime")]
            {
                let path = try fixture.movie(name, frames: 5) { _ in
                    Picture(width: 64, height: 64, fill: (90, 120, 160))
                }
                #expect(try await engine.inspect(InspectionRequest(path: path)).mediaType == type)
            }
        }

        @Test func `what cannot be inspected is refused with a sentence`() async throws {
            let fixture = try StudioFixture()
            let engine = StudioFixture.engine
            func write(_ name: String, _ bytes: [UInt8]) throws -> String {
                try Data(bytes).write(to: URL(fileURLWithPath: fixture.path(name)))
                return fixture.path(name)
            }
            let portrait = try Data(contentsOf: URL(fileURLWithPath: Portrait.hopper.file))
            let cases: [(String, MasqueError.Code)] = [
                (try write("empty.jpg", []), .unsupportedMedia),
                (try write("text.mp4", Array("Hello, I am a text.".utf8)), .unsupportedMedia),
                (try write("head.jpg", Array(portrait.prefix(40))), .unsupportedMedia),
                (try write("zeros.png", [UInt8](repeating: 0, count: 4000)), .unsupportedMedia),
                (fixture.path("missing.png"), .badInput),
                (fixture.folder.path, .badInput),
            ]
            for (path, code) in cases {
                for faces in [false, true] {
                    let error = await failure(InspectionRequest(path: path, findsFaces: faces), engine)
                    #expect(error?.code == code, "\(path): \(String(describing: error))")
                    #expect(error?.message.hasSuffix(".") == true)
                }
            }
            var small = InspectionRequest(path: Portrait.hopper.file)
            small.pictureLimits.maxPixels = 1000
            #expect(await failure(small, engine)?.code == .tooLarge)
            let cut = try write("cut.jpg", Array(portrait.prefix(portrait.count / 2)))
            #expect(await failure(InspectionRequest(path: cut, findsFaces: true), engine)?.code == .unsupportedMedia)
            let video = try fixture.movie("v.mp4", frames: 50) { _ in
                Picture(width: 64, height: 64, fill: (9, 12, 16))
            }
            var short = InspectionRequest(path: video)
            short.videoLimits.duration = 1
            #expect(await failure(short, engine)?.code == .tooLarge)
            #expect(await failure(InspectionRequest(path: video, time: -1), engine)?.code == .badInput)
        }

        @Test func `faces are numbered, boxed as people see them, and drawn`() async throws {
            let fixture = try StudioFixture()
            let upright = try ChoiceTests.two()
            let w = upright.width & ~1, h = upright.height & ~1
            let even = upright.seen(through: .identity, width: w, height: h)
            let path = try fixture.write(even, "two.png")
            let stored = try fixture.movie("stored.mp4", frames: 4) { _ in even.turned(quarters: 3) }
            try fixture.tag(stored, rotation: 90, as: fixture.path("turned.mp4"))
            let truth = try Look.faces(even)
            for file in [path, fixture.path("turned.mp4")] {
                var request = InspectionRequest(path: file, findsFaces: true, time: 0.05)
                request.order = .largeSmall
                request.pictureFolder = fixture.path("pictures")
                let found = try await StudioFixture.engine.inspect(request)
                let faces = try #require(found.faces)
                #expect(faces.map(\.number) == [0, 1])
                #expect(faces[0].width * faces[0].height >= faces[1].width * faces[1].height)
                for face in faces {
                    let box = Box(
                        x: Float(face.x), y: Float(face.y), width: Float(face.width), height: Float(face.height))
                    #expect(truth.contains { $0.box.overlap(box) > 0.7 }, "\(file)")
                    let picture = try fixture.read(try #require(face.picturePath))
                    #expect(picture.width == 160 && picture.height == 160)
                    #expect(try Look.faces(picture).count == 1)
                }
                #expect(found.width == w && found.height == h)
                let frame = try fixture.read(try #require(found.framePath))
                #expect(max(frame.width, frame.height) == min(960, max(w, h)))
                #expect(try Look.faces(frame).count == 2)
            }
        }
    }
}
