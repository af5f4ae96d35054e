// Videos made in parts: stopped anywhere and gone on with, the result is the one of a single run.

import Errors
import Faces
import Foundation
import Pixels
import Studio
import Synchronization
import Testing
import VideoIO

extension StudioTests {
    @Suite struct ResumeTests {
        static let frames = 70
        static let length = 20

        /// A moving head with sound, with B-frames and few key frames, at even or uneven times.
        private func target(_ fixture: StudioFixture, variable: Bool = false) throws -> String {
            let plain = try fixture.movie("plain.mp4", frames: Self.frames) {
                try VideoTests.moving($0, of: Self.frames)
            }
            let path = fixture.path(variable ? "variable.mp4" : "target.mp4")
            let filter = variable ? "select='not(eq(mod(n,7),3)+eq(mod(n,11),5))'" : "null"
            try fixture.run(
                "ffmpeg", "-v", "error", "-i", plain, "-f", "lavfi", "-i", "sine=frequency=440:duration=2.8", "-vf",
                filter, "-vsync", variable ? "vfr" : "cfr", "-c:v", "libx264", "-bf", "3", "-g", "45", "-crf", "14",
                "-c:a", "aac", "-shortest", path)
            return path
        }

        private func request(
            _ fixture: StudioFixture, _ target: String, _ output: String, parts: String?
        ) throws -> SwapRequest {
            var request = try fixture.videoRequest([Portrait.hopper.file], target, output)
            request.checkpoint = parts.map { fixture.path($0) }
            request.checkpointFrames = Self.length
            request.overwrite = true
            return request
        }

        /// Every packet of every stream with its times and digest.
        private func packets(_ fixture: StudioFixture, _ path: String) throws -> String {
            try fixture.run("ffmpeg", "-v", "error", "-i", path, "-map", "0", "-c", "copy", "-f", "framehash", "-")
        }

        /// The packets' times.
        private func times(_ fixture: StudioFixture, _ path: String) throws -> [String] {
            try fixture.run(
                "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts,dts,duration", "-of",
                "csv=p=0", path
            ).split(separator: "\n").map(String.init)
        }

        /// Stops a swap once `frame` frames are done.
        private func stopped(_ request: SwapRequest, at frame: Int) async throws {
            let running = Mutex<Task<SwapReport, any Error>?>(nil)
            let reached = Mutex(false)
            let task = Task {
                try await StudioFixture.engine.swap(request) { progress in
                    guard progress.stage == .swapping, progress.frame >= frame else { return }
                    reached.withLock { $0 = true }
                    running.withLock { $0?.cancel() }
                }
            }
            running.withLock { $0 = task }
            if reached.withLock({ $0 }) { task.cancel() }
            await #expect(throws: MasqueError.self) { _ = try await task.value }
        }

        private func parts(_ fixture: StudioFixture, _ folder: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: fixture.path(folder)).sorted()
        }

        @Test(arguments: [false, true])
        func `a swap stopped at any point goes on to the same packets as one run`(variable: Bool) async throws {
            let fixture = try StudioFixture()
            let target = try target(fixture, variable: variable)
            let whole = try await fixture.swap(request(fixture, target, "whole.mp4", parts: "whole"))
            let single = try await fixture.swap(request(fixture, target, "single.mp4", parts: nil))
            let expected = try packets(fixture, whole.output)
            // In one piece the pictures' times and the sound are the same, to the tick.
            #expect(try fixture.frames(whole.output).times == fixture.frames(single.output).times)
            if !variable { #expect(try times(fixture, whole.output) == times(fixture, single.output)) }
            let sound = { (text: String) in text.split(separator: "\n").filter { $0.hasPrefix("1,") } }
            let ownSound = try sound(packets(fixture, single.output))
            #expect(!ownSound.isEmpty && sound(expected) == ownSound)
            #expect(whole.frames == single.frames && whole.framesSwapped == single.framesSwapped)

            for frame in [3, 18, 20, 21, 39, 45, 61] where frame < whole.frames - 8 {
                try? FileManager.default.removeItem(atPath: fixture.path("parts"))
                let cut = try request(fixture, target, "cut.mp4", parts: "parts")
                try await stopped(cut, at: frame)
                #expect(!fixture.exists("cut.mp4"))
                let kept = try parts(fixture, "parts").filter { $0.hasSuffix(".json") && $0 != "gate.json" }.count
                #expect(kept >= (frame - 1) / Self.length && kept <= (frame + 14) / Self.length)
                let first = Mutex(Int?.none)
                let report = try await StudioFixture.engine.swap(cut) { progress in
                    guard progress.stage == .swapping else { return }
                    first.withLock { $0 = $0 ?? progress.frame }
                }
                #expect(first.withLock { $0 } == kept * Self.length + 1, "it went on where it stopped")
                #expect(try packets(fixture, report.output) == expected, "stopped at \(frame)")
                #expect(report.frames == whole.frames && report.framesSwapped == whole.framesSwapped)
                #expect(report.facesFound == whole.facesFound && report.warnings == whole.warnings)
                #expect(report.swapped.map(\.distanceAfter) == whole.swapped.map(\.distanceAfter))
                #expect(report.width == whole.width && report.height == whole.height)
            }
        }
    }
}
