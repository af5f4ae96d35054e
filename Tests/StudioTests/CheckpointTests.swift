// What lies in the folder of finished parts is used only when it is sound and belongs to the same swap.

import Errors
import Foundation
import Pixels
import Studio
import Testing
import VideoIO

extension StudioTests {
    @Suite struct CheckpointTests {
        @Test func `damaged parts are made again, and what a killed run left is cleared away`() async throws {
            let parts = try PartsFixture(frames: 60)
            let whole = try await parts.fixture.process(parts.request("whole.mp4", parts: "whole"))
            let expected = try parts.pixels(whole.output)
            let request = try parts.request("out.mp4")
            _ = try await parts.fixture.process(request)
            #expect(try parts.kept() == 3)
            let folder = URL(fileURLWithPath: parts.fixture.path("parts"))
            func goesOn(at frame: Int?, _ damage: () throws -> Void) async throws {
                try damage()
                let (report, first, _) = try await parts.goOn(request)
                #expect(first == frame)
                #expect(try parts.pixels(report.output) == expected)
                #expect(report.frames == 60 && report.framesSwapped == 60)
                #expect(try parts.kept() == 3)
            }
            // All there: only joined again.
            try await goesOn(at: nil) {}
            try await goesOn(at: 21) {
                let file = folder.appendingPathComponent("segment-00001.packets")
                var data = try Data(contentsOf: file)
                data[data.count / 2] ^= 0x40
                try data.write(to: file)
            }
            try await goesOn(at: 41) {
                let file = folder.appendingPathComponent("segment-00002.json")
                try Data(try Data(contentsOf: file).prefix(200)).write(to: file)
            }
            try await goesOn(at: 41) {
                let file = folder.appendingPathComponent("segment-00002.packets")
                try Data(try Data(contentsOf: file).dropLast(9)).write(to: file)
            }
            // A kill between a part's two files, and in the middle of the first.
            try await goesOn(at: 41) {
                try FileManager.default.removeItem(at: folder.appendingPathComponent("segment-00002.json"))
                try Data([1, 2, 3]).write(to: folder.appendingPathComponent(".segment-00002.packe.1abc.part.packets"))
                try Data([1, 2, 3]).write(to: folder.appendingPathComponent("segment-00007.packets"))
            }
            try await goesOn(at: 1) {
                try FileManager.default.removeItem(at: folder.appendingPathComponent("segment-00000.packets"))
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(names.count == 7 && names.allSatisfy { !$0.hasPrefix(".") })
        }

        @Test func `another source, target or choice begins anew and is checked anew`() async throws {
            let parts = try PartsFixture(frames: 60)
            let request = try parts.request("out.mp4")
            try await parts.stop(request, at: 23)
            #expect(try parts.kept() >= 1)

            var strength = request
            strength.swap.strength = 0.5
            var run = try await parts.goOn(strength)
            #expect(run.first == 1 && run.isChecked)

            var other = request
            other.sources = [Portrait.biden.file]
            run = try await parts.goOn(other)
            #expect(run.first == 1 && run.isChecked)

            // The same name with other content.
            _ = try await parts.fixture.process(request)
            try parts.fixture.run(
                "ffmpeg", "-v", "error", "-y", "-i", parts.fixture.path("plain.mp4"), "-c:v", "libx264", "-crf", "20",
                parts.target)
            run = try await parts.goOn(request)
            #expect(run.first == 1 && run.isChecked)

            // Another name and folder for the output is no other swap.
            var renamed = request
            renamed.output = parts.fixture.path("renamed.mp4")
            run = try await parts.goOn(renamed)
            #expect(run.first == nil && !run.isChecked && run.report.frames == 60)
        }

        @Test func `a swap that fails takes the parts of another swap in the same folder with it`() async throws {
            let parts = try PartsFixture(frames: 40)
            var request = try parts.request("out.mp4")
            _ = try await parts.fixture.process(request)
            let sky = try parts.fixture.movie("sky.mp4", frames: 10) { _ in
                Picture(width: 160, height: 120, fill: (90, 120, 160))
            }
            request.target = sky
            #expect(try await parts.fixture.failure(of: request).code == .noFace)
            request.target = parts.target
            let (_, first, isChecked) = try await parts.goOn(request)
            #expect(first == 1 && isChecked)
        }

        @Test func `previews of a running swap are small pictures that people see upright`() async throws {
            let fixture = try StudioFixture()
            let stored = try fixture.movie("stored.mp4", frames: 30) {
                try VideoTests.moving($0, of: 30, width: 960, height: 720).turned(quarters: 3)
            }
            let target = fixture.path("target.mp4")
            try fixture.tag(stored, rotation: 90, as: target)
            var request = try fixture.videoRequest([Portrait.hopper.file], target, "out.mp4")
            request.previewFolder = fixture.path("previews")
            request.previewInterval = 0.05
            let counts = Counts()
            _ = try await StudioFixture.engine.process(request) { counts.add($0.previews) }
            let picture = try fixture.read(fixture.path("previews/preview.jpg"))
            #expect(picture.width == 640 && picture.height == 480)
            #expect(try Look.faces(picture).count == 1)
            #expect(counts.highest >= 2)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: fixture.path("previews")) == ["preview.jpg"])
        }
    }
}
