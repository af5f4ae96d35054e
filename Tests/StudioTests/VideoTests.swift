// Whole videos: every frame swapped, all else as a plain re-encode leaves it.

import Errors
import Faces
import Foundation
import Pixels
import Studio
import Testing
import VideoIO

extension StudioTests {
    @Suite struct VideoTests {
        /// A head that moves, turns, comes nearer, and is lit from bright to dim.
        static func moving(_ index: Int, of count: Int, width: Int = 320, height: Int = 240) throws -> Picture {
            let t = Float(index) / Float(count - 1)
            let light = 1.1 - 0.4 * t
            return try Scene.astronaut.picture(
                width: width, height: height, scale: 0.9 + 0.3 * t, degrees: 16 * (t - 0.5),
                offset: Point(60 * (t - 0.5), 14 * (0.5 - t))
            ).mapped { ($0 * light, $1 * light, $2 * light) }
        }

        @Test func `every frame is swapped and the rest is as good as a plain re-encode`() async throws {
            let fixture = try StudioFixture()
            let count = 36
            let target = try fixture.movie("target.mp4", frames: count) { try Self.moving($0, of: count) }
            let request = try fixture.videoRequest([Portrait.hopper.file], target, "out.mp4")
            let report = try await fixture.process(request)
            let peer = try fixture.reencode(target, "peer.mp4", options: fixture.fast("peer.mp4"))
            let (before, times) = try fixture.frames(target)
            let (after, newTimes) = try fixture.frames(report.output)
            let (plain, _) = try fixture.frames(peer)
            #expect(report.frames == count && report.framesSwapped == count && report.warnings.isEmpty)
            #expect(after.count == count && plain.count == count)
            #expect(zip(times, newTimes).allSatisfy { abs($0 - $1) < 0.001 })

            let who = try #require(try Look.face(try Portrait.hopper.picture()).embedding)
            var (error, plainError) = (0.0, 0.0)
            var furthest: Float = 0, worst: Float = 0
            for index in 0..<count {
                let face = try Look.face(before[index])
                let regions = FaceRegions(face.mesh, width: 320, height: 240)
                error += after[index].squaredError(to: before[index], outside: [regions])
                plainError += plain[index].squaredError(to: before[index], outside: [regions])
                #expect(after[index].difference(from: plain[index], where: regions.inner) > 2.5, "frame \(index)")
                guard index % 5 == 0 else { continue }
                let mesh = try Look.mesh(near: face.mesh, in: after[index])
                furthest = max(furthest, who.distance(to: try Look.identity(mesh, in: after[index])))
                worst = max(worst, meshError(face.mesh, mesh))
            }
            let (swapped, untouched) = (psnr(error / Double(count)), psnr(plainError / Double(count)))
            figure(
                "video | identity \(furthest.short) | landmarks \(worst.short) | PSNR \(swapped) against \(untouched)")
            #expect(swapped > untouched - 0.1)
            #expect(furthest < 0.6)
            #expect(worst < 11)
        }

        @Test func `sound is copied packet for packet`() async throws {
            let fixture = try StudioFixture()
            let silent = try fixture.movie("silent.mp4", frames: 25) { try Self.moving($0, of: 25) }
            let target = fixture.path("target.mp4")
            try fixture.run(
                "ffmpeg", "-v", "error", "-i", silent, "-f", "lavfi", "-i", "sine=frequency=440:duration=1", "-c:v",
                "copy", "-c:a", "aac", "-shortest", target)
            let report = try await fixture.process(fixture.videoRequest([Portrait.hopper.file], target, "out.mp4"))
            func sound(_ path: String) throws -> String {
                try fixture.run(
                    "ffmpeg", "-v", "error", "-i", path, "-map", "0:a", "-c", "copy", "-f", "framehash", "-")
            }
            let before = try sound(target)
            #expect(before.split(separator: "\n").count > 20)
            #expect(try sound(report.output) == before)
        }

        @Test func `frames keep their uneven times`() async throws {
            let fixture = try StudioFixture()
            let steady = try fixture.movie("steady.mp4", frames: 30) { try Self.moving($0, of: 30) }
            let target = fixture.path("uneven.mkv")
            // Every third frame is left out, the others keep their times.
            try fixture.run(
                "ffmpeg", "-v", "error", "-i", steady, "-vf", "select='mod(n,3)'", "-vsync", "vfr", "-c:v", "libx264",
                target)
            let report = try await fixture.process(fixture.videoRequest([Portrait.hopper.file], target, "out.mkv"))
            let times = try fixture.frames(target).times, newTimes = try fixture.frames(report.output).times
            #expect(times.count == 20 && newTimes.count == 20)
            #expect(zip(times, newTimes).allSatisfy { abs($0 - $1) < 0.002 })
        }

        @Test func `a part of a video is swapped alone`() async throws {
            let fixture = try StudioFixture()
            let target = try fixture.movie("target.mp4", frames: 40) { try Self.moving($0, of: 40) }
            var request = try fixture.videoRequest([Portrait.hopper.file], target, "out.mp4")
            request.trim = try VideoTrim("12f..28f")
            let report = try await fixture.process(request)
            let before = try fixture.frames(target).pictures, (after, times) = try fixture.frames(report.output)
            #expect(report.frames == 16 && after.count == 16 && times[0] == 0)
            // Which frame of the target each is, by what lies outside the face.
            for index in [0, 7, 15] {
                let errors = try (10..<30).map { other in
                    let regions = FaceRegions(try Look.face(before[12 + index]).mesh, width: 320, height: 240)
                    return after[index].squaredError(to: before[other], outside: [regions])
                }
                #expect(errors.indices.min { errors[$0] < errors[$1] } == index + 2)
            }
        }

        @Test func `a GIF becomes a GIF`() async throws {
            let fixture = try StudioFixture()
            let target = try fixture.movie("target.gif", frames: 12, rate: 10) { try Self.moving($0, of: 12) }
            let report = try await fixture.process(fixture.videoRequest([Portrait.biden.file], target, "out.gif"))
            let (before, times) = try fixture.frames(target), (after, newTimes) = try fixture.frames(report.output)
            #expect(report.kind == "video" && after.count == 12)
            #expect(zip(times, newTimes).allSatisfy { abs($0 - $1) < 0.011 })
            for index in [0, 6, 11] {
                let face = try Look.face(before[index])
                let regions = FaceRegions(face.mesh, width: 320, height: 240)
                #expect(after[index].difference(from: before[index], where: regions.inner) > 6)
                #expect(psnr(after[index].squaredError(to: before[index], outside: [regions])) > 30)
            }
        }

        @Test(arguments: [90, 180, 270])
        func `a video with a rotation tag is swapped and keeps its tag`(degrees: Int) async throws {
            let fixture = try StudioFixture()
            let stored = try fixture.movie("stored.mp4", frames: 12) { index in
                let upright = try Self.moving(index, of: 12)
                return upright.turned(quarters: (4 - degrees / 90) % 4)
            }
            let target = fixture.path("target.mp4")
            try fixture.tag(stored, rotation: degrees, as: target)
            let report = try await fixture.process(fixture.videoRequest([Portrait.hopper.file], target, "out.mp4"))
            let result = try VideoReader(path: report.output)
            #expect(result.info.rotation == degrees)
            #expect(report.width == 320 && report.height == 240)
            #expect(report.framesSwapped == 12)
            let (before, after) = (try fixture.frames(target).pictures, try fixture.frames(report.output).pictures)
            let upright = (before[6].turned(quarters: degrees / 90), after[6].turned(quarters: degrees / 90))
            let face = try Look.face(upright.0)
            let who = try #require(try Look.face(try Portrait.hopper.picture()).embedding)
            let mesh = try Look.mesh(near: face.mesh, in: upright.1)
            #expect(who.distance(to: try Look.identity(mesh, in: upright.1)) < 0.6)
        }

        @Test func `a video cut off in the middle gives its beginning and a warning`() async throws {
            let fixture = try StudioFixture()
            let whole = try fixture.movie("whole.mp4", frames: 60) { try Self.moving($0, of: 60) }
            let data = try Data(contentsOf: URL(fileURLWithPath: whole))
            let target = fixture.path("half.mp4")
            try data.prefix(data.count * 6 / 10).write(to: URL(fileURLWithPath: target))
            let report = try await fixture.process(fixture.videoRequest([Portrait.hopper.file], target, "out.mp4"))
            #expect(report.frames > 15 && report.frames < 60)
            #expect(!report.warnings.isEmpty)
            #expect(report.warnings.allSatisfy { $0.hasSuffix(".") })
            #expect(try fixture.frames(report.output).pictures.count == report.frames)
        }

        @Test func `a video without a face or without the face asked for is refused and leaves nothing`() async throws {
            let fixture = try StudioFixture()
            let empty = try fixture.movie("sky.mp4", frames: 10) { _ in
                Picture(width: 160, height: 120, fill: (90, 120, 160))
            }
            let none = try await fixture.failure(of: fixture.videoRequest([Portrait.hopper.file], empty, "out.mp4"))
            #expect(none.code == .noFace && none.message.contains("sky.mp4"))
            let target = try fixture.movie("target.mp4", frames: 6) { try Self.moving($0, of: 6) }
            var request = try fixture.videoRequest([Portrait.hopper.file], target, "out.mp4")
            request.selector = FaceSelector(mode: .reference)
            request.references = [Portrait.biden.file]
            #expect(try await fixture.failure(of: request).code == .noFace)
            #expect(
                try await fixture.failure(of: fixture.request([Portrait.hopper.file], target, "out.png")).code
                    == .badInput)
            #expect(try fixture.files() == ["sky.mp4", "target.mp4"])
        }
    }
}

extension Picture {
    /// Turned clockwise by quarter turns.
    func turned(quarters: Int) -> Picture {
        let (w, h) = (Float(width - 1), Float(height - 1))
        return switch quarters {
        case 1: seen(through: Affine(a: 0, b: 1, tx: 0, c: -1, d: 0, ty: h), width: height, height: width)
        case 2: seen(through: Affine(a: -1, b: 0, tx: w, c: 0, d: -1, ty: h), width: width, height: height)
        case 3: seen(through: Affine(a: 0, b: -1, tx: w, c: 1, d: 0, ty: 0), width: height, height: width)
        default: self
        }
    }
}
