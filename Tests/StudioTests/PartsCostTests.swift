// What parts and previews cost, and that memory stays flat; figures that only `MASQUE_FIGURES` asks for.

import Foundation
import Glibc
import Pixels
import Studio
import Testing
import VideoIO

extension StudioTests {
    @Suite(.enabled(if: ProcessInfo.processInfo.environment["MASQUE_FIGURES"] != nil)) struct PartsCostTests {
        /// Processor seconds of this process so far.
        private static func processor() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        }

        /// Megabytes of memory that the process holds now.
        private static func resident() throws -> Int {
            let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
            return (Int(text.split(separator: " ")[1]) ?? 0) * 4096 / 1_000_000
        }

        @Test func `parts and previews cost less than a twentieth`() async throws {
            let fixture = try StudioFixture()
            let frames = 750
            let plain = try fixture.movie("plain.mp4", frames: 125, rate: 25, quality: 80) {
                try VideoTests.moving($0, of: 125, width: 1280, height: 720)
            }
            let target = fixture.path("target.mp4")
            try fixture.run("ffmpeg", "-v", "error", "-stream_loop", "5", "-i", plain, "-c", "copy", target)
            var costs: [String: [(wall: Double, processor: Double)]] = [:]
            var memory: [Int] = []
            for round in 0..<3 {
                for kind in ["plain", "parts", "parts and previews"] {
                    var request = try fixture.videoRequest([Portrait.hopper.file], target, "out.mp4")
                    request.overwrite = true
                    if kind != "plain" { request.checkpoint = fixture.path("\(kind)-\(round)") }
                    if kind.hasSuffix("previews") { request.previewFolder = fixture.path("previews") }
                    let start = ContinuousClock.now, before = Self.processor()
                    let report = try await fixture.process(request)
                    #expect(report.frames == frames)
                    costs[kind, default: []].append(
                        ((ContinuousClock.now - start) / .seconds(1), Self.processor() - before))
                    memory.append(try Self.resident())
                }
            }
            func best(_ kind: String) -> (wall: Double, processor: Double) {
                let all = costs[kind] ?? []
                return (all.map(\.wall).min() ?? 0, all.map(\.processor).min() ?? 0)
            }
            let one = best("plain")
            for kind in ["plain", "parts", "parts and previews"] {
                let some = best(kind)
                figure(
                    "\(kind) | wall \(some.wall) s, ratio \(some.wall / one.wall) | processor \(some.processor / one.processor)"
                )
                #expect(some.processor / one.processor < 1.05)
            }
            figure("memory after each run, MB | \(memory)")
            let folder = fixture.path("parts-0")
            for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
                let size = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)[.size] as? Int ?? 0
                figure("\(name) | \(size) bytes")
            }
            let start = ContinuousClock.now
            var request = try fixture.videoRequest([Portrait.hopper.file], target, "again.mp4")
            request.checkpoint = folder
            _ = try await fixture.process(request)
            figure("joining finished parts again | \((ContinuousClock.now - start) / .seconds(1)) s")
        }
    }
}
