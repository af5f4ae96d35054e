// Videos of other layouts, sizes, rates and containers; people chosen in videos.

import Errors
import Faces
import Foundation
import Pixels
import Studio
import Testing
import VideoIO

extension StudioTests {
    @Suite struct FormatTests {
        /// A source video's FFmpeg options, and the name of the output.
        struct Format: Sendable, CustomTestStringConvertible {
            let name: String
            let options: [String]
            let output: String
            var testDescription: String { "\(name) to \(output)" }
        }

        @Test(arguments: [
            Format(
                name: "ten.mkv",
                options: ["-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=0"],
                output: "out.mkv"),
            Format(name: "full.mkv", options: ["-c:v", "libx264", "-pix_fmt", "yuv444p"], output: "out.mp4"),
            Format(
                name: "odd.mkv", options: ["-c:v", "libx264", "-pix_fmt", "yuv444p", "-vf", "crop=319:239"],
                output: "out.mp4"),
            Format(name: "vp9.webm", options: ["-c:v", "libvpx-vp9", "-deadline", "realtime"], output: "out.webm"),
            Format(
                name: "wide.mov", options: ["-c:v", "libx264", "-color_range", "pc", "-pix_fmt", "yuvj420p"],
                output: "out.mov"),
            Format(name: "one.mp4", options: ["-c:v", "libx264", "-frames:v", "1"], output: "out.mp4"),
        ])
        func `videos of other layouts and containers are swapped`(format: Format) async throws {
            let fixture = try StudioFixture()
            let made = try fixture.movie("made.mp4", frames: 8) { try VideoTests.moving($0, of: 8) }
            let target = fixture.path(format.name)
            try fixture.run("ffmpeg", ["-v", "error", "-i", made] + format.options + [target])
            let report = try await fixture.process(fixture.videoRequest([Portrait.hopper.file], target, format.output))
            let (before, after) = (try fixture.frames(target).pictures, try fixture.frames(report.output).pictures)
            #expect(after.count == before.count && report.framesSwapped == before.count)
            let last = before.count - 1
            let face = try Look.face(before[last])
            let who = try #require(try Look.face(try Portrait.hopper.picture()).embedding)
            let mesh = try Look.mesh(near: face.mesh, in: after[last])
            let distance = who.distance(to: try Look.identity(mesh, in: after[last]))
            #expect(distance < 0.6)
            guard after[last].width == before[last].width, after[last].height == before[last].height else { return }
            let regions = FaceRegions(face.mesh, width: before[last].width, height: before[last].height)
            let outside = psnr(after[last].squaredError(to: before[last], outside: [regions]))
            figure("format | \(format.name) | \(distance.short) | \(outside)")
            #expect(outside > 32)
        }

        @Test func `rate and size are changed with the swap`() async throws {
            let fixture = try StudioFixture()
            let target = try fixture.movie("target.mp4", frames: 24) { try VideoTests.moving($0, of: 24) }
            var request = try fixture.videoRequest([Portrait.hopper.file], target, "out.mp4")
            request.video?.frameRate = 12.5
            request.video?.scale = .size(width: 480, height: 360)
            let report = try await fixture.process(request)
            let (after, times) = try fixture.frames(report.output)
            #expect(after.count == 12 && report.frames == 12)
            #expect(after.allSatisfy { $0.width == 480 && $0.height == 360 })
            #expect(zip(times, times.dropFirst()).allSatisfy { abs($1 - $0 - 0.08) < 0.002 })
            let who = try #require(try Look.face(try Portrait.hopper.picture()).embedding)
            #expect(who.distance(to: try #require(try Look.face(after[6]).embedding)) < 0.6)
        }

        @Test func `the reference frame says who is swapped`() async throws {
            let fixture = try StudioFixture()
            // The astronaut alone first; then Grace Hopper comes in beside her, on the left.
            let backdrop = Picture(width: 480, height: 240, fill: (110, 125, 140))
            let astronaut = try Scene.astronaut.picture(width: 180, height: 220)
            let hopper = try Scene.hopper.picture(width: 180, height: 220, scale: 0.8)
            let alone = backdrop.with(astronaut, x: 270, y: 10)
            let both = alone.with(hopper, x: 30, y: 10)
            let target = try fixture.movie("target.mp4", frames: 24) { $0 < 8 ? alone : both }
            let peer = try fixture.reencode(target, "peer.mp4", options: fixture.fast("peer.mp4", quality: 95))
            let plain = try fixture.frames(peer).pictures
            let regions = try Look.faces(both).map { FaceRegions($0.mesh, width: 480, height: 240) }
            try #require(regions.count == 2)
            for (frame, changed) in [(0, 1), (12, 0)] {
                var request = try fixture.videoRequest([Portrait.biden.file], target, "out-\(frame).mp4")
                request.selector = FaceSelector(mode: .reference, order: .leftRight)
                request.referenceFrame = frame
                request.video?.quality = 95
                let report = try await fixture.process(request)
                let after = try fixture.frames(report.output).pictures
                let changes = regions.map { after[20].difference(from: plain[20], where: $0.inner) }
                figure("reference frame | \(frame) | \(changes.map(\.short))")
                #expect(changes[changed] > 4 && changes[1 - changed] < 1.5)
                #expect(report.swapped.count == 1)
                #expect((report.swapped.first?.distanceAfter ?? 9) < 0.62)
            }
        }
    }
}
