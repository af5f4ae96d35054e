// How a swap runs: progress, stopping, memory.

import Errors
import Faces
import Foundation
import Pixels
import Studio
import Synchronization
import Testing
import VideoIO

extension StudioTests {
    @Suite struct RunTests {
        @Test(arguments: [false, true])
        func `progress rises within each stage and stages come in order`(isVideo: Bool) async throws {
            let fixture = try StudioFixture()
            let target =
                isVideo
                ? try fixture.movie("target.mp4", frames: 40) { try VideoTests.moving($0, of: 40) }
                : Portrait.astronaut.file
            let heard = Mutex<[MediaProgress]>([])
            let request =
                isVideo
                ? try fixture.videoRequest([Portrait.hopper.file], target, "out.mp4")
                : fixture.request([Portrait.hopper.file, Portrait.hopper.file], target, "out.png")
            let report = try await StudioFixture.engine.process(request) { step in heard.withLock { $0.append(step) } }
            let steps = heard.withLock { $0 }
            var stages: [MediaProgress.Stage] = []
            var last: MediaProgress?
            for step in steps {
                #expect((0...1).contains(step.fraction))
                if step.stage != last?.stage {
                    stages.append(step.stage)
                } else if let last {
                    #expect(step.fraction >= last.fraction && step.frame >= last.frame)
                }
                last = step
            }
            #expect(Set(stages).count == stages.count, "a stage came twice: \(stages)")
            #expect(stages.first == .loading && stages.last == .finishing)
            if isVideo {
                let frames = steps.filter { $0.stage == .swapping }
                #expect(frames.map(\.frame) == Array(1...40))
                #expect(frames.last?.fraction == 1 && frames.allSatisfy { $0.frames == 40 })
            }
            #expect(report.seconds > 0)
            #expect(report.stages.allSatisfy { $0.seconds >= 0 && $0.seconds.isFinite })
            let data = try JSONEncoder().encode(report)
            #expect(try JSONDecoder().decode(MediaReport.self, from: data).frames == report.frames)
        }

        @Test(arguments: [(MediaProgress.Stage.loading, 0), (.checking, 0), (.swapping, 5)])
        func `a swap that is cancelled stops and leaves no file`(stage: MediaProgress.Stage, frame: Int) async throws {
            let fixture = try StudioFixture()
            let target = try fixture.movie("target.mp4", frames: 200) { try VideoTests.moving($0 % 50, of: 50) }
            let old = fixture.path("out.mp4")
            try Data("old".utf8).write(to: URL(fileURLWithPath: old))
            var request = try fixture.videoRequest([Portrait.hopper.file], target, "out.mp4")
            request.overwrite = true
            let (begun, signal) = AsyncStream.makeStream(of: Void.self)
            let asked = request
            let task = Task {
                try await StudioFixture.engine.process(asked) { step in
                    if step.stage == stage, step.frame >= frame { signal.yield() }
                }
            }
            for await _ in begun { break }
            let clock = ContinuousClock.now
            task.cancel()
            let error = await #expect(throws: MasqueError.self) { try await task.value }
            #expect(error?.code == .stopped)
            #expect(error?.code.exitCode == 4)
            #expect(clock.duration(to: .now) < .seconds(5))
            #expect(try fixture.files() == ["out.mp4", "target.mp4"])
            #expect(try Data(contentsOf: URL(fileURLWithPath: old)) == Data("old".utf8))
        }

        @Test func `two swaps at once give what each gives alone`() async throws {
            let fixture = try StudioFixture()
            let target = try fixture.write(try Scene.astronaut.picture(), "target.png")
            let sources = [Portrait.hopper, .biden]
            let requests = sources.flatMap { source in
                ["alone", "together"].map { fixture.request([source.file], target, "\(source)-\($0).png") }
            }
            for index in [0, 2] { _ = try await fixture.process(requests[index]) }
            async let one = StudioFixture.engine.process(requests[1])
            async let other = StudioFixture.engine.process(requests[3])
            _ = try await (one, other)
            for source in sources {
                let alone = try fixture.read(fixture.path("\(source)-alone.png"))
                #expect(try fixture.read(fixture.path("\(source)-together.png")).bytes == alone.bytes)
            }
        }

        @Test func `memory does not grow with the length of a video`() async {
            await #expect(processExitsWith: .success) {
                let fixture = try StudioFixture()
                var peaks: [Int] = []
                for count in [60, 60, 300] {
                    let target = try fixture.movie("\(peaks.count).mp4", frames: count) {
                        try VideoTests.moving($0 % 60, of: 60)
                    }
                    let request = try fixture.videoRequest(
                        [Portrait.hopper.file], target, "out-\(peaks.count).mp4")
                    let report = try await fixture.process(request)
                    #expect(report.frames == count)
                    peaks.append(try peakMemory())
                }
                // Peaks in kB; the first run loads, the second settles.
                #expect(peaks[2] - peaks[1] < 24_000)
            }
        }
    }
}

/// The most memory that this process has held so far, in kB.
private func peakMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return try #require(Int(line.filter(\.isNumber)))
}
