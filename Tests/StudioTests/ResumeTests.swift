// Videos made in parts: stopped anywhere and gone on with, the result is the one of a single run.

import Errors
import Faces
import Foundation
import Pixels
import Studio
import Synchronization
import Testing
import VideoIO

/// A video swap in parts of 20 frames, and what tests do with it. Written without loss, since x264 in one process does
/// not give the same packets twice, but the same pixels.
struct PartsFixture {
    static let length = 20
    let fixture: StudioFixture
    let target: String

    /// Makes the target: a moving head with sound, with B-frames and few key frames, at even or uneven times.
    init(frames: Int = 70, variable: Bool = false, interlaced: Bool = false) throws {
        fixture = try StudioFixture()
        let plain = try fixture.movie("plain.mp4", frames: frames) { try StudioTests.VideoTests.moving($0, of: frames) }
        target = fixture.path("target.mp4")
        var filter = "null"
        if variable { filter = "select='not(eq(mod(n,7),3)+eq(mod(n,11),5))'" }
        if interlaced { filter = "setfield=tff" }
        try fixture.run(
            "ffmpeg",
            ["-v", "error", "-i", plain, "-f", "lavfi", "-i", "sine=frequency=440:duration=2.8", "-vf", filter]
                + ["-vsync", variable ? "vfr" : "cfr", "-c:v", "libx264", "-bf", "3", "-g", "45", "-crf", "14"]
                + (interlaced ? ["-flags", "+ildct+ilme", "-x264-params", "tff=1"] : [])
                + ["-c:a", "aac", "-shortest", target])
    }

    /// The request; `parts` names the folder of finished parts.
    func request(_ output: String, parts: String? = "parts") throws -> MediaRequest {
        var request = try fixture.videoRequest([Portrait.hopper.file], target, output)
        request.video?.quality = 100
        request.checkpoint = parts.map { fixture.path($0) }
        request.checkpointFrames = Self.length
        request.overwrite = true
        return request
    }

    /// Every picture with its time and digest.
    func pixels(_ path: String) throws -> String {
        try fixture.run("ffmpeg", "-v", "error", "-i", path, "-map", "0:v", "-f", "framehash", "-")
    }

    /// Every packet of the sound with its times and digest.
    func sound(_ path: String) throws -> String {
        try fixture.run("ffmpeg", "-v", "error", "-i", path, "-map", "0:a", "-c", "copy", "-f", "framehash", "-")
    }

    /// The packets' times of one kind, "pts" or "dts", in file order.
    func times(_ path: String, _ kind: String) throws -> [Int] {
        try fixture.run(
            "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=\(kind)", "-of", "csv=p=0",
            path
        ).split(separator: "\n").compactMap { Int($0.filter { $0.isNumber || $0 == "-" }) }
    }

    /// Stops a swap once `frame` frames are done.
    func stop(_ request: MediaRequest, at frame: Int) async throws {
        let running = Mutex<(task: Task<MediaReport, any Error>?, isReached: Bool)>((nil, false))
        let task = Task {
            try await StudioFixture.engine.process(request) { progress in
                guard progress.stage == .swapping, progress.frame >= frame else { return }
                running.withLock { running in
                    running.isReached = true
                    running.task?.cancel()
                }
            }
        }
        running.withLock { running in
            running.task = task
            if running.isReached { task.cancel() }
        }
        await #expect(throws: MasqueError.self) { _ = try await task.value }
    }

    /// Goes on with a swap; gives also the first frame that was made, and whether the content was checked.
    func goOn(_ request: MediaRequest) async throws -> (report: MediaReport, first: Int?, isChecked: Bool) {
        let seen = Mutex((first: Int?.none, isChecked: false))
        let report = try await StudioFixture.engine.process(request) { progress in
            seen.withLock { seen in
                if progress.stage == .checking { seen.isChecked = true }
                if progress.stage == .swapping { seen.first = seen.first ?? progress.frame }
            }
        }
        return seen.withLock { (report, $0.first, $0.isChecked) }
    }

    /// How many parts are finished.
    func kept() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: fixture.path("parts")).filter {
            $0.hasPrefix("segment-") && $0.hasSuffix(".json")
        }.count
    }

    func remove(_ name: String) { try? FileManager.default.removeItem(atPath: fixture.path(name)) }
}

extension StudioTests {
    @Suite struct ResumeTests {
        @Test(arguments: [false, true])
        func `a swap stopped at any point goes on to the same pixels as one run`(variable: Bool) async throws {
            let parts = try PartsFixture(variable: variable)
            let whole = try await parts.fixture.process(parts.request("whole.mp4", parts: "whole"))
            let single = try await parts.fixture.process(parts.request("single.mp4", parts: nil))
            let expected = try parts.pixels(whole.output)
            #expect(try expected == parts.pixels(single.output))
            #expect(try parts.sound(whole.output) == parts.sound(single.output))
            #expect(try parts.times(whole.output, "pts").sorted() == parts.times(single.output, "pts").sorted())
            let decoding = try parts.times(whole.output, "dts")
            #expect(zip(decoding, decoding.dropFirst()).allSatisfy { $0 < $1 })
            if !variable { #expect(try decoding == parts.times(single.output, "dts")) }
            #expect(whole.frames == single.frames && whole.framesSwapped == single.framesSwapped)

            for frame in [3, 18, 20, 21, 39, 50] where frame < whole.frames - 16 {
                parts.remove("parts")
                parts.remove("cut.mp4")
                let cut = try parts.request("cut.mp4")
                try await parts.stop(cut, at: frame)
                #expect(!parts.fixture.exists("cut.mp4"))
                let kept = try parts.kept()
                #expect(kept >= (frame - 1) / PartsFixture.length && kept <= (frame + 16) / PartsFixture.length)
                let (report, first, isChecked) = try await parts.goOn(cut)
                #expect(first == kept * PartsFixture.length + 1, "it went on where it stopped")
                #expect(!isChecked, "the same content was checked before")
                #expect(try parts.pixels(report.output) == expected, "stopped at \(frame)")
                #expect(try parts.sound(report.output) == parts.sound(single.output))
                #expect(report.frames == whole.frames && report.framesSwapped == whole.framesSwapped)
                #expect(report.facesFound == whole.facesFound && report.warnings == whole.warnings)
                #expect(report.swapped.map(\.distanceAfter) == whole.swapped.map(\.distanceAfter))
                #expect(report.width == whole.width && report.height == whole.height)
            }
        }

        @Test func `a cut-out's edge goes on from where it stood, since what it remembers is kept`() async throws {
            let parts = try PartsFixture(frames: 60)
            func request(_ name: String, _ folder: String) throws -> MediaRequest {
                var request = try parts.request(name, parts: folder)
                request.sources = []
                request.processors = [try ProcessorStep(.backgroundRemover, choices: ProcessorChoices([:]))]
                return request
            }
            let whole = try await parts.fixture.process(request("whole.mp4", "whole"))
            let expected = try parts.pixels(whole.output)
            let cut = try request("cut.mp4", "parts")
            try await parts.stop(cut, at: 23)
            let (report, first, _) = try await parts.goOn(cut)
            #expect((first ?? 0) > 1, "it went on where it stopped")
            #expect(try parts.pixels(report.output) == expected)
        }

        @Test(arguments: ["interlaced", "rate", "trim", "scale", "webm"])
        func `a stopped swap goes on the same way with`(what: String) async throws {
            let parts = try PartsFixture(frames: 60, interlaced: what == "interlaced")
            func request(_ name: String, _ folder: String) throws -> MediaRequest {
                var request = try parts.request(name + (what == "webm" ? ".webm" : ".mp4"), parts: folder)
                switch what {
                case "rate": request.outputRate = 18
                case "trim": request.trim = try VideoTrim("7f..")
                case "scale": request.outputScale = 62
                case "webm":
                    request.video = try EncodeOptions(container: .webm, quality: 90, preset: .ultrafast)
                default: break
                }
                return request
            }
            let whole = try await parts.fixture.process(request("whole", "whole"))
            let cut = try request("cut", "parts")
            try await parts.stop(cut, at: 22)
            #expect(try parts.kept() >= 1)
            let report = try await parts.fixture.process(cut)
            #expect(report.frames == whole.frames)
            let (a, b) = (try parts.fixture.frames(whole.output), try parts.fixture.frames(report.output))
            #expect(a.times == b.times && a.pictures.count == whole.frames)
            if what != "webm" { #expect(zip(a.pictures, b.pictures).allSatisfy { $0.bytes == $1.bytes }) }
            let worst = zip(a.pictures, b.pictures).map { $0.squaredError(to: $1, outside: []) }.max() ?? .infinity
            #expect(psnr(worst) > 45)
        }

        @Test func `a seam of a lossy video is as good as in one piece`() async throws {
            let parts = try PartsFixture(frames: 60)
            func request(_ name: String, _ folder: String?) throws -> MediaRequest {
                var request = try parts.request(name, parts: folder)
                request.video?.quality = 85
                return request
            }
            let single = try await parts.fixture.process(request("single.mp4", nil))
            let cut = try request("cut.mp4", "parts")
            try await parts.stop(cut, at: 24)
            let report = try await parts.fixture.process(cut)
            let (a, b) = (try parts.fixture.frames(single.output), try parts.fixture.frames(report.output))
            let errors = zip(a.pictures, b.pictures).map { psnr($0.squaredError(to: $1, outside: [])) }
            #expect(errors.count == 60 && (errors.min() ?? 0) > 38)
            for seam in [20, 40] { #expect(errors[seam - 1] > 40 && errors[seam] > 40) }
            figure("seams | PSNR to one piece \(errors.min() ?? 0), at seams \(errors[19]) \(errors[20])")
        }
    }
}
