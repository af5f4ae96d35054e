// The runner against a strict stand-in of FaceFusion.

import Errors
import FaceFusion
import Foundation
import JobQueue
import Testing
import WorkerProtocol

@Suite(.serialized, .timeLimit(.minutes(5)))
struct FaceFusionRuns {
    @Test(arguments: [JobDescription.fast, .quality, .gpen, .codeformer])
    func `each mode of the contract goes through the job manager and gives a result`(mode: JobDescription) async throws
    {
        let place = try Installation()
        let order = try place.order(mode)
        let made = try await place.perform("", order)
        #expect(made.hasPrefix(order.folder + "/"))
        #expect(made.hasSuffix(mode.lane == .video ? ".mp4" : ".png"))
        // The stand-in copies.
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: made)) == Data(contentsOf: URL(fileURLWithPath: order.targetPath))
        )
        let calls = try place.calls
        #expect(calls.map(\.first) == ["job-create", "job-add-step", "job-submit", "job-run"])
        #expect(Set(calls.map { $0[1] }).count == 1)
        let step = calls[1]
        func value(_ flag: String, in call: [String]) throws -> String {
            let index = try #require(call.firstIndex(of: flag))
            return call[index + 1]
        }
        #expect(try value("--face-swapper-model", in: step) == mode.swapper)
        #expect(try value("--face-enhancer-model", in: step) == mode.enhancer)
        #expect(step.contains("--output-audio-encoder") == (mode.lane == .video))
        #expect(try value("--temp-path", in: calls[3]).hasPrefix(order.folder))
        #expect(try calls.allSatisfy { try value("--jobs-path", in: $0).hasPrefix(order.folder) })
        // The job manager's own folder says the same.
        let job = "\(try value("--jobs-path", in: step))/completed/\(step[1]).json"
        let content = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: job)))
        let steps = try #require((content as? [String: Any])?["steps"] as? [[String: Any]])
        #expect(steps.count == 1)
        #expect(steps.first?["status"] as? String == "completed")
    }

    @Test func `progress rises through the stages, with frames a second`() async throws {
        let place = try Installation()
        // Slow enough that no bar is skipped: only the newest news are told.
        var settings = try place.settings()
        settings.environment["STANDIN_PAUSE"] = "0.05"
        let order = try place.order(.fast)
        _ = try await FaceFusionEngine(settings).perform(order) { place.note($0) }
        let news = place.news
        #expect(news.map(\.percent) == news.map(\.percent).sorted())
        #expect(news.contains { $0.stage == "swapping" && $0.framesPerSecond == 20 })
        #expect(news.contains { abs($0.percent - 56) < 0.1 })
        #expect(news.last?.stage == "joining")
    }

    @Test func `choices become options as FaceFusion takes them`() async throws {
        let place = try Installation()
        var mode = JobDescription.fast
        mode.options.outputScale = 150
        mode.options.outputFPS = 24
        mode.options.trimStart = 1
        mode.options.trimEnd = 2.5
        mode.options.referenceTime = 0.4
        mode.options.detectorModel = "yoloface_8n"
        mode.options.detectorScore = 0.33
        mode.options.threadCount = 4
        mode.options.choices = [
            "face_enhancer_blend": "70", "face_mask_types": "box,occlusion", "face_mask_padding": "1 2 3 4",
        ]
        _ = try await place.perform("", place.order(mode))
        let calls = try place.calls
        let step = calls[1].joined(separator: " "), run = calls[3].joined(separator: " ")
        for wanted in [
            "--output-video-scale 1.5 ", "--output-video-fps 24.0", "--trim-frame-start 25 ", "--trim-frame-end 63 ",
            "--reference-frame-number 10", "--face-detector-model yolo_face ", "--face-detector-score 0.35 ",
            "--face-enhancer-blend 70 ", "--face-mask-types box occlusion ", "--face-mask-padding 1 2 3 4 ",
            "--output-audio-encoder aac",
        ] { #expect((step + " ").contains(wanted), "\(wanted) in \(step)") }
        #expect(run.contains("--execution-thread-count 4"))
        #expect(run.contains("--execution-providers cpu"))
    }

    @Test func `a process call that names no swapper gets FaceFusion's own default, and its voice is named as sound`()
        async throws
    {
        let place = try Installation()
        var call = JobDescription.fast
        (call.mode, call.swapper, call.enhancer) = (nil, "mesh", nil)
        call.processors = ["face_swapper", "lip_syncer"]
        #expect(FaceFusionEngine(try place.settings()).covers(call))
        var order = try place.order(call)
        let voice = order.folder + ".webm"
        try Data("RIFF....WAVEfmt ".utf8).write(to: URL(fileURLWithPath: voice))
        defer { try? FileManager.default.removeItem(atPath: voice) }
        order.sourcePaths.append(voice)
        _ = try await place.perform("", order)
        let step = try place.calls[1]
        #expect(!step.contains("--face-swapper-model"))
        let target = try #require(step.firstIndex(of: "--target-path"))
        #expect(step[target - 1].hasSuffix(".wav"), "\(step)")
        call.options.choices = ["face_swapper_model": "mesh"]
        #expect(!FaceFusionEngine(try place.settings()).covers(call))
    }

    @Test func `what FaceFusion does not have is left to Masque`() throws {
        let place = try Installation()
        let engine = FaceFusionEngine(try place.settings())
        #expect(engine.covers(.fast) && engine.covers(.gpen))
        var map = JobDescription.fast
        map.options.map = [0: 0]
        #expect(!engine.covers(map))
        var eyes = JobDescription.fast
        eyes.options.keepEyes = true
        #expect(!engine.covers(eyes))
        var scale = JobDescription.fast
        scale.options.outputScale = 110
        #expect(!engine.covers(scale))
        var mesh = JobDescription.fast
        mesh.swapper = "mesh"
        #expect(!engine.covers(mesh))
        for (key, value) in [
            ("face_enhancer_blend", "--temp-path"), ("jobs_path", "x"), ("face_mask_types", "box --jobs-path=x"),
            ("face_detector_model", "a b"), ("face_mask_types", ""),
        ] {
            var choice = JobDescription.fast
            choice.options.choices = [key: value]
            #expect(!engine.covers(choice), "\(key) = \(value)")
        }
        var young = JobDescription.fast
        young.processors.append("age_modifier")
        young.options.choices = ["age_modifier_direction": "-50"]
        #expect(engine.covers(young))
        var selected = JobDescription.fast
        selected.options.choices = [
            "face_selector_mode": "many", "face_selector_order": "best-worst", "reference_face_position": "1",
            "reference_face_distance": "0.4", "reference_frame_number": "3", "face_detector_angles": "0,90",
        ]
        #expect(engine.covers(selected))
    }

    @Test(arguments: [
        ("refuse", MasqueError.Code.refusedContent, "refused"), ("exit3", .refusedContent, "refused"),
        ("noface", .noFace, "no face"), ("exit1", .failed, "exit code 1"), ("traceback", .failed, "exit code 1"),
        ("crash", .failed, "crashed (signal 11) while it was swapping"), ("nooutput", .failed, "left no result"),
    ])
    func `each bad end becomes an error with a sentence`(mode: String, code: MasqueError.Code, words: String)
        async throws
    {
        let place = try Installation()
        let order = try place.order(.fast)
        let error = await #expect(throws: MasqueError.self) { try await place.perform(mode, order) }
        #expect(error?.code == code)
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }

    @Test func `an option that it does not take ends as bad input`() async throws {
        let place = try Installation()
        var mode = JobDescription.fast
        mode.options.choices = ["face_enhancer_blend": "170"]
        let order = try place.order(mode)
        let error = await #expect(throws: MasqueError.self) { try await place.perform("", order) }
        #expect(error?.code == .badInput)
        #expect(try place.calls.map(\.first) == ["job-create", "job-add-step"])
    }

    @Test func `silence ends it with all that it started`() async throws {
        let place = try Installation()
        let order = try place.order(.fast)
        let error = await #expect(throws: MasqueError.self) {
            try await place.perform("stubborn", order, silence: .seconds(3))
        }
        #expect(error?.message.contains("said nothing for 3 seconds while it was swapping") == true, "\(error as Any)")
        try await place.expectAllGone()
    }

    @Test func `a cancel kills it and all that it started`() async throws {
        let place = try Installation()
        let order = try place.order(.fast)
        let work = Task { try await place.perform("stubborn", order) }
        let end = ContinuousClock.now + .seconds(60)
        while !FileManager.default.fileExists(atPath: place.pids) {
            try #require(ContinuousClock.now < end, "The stand-in did not get there.")
            try await Task.sleep(for: .milliseconds(20))
        }
        work.cancel()
        let result = await work.result
        #expect(throws: CancellationError.self) { try result.get() }
        try await place.expectAllGone()
    }

    @Test func `two jobs with targets of one name do not meet`() async throws {
        let place = try Installation()
        let (one, two) = (try place.order(.fast, attempt: "one"), try place.order(.fast, attempt: "two"))
        async let first = place.perform("", one)
        async let second = place.perform("", two)
        let made = try await [first, second]
        #expect(made.allSatisfy { FileManager.default.fileExists(atPath: $0) })
        #expect(Set(try place.calls.map { $0[1] }).count == 2)
    }

    @Test func `a folder without FaceFusion is refused, and so is a Python that is not there`() throws {
        let place = try Installation()
        #expect(throws: MasqueError.self) { try FaceFusionSettings(folder: place.folder) }
        #expect(throws: MasqueError.self) {
            try FaceFusionSettings(folder: place.folder + "/ff", python: "/nowhere/python")
        }
        #expect(throws: MasqueError.self) { try FaceFusionSettings(folder: place.folder + "/ff", path: "/nowhere") }
    }
}

extension Installation {
    /// What the stand-in named of itself and its child is gone.
    func expectAllGone() async throws {
        let text = try String(contentsOfFile: pids, encoding: .utf8)
        let numbers = text.split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(numbers.count == 2)
        let end = ContinuousClock.now + .seconds(20)
        while !numbers.allSatisfy({ Self.isGone($0) }) {
            try #require(ContinuousClock.now < end, "Something is still there.")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Whether a process is no more, or only waits for whoever inherited it.
    private static func isGone(_ number: String) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8) else { return true }
        return stat.drop { $0 != ")" }.dropFirst(2).first == "Z"
    }
}
