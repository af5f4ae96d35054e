// Results made smaller: how large they become, what stays, and what is refused.

import Errors
import Files
import Foundation
import ImageIO
import Pixels
import Studio
import Testing
import VideoIO

extension StudioTests {
    @Suite struct FitTests {
        private static let statement = VideoProvenance(
            software: "Masque 9.9 <test> & more", system: "mesh", comment: "Faces in this video were changed: “test”.")

        /// A result of seconds that are hard to compress, with sound.
        private func result(_ fixture: StudioFixture, seconds: Int = 6, rotation: Int = 0, _ sound: String? = "192k")
            throws -> String
        {
            let plain = fixture.path("plain-\(rotation).mp4"), made = fixture.path("result-\(rotation).mp4")
            var arguments = ["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=\(seconds)"]
            if sound != nil { arguments += ["-f", "lavfi", "-i", "aevalsrc='random(0)*0.3':d=\(seconds):s=44100"] }
            arguments += ["-vf", "noise=alls=24:allf=t", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "18"]
            arguments += ["-pix_fmt", "yuv420p"]
            if let sound { arguments += ["-c:a", "aac", "-b:a", sound] }
            try fixture.run("ffmpeg", arguments + [plain])
            var source = plain
            if rotation != 0 {
                source = fixture.path("turned.mp4")
                try fixture.tag(plain, rotation: rotation, as: source)
            }
            let options = try VideoIO.EncodeOptions(container: .mp4, quality: 65, preset: .ultrafast)
            let reader = try VideoReader(path: source)
            try reader.prepare(for: options)
            let writer = try VideoWriter(
                path: made, source: reader.source, options: options, provenance: Self.statement)
            while let frame = try reader.next() { try writer.write(frame) }
            try writer.finish()
            return made
        }

        private func bytes(_ path: String) throws -> Int {
            try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        }

        /// What ffprobe says of a file's streams, decoding every frame.
        private func probe(_ fixture: StudioFixture, _ path: String, _ stream: String, _ entry: String) throws -> String
        {
            try fixture.run(
                "ffprobe", "-v", "error", "-count_frames", "-select_streams", stream, "-show_entries",
                "stream=\(entry)", "-of", "csv=p=0", path
            ).split(whereSeparator: \.isNewline).first.map { $0.hasSuffix(",") ? String($0.dropLast()) : String($0) }
                ?? ""
        }

        private func failure(_ request: FitRequest) async -> MasqueError? {
            await #expect(throws: MasqueError.self) { _ = try await StudioFixture.engine.fit(request) }
        }

        @Test(arguments: [1_000_000, 200_000])
        func `a video gets as small as wanted and keeps frames, times, sound and statement`(maxBytes: Int) async throws
        {
            let fixture = try StudioFixture()
            let made = try result(fixture)
            #expect(try bytes(made) > 2_000_000)
            let fitted = try await StudioFixture.engine.fit(
                FitRequest(path: made, maxBytes: maxBytes, folder: fixture.folder.path))
            let size = try bytes(fitted.path)
            figure("fit | \(maxBytes) bytes wanted, \(size) made, \(fitted.width)×\(fitted.height)")
            #expect(size <= maxBytes)
            // Not smaller than it need be either.
            #expect(size > maxBytes * 3 / 4)
            #expect(fitted.mediaType == "video/mp4")
            #expect(try probe(fixture, fitted.path, "v:0", "nb_read_frames") == "150")
            #expect(try probe(fixture, fitted.path, "v:0", "codec_name") == "h264")
            let sound = try probe(fixture, fitted.path, "a:0", "codec_name,bit_rate").split(separator: ",")
            #expect(sound.first == "aac")
            #expect((sound.last.flatMap { Int($0) } ?? 0) >= 58_000, "\(sound)")
            let info = try VideoReader(path: fitted.path).info
            #expect(abs(info.duration - 6) < 0.05)
            #expect((info.displayWidth, info.displayHeight) == (fitted.width, fitted.height))
            let shape = Double(fitted.width) / Double(fitted.height)
            #expect((1.75...1.81).contains(shape))
            #expect(maxBytes > 500_000 ? fitted.width == 640 : fitted.width < 640)
            try expectTimes(of: fitted.path, like: made, fixture)
            // The statement of origin, byte for byte, and its sentence.
            #expect(try VideoProvenance(path: fitted.path) == Self.statement)
            let packet = Data(Self.statement.statement.xmpPacket.utf8)
            let content = try Data(contentsOf: URL(fileURLWithPath: fitted.path))
            #expect(content.range(of: packet) != nil)
            // The index comes before the pictures.
            let index = try #require(content.range(of: Data("moov".utf8))?.lowerBound)
            let pictures = try #require(content.range(of: Data("mdat".utf8))?.lowerBound)
            #expect(index < pictures)
        }

        private func expectTimes(of path: String, like other: String, _ fixture: StudioFixture) throws {
            func times(_ path: String) throws -> [Double] {
                try fixture.run(
                    "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of",
                    "csv=p=0", path
                ).split(whereSeparator: \.isNewline).compactMap { Double($0.filter { $0 != "," }) }
            }
            let (a, b) = (try times(path), try times(other))
            #expect(a.count == b.count && !a.isEmpty)
            #expect(zip(a, b).allSatisfy { abs($0 - $1) < 0.002 })
        }

        @Test func `a silent video that is shown turned stays so`() async throws {
            let fixture = try StudioFixture()
            let made = try result(fixture, seconds: 3, rotation: 90, nil)
            let fitted = try await StudioFixture.engine.fit(
                FitRequest(path: made, maxBytes: 400_000, folder: fixture.folder.path))
            #expect(try bytes(fitted.path) <= 400_000)
            #expect(fitted.height > fitted.width)
            let info = try VideoReader(path: fitted.path).info
            #expect(info.rotation == 90 && info.audio.isEmpty)
            #expect(try probe(fixture, fitted.path, "v:0", "nb_read_frames") == "75")
        }

        @Test func `a result that is small enough is copied bit for bit`() async throws {
            let fixture = try StudioFixture()
            let made = try result(fixture, seconds: 1)
            let statement = Provenance(software: "Masque", system: "mesh")
            let picture = try fixture.write(
                Picture(width: 40, height: 30, fill: (9, 90, 200)), "result.png", options: .init(provenance: statement))
            for (path, type) in [(made, "video/mp4"), (picture, "image/png")] {
                let fitted = try await StudioFixture.engine.fit(
                    FitRequest(path: path, maxBytes: try bytes(path), folder: fixture.folder.path))
                #expect(fitted.mediaType == type && fitted.path != path)
                #expect(FileManager.default.contentsEqual(atPath: fitted.path, andPath: path))
            }
        }

        @Test func `a picture becomes a JPEG of the size that is wanted, with its statement`() async throws {
            let fixture = try StudioFixture()
            let statement = Provenance(software: "Masque 9.9 & <more>", system: "FaceFusion: a+b")
            let whole = try Portrait.hopper.picture()
            let path = try fixture.write(whole, "result.png", options: .init(provenance: statement))
            for (maxBytes, keepsSize) in [(60_000, true), (9_000, false)] {
                let fitted = try await StudioFixture.engine.fit(
                    FitRequest(path: path, maxBytes: maxBytes, folder: fixture.folder.path))
                #expect(fitted.mediaType == "image/jpeg" && fitted.duration == nil)
                #expect(try bytes(fitted.path) <= maxBytes)
                #expect(try bytes(fitted.path) > maxBytes / 3)
                let written = try Data(contentsOf: URL(fileURLWithPath: fitted.path))
                #expect(readProvenance(Array(written)) == statement)
                let picture = try fixture.read(fitted.path)
                #expect((picture.width, picture.height) == (fitted.width, fitted.height))
                #expect((picture.width == whole.width) == keepsSize, "\(picture.width)")
            }
        }

        @Test func `what states no origin is refused, and what cannot get so small`() async throws {
            let fixture = try StudioFixture()
            let bare = try fixture.movie("bare.mp4", frames: 20) { _ in
                Picture(width: 160, height: 120, fill: (90, 120, 160))
            }
            let picture = try fixture.write(Picture(width: 40, height: 30), "bare.jpg")
            let before = try fixture.files()
            for path in [bare, picture] {
                for maxBytes in [100, 1_000_000] {
                    let error = await failure(
                        FitRequest(path: path, maxBytes: maxBytes, folder: fixture.folder.path))
                    #expect(error?.code == .badInput)
                    #expect(error?.message.contains("does not state its origin") == true)
                }
            }
            #expect(try fixture.files() == before)
            let made = try result(fixture, seconds: 2)
            let stated = try fixture.write(
                Picture(width: 40, height: 30), "stated.jpg", options: .init(provenance: Provenance(software: "M")))
            let now = try fixture.files()
            for path in [made, stated] {
                let error = await failure(FitRequest(path: path, maxBytes: 300, folder: fixture.folder.path))
                #expect(error?.code == .tooLarge, "\(error?.description ?? "nothing")")
            }
            #expect(await failure(FitRequest(path: made, maxBytes: 0, folder: "/"))?.code == .badInput)
            #expect(try fixture.files() == now)
        }

        @Test func `damaged results are refused or read, and leave nothing behind`() async throws {
            let fixture = try StudioFixture()
            let made = try Data(contentsOf: URL(fileURLWithPath: result(fixture, seconds: 1)))
            let uuid = try #require(made.range(of: Data("uuid".utf8))?.lowerBound)
            var endless = made, tiny = made, torn = made
            endless.replaceSubrange(uuid - 4..<uuid, with: [0xFF, 0xFF, 0xFF, 0xF0])
            tiny.replaceSubrange(uuid - 4..<uuid, with: [0, 0, 0, 3])
            torn.replaceSubrange(made.count / 3..<made.count / 2, with: Data(count: made.count / 2 - made.count / 3))
            let cases: [(String, Data)] = [
                ("cut.mp4", made.prefix(made.count / 2)), ("head.mp4", made.prefix(60)), ("empty.mp4", Data()),
                ("text.mp4", Data("no video at all".utf8)), ("endless.mp4", endless), ("tiny.mp4", tiny),
            ]
            for (name, content) in cases {
                let path = fixture.path(name)
                try content.write(to: URL(fileURLWithPath: path))
                let before = try fixture.files()
                let error = await failure(FitRequest(path: path, maxBytes: 100_000, folder: fixture.folder.path))
                #expect([.badInput, .unsupportedMedia].contains(error?.code), "\(name): \(error?.description ?? "")")
                #expect(try fixture.files() == before, "\(name)")
            }
            // Pictures that are damaged within: what can be read is kept.
            let path = fixture.path("torn.mp4")
            try torn.write(to: URL(fileURLWithPath: path))
            if let fitted = try? await StudioFixture.engine.fit(
                FitRequest(path: path, maxBytes: 200_000, folder: fixture.folder.path))
            {
                #expect(try bytes(fitted.path) <= 200_000)
                #expect(try VideoProvenance(path: fitted.path) == Self.statement)
            }
        }

        @Test func `a poster shows a frame that is neither black nor flat`() async throws {
            let fixture = try StudioFixture()
            let scene = try Scene.hopper.picture(width: 640, height: 480)
            let film = try fixture.movie("film.mp4", frames: 60) { index in
                index < 20
                    ? Picture(width: 640, height: 480)
                    : index < 35
                        ? Picture(width: 640, height: 480, fill: (120, 120, 120)) : scene
            }
            let output = fixture.path("poster.jpg")
            let size = try await StudioFixture.engine.poster(PosterRequest(path: film, output: output))
            #expect(size == (320, 240))
            #expect(try bytes(output) < 200_000)
            let poster = try fixture.read(output)
            let expected = try scene.shrunk(longest: 320)
            let difference = zip(poster.bytes, expected.bytes).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
            #expect(Double(difference) / Double(expected.bytes.count) < 8)
            let black = try fixture.movie("black.mp4", frames: 10) { _ in Picture(width: 64, height: 200) }
            let dark = try await StudioFixture.engine.poster(PosterRequest(path: black, output: output))
            #expect(dark == (64, 200))
        }

        @Test func `a poster of a picture is small and states the same origin`() async throws {
            let fixture = try StudioFixture()
            let statement = Provenance(software: "Masque 9", system: "mesh")
            let noise = Picture(
                width: 900, height: 1200, channels: 3,
                bytes: (0..<900 * 1200 * 3).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) })
            let path = try fixture.write(noise, "noise.png", options: .init(provenance: statement))
            let output = fixture.path("poster.jpg")
            let size = try await StudioFixture.engine.poster(PosterRequest(path: path, output: output))
            #expect(size == (240, 320))
            let content = Array(try Data(contentsOf: URL(fileURLWithPath: output)))
            #expect(content.count < 200_000)
            #expect(readProvenance(content) == statement)
            let made = try result(fixture, seconds: 1)
            _ = try await StudioFixture.engine.poster(PosterRequest(path: made, output: output))
            #expect(
                readProvenance(Array(try Data(contentsOf: URL(fileURLWithPath: output)))) == Self.statement.statement)
            let text = fixture.path("text.mp4")
            try Data("no video".utf8).write(to: URL(fileURLWithPath: text))
            let error = await #expect(throws: MasqueError.self) {
                _ = try await StudioFixture.engine.poster(
                    PosterRequest(path: text, output: fixture.path("none.jpg")))
            }
            #expect(error?.code == .unsupportedMedia)
            #expect(!FileManager.default.fileExists(atPath: fixture.path("none.jpg")))
        }

        @Test func `a look without a moment takes the frame that a swap would take`() async throws {
            let fixture = try StudioFixture()
            let scene = try Scene.astronaut.picture()
            let film = try fixture.movie("late.mp4", frames: 40) { index in
                index < 20 ? Picture(width: 320, height: 240, fill: (60, 70, 90)) : scene
            }
            let found = try await StudioFixture.engine.inspect(InspectionRequest(path: film, findsFaces: true))
            #expect(found.faces?.count == 1)
            // The first of the frames 0, 6, 12, 18, 24 that shows a face.
            #expect(abs((found.frameTime ?? 0) - 24.0 / 25) < 0.001)
            let asked = try await StudioFixture.engine.inspect(
                InspectionRequest(path: film, findsFaces: true, time: found.frameTime))
            #expect(asked.frameTime == found.frameTime)
            let first = try await StudioFixture.engine.inspect(InspectionRequest(path: film, findsFaces: true, time: 0))
            #expect(first.faces?.isEmpty == true && first.frameTime == 0)
            let empty = try fixture.movie("empty.mp4", frames: 20) { _ in
                Picture(width: 320, height: 240, fill: (60, 70, 90))
            }
            let none = try await StudioFixture.engine.inspect(InspectionRequest(path: empty, findsFaces: true))
            #expect(none.faces?.isEmpty == true && none.frameTime == 0)
        }
    }
}
