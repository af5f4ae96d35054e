// Swaps into a video, and stopping in the middle of one.

import Foundation
import Testing

@Suite(.serialized, .timeLimit(.minutes(4))) struct VideoTests {
    private let place: Workplace

    init() throws { place = try Workplace() }

    @Test func `a part of a video is swapped and reported`() async throws {
        try await place.makeVideo("target.mp4", seconds: 3)
        let run = try await place.masque([
            "swap", Samples.hopper, "target.mp4", "-o", "out.mp4", "--start-frame", "10", "--end-frame", "40",
            "--video-quality", "90", "--scale", "50%", "--json",
        ])
        #expect(run.code == 0, "\(run.err)")
        let report = try #require(run.event("report"))
        #expect(report["kind"] as? String == "video")
        #expect(report["frames"] as? Int == 30)
        #expect(try #require(report["frames_swapped"] as? Int) > 25)
        let face = try #require((report["swapped"] as? [[String: Any]])?.first)
        let before = try #require(face["distance_before"] as? Double)
        #expect(try #require(face["distance_after"] as? Double) < before)
        let frames = run.events.compactMap { $0["frame"] as? Int }
        #expect(frames == frames.sorted() && frames.last == 30)
        #expect(place.listing == ["out.mp4", "target.mp4"])
    }

    @Test func `a video without a face is refused with a sentence`() async throws {
        let made = try await place.run(
            URL(filePath: "/usr/bin/env"),
            [
                "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=25:duration=1", "-pix_fmt",
                "yuv420p", place.path("bars.mp4"),
            ])
        try #require(made.code == 0, "\(made.err)")
        for mode in ["many", "reference"] {
            let run = try await place.masque([
                "swap", Samples.hopper, "bars.mp4", "-o", "out.mp4", "--faces", mode, "--json",
            ])
            #expect(run.code == 2)
            #expect(run.errorCode == "noFace")
            #expect(place.listing == ["bars.mp4"])
        }
    }
}

/// Runs alone: it looks at the clock.
@Suite(.serialized, .timeLimit(.minutes(4))) struct StoppingSerial {
    private let place: Workplace

    init() throws { place = try Workplace() }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a stopped swap leaves no file and ends with 4 within a second`(number: Int32) async throws {
        try await place.makeVideo("long.mp4", seconds: 60)
        // Before, while and after the content gate looks at the video.
        for delay in [0.3, 1.0, 4.0] {
            let run = try await place.masque(
                ["swap", Samples.hopper, "long.mp4", "-o", "out.mp4", "--json"], signal: number, after: delay)
            #expect(run.code == 4 && !run.crashed, "\(run.err)")
            #expect(run.errorCode == "stopped")
            #expect(run.err.contains("stopped"))
            #expect(run.seconds < delay + 1.2, "took \(run.seconds - delay) s to stop")
            #expect(place.listing == ["long.mp4"])
        }
    }
}

extension Workplace {
    /// A portrait that slowly moves: `seconds` at 25 frames a second, 640×360.
    func makeVideo(_ name: String, seconds: Int) async throws {
        let run = try await run(
            URL(filePath: "/usr/bin/env"),
            [
                "ffmpeg", "-v", "error", "-loop", "1", "-i", Samples.astronaut, "-t", String(seconds), "-r", "25",
                "-vf",
                "scale=720:-2,crop=640:360:40+20*sin(t):60,format=yuv420p", "-preset", "ultrafast", path(name),
            ])
        try #require(run.code == 0, "\(run.err)")
    }
}
