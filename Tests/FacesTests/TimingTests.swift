// How long each stage takes; run with MASQUE_BENCH=1.

import Faces
import Foundation
import Inference
import Pixels
import Testing

@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["MASQUE_BENCH"] != nil))
struct TimingTests {
    private func milliseconds(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
        try body()
        var best = Double.infinity
        for _ in 0..<3 {
            let start = ContinuousClock.now
            for _ in 0..<count { try body() }
            let spent = (ContinuousClock.now - start) / count
            best = min(best, Double(spent.components.attoseconds) / 1e15 + Double(spent.components.seconds) * 1000)
        }
        return best
    }

    @Test(arguments: [1, 2]) func `Stages are timed`(threads: Int) throws {
        let models = Samples.models(threads: threads)
        let picture = try Samples.astronaut().seen(
            through: Affine(a: 0.7, b: 0, tx: -200, c: 0, d: 0.7, ty: 0), width: 1280, height: 720)
        let detector = try models.detector(), fast = try models.fastDetector(), landmarker = try models.landmarker()
        let embedder = try models.embedder(), irises = try models.irisLandmarker()
        let segmenter = try models.personSegmenter()
        let face = try #require(try detector.detect(in: picture, options: .video).first)
        let mesh = try landmarker.mesh(of: face, in: picture, refinements: 1)
        func report(_ name: String, _ value: Double) {
            print("timing, \(threads) threads: \(name) \((value * 100).rounded() / 100) ms")
        }
        report("CenterFace fast", try milliseconds(10) { _ = try detector.detect(in: picture, options: .video) })
        report(
            "CenterFace balanced",
            try milliseconds(5) { _ = try detector.detect(in: picture, options: DetectionOptions()) })
        report("CenterFace thorough", try milliseconds(3) { _ = try detector.detect(in: picture, options: .picture) })
        report("BlazeFace", try milliseconds(50) { _ = try fast.detect(in: picture, options: .video) })
        report("mesh", try milliseconds(30) { _ = try landmarker.mesh(following: mesh, in: picture) })
        report(
            "mesh crop only",
            milliseconds(100) {
                _ = picture.sample(mesh.region(size: 192), width: 192, height: 192, outsideIsBlack: true)
            })
        report("embedding", try milliseconds(10) { _ = try embedder.embedding(of: mesh, in: picture) })
        report("irises", try milliseconds(30) { _ = try irises.irises(of: mesh, in: picture) })
        let crop = AlignmentTemplate.ffhq512.crop(for: mesh.fivePoints, size: 256)
        report(
            "person mask",
            try milliseconds(10) { _ = try segmenter.mask(of: mesh, in: picture, transform: crop, size: 256) })
        report(
            "outline mask 256",
            milliseconds(50) { _ = Plane.meshMask(of: mesh, transform: crop, size: 256, feather: 10) })
        report("box mask 256", milliseconds(50) { _ = Plane.boxMask(side: 256) })
        var smoother = MeshSmoother()
        var time = 0.0
        report(
            "smoothing",
            milliseconds(200) {
                time += 1 / 30
                _ = smoother(mesh, at: time)
            })
        var tracker = try models.tracker()
        var clock = 0.0
        report(
            "tracker, mean of 50 frames",
            try milliseconds(50) {
                clock += 1 / 30
                _ = try tracker.update(surface: picture, time: clock)
            })
        for (name, options) in [("fast", DetectionOptions.video), ("balanced", DetectionOptions())] {
            try picture.withFrame { frame in
                report(
                    "4:2:0 frame, CenterFace \(name)",
                    try milliseconds(10) { _ = try detector.detect(in: frame, options: options) })
            }
        }
        try picture.withFrame { frame in
            let pass = CenterFaceDetector.passes(width: 1280, height: 720, effort: .fast, turn: .upright)[0]
            report(
                "4:2:0 frame, CenterFace fast, sampling only",
                milliseconds(10) {
                    _ = frame.sample(pass.transform, width: pass.width, height: pass.height, outsideIsBlack: true)
                })
            report("4:2:0 frame, BlazeFace", try milliseconds(20) { _ = try fast.detect(in: frame, options: .video) })
            report("4:2:0 frame, mesh", try milliseconds(30) { _ = try landmarker.mesh(following: mesh, in: frame) })
            var tracker = try models.tracker()
            var clock = 0.0
            report(
                "4:2:0 frame, tracker, mean of 50 frames",
                try milliseconds(50) {
                    clock += 1 / 30
                    _ = try tracker.update(surface: frame, time: clock)
                })
        }
    }
}
