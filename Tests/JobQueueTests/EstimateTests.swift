// Estimates are near what was measured, and nothing is claimed that is not known.

import Foundation
import JobQueue
import Testing

private func description(_ lane: Lane, swapper: String = "mesh") -> JobDescription {
    JobDescription(mode: nil, processors: ["face_swapper"], swapper: swapper, enhancer: nil, lane: lane)
}

private func picture(_ width: Int, _ height: Int, _ seconds: Double, bytes: Int64 = 1000) -> PastWork {
    PastWork(
        description: description(.image), targetByteCount: bytes, duration: nil, width: width, height: height,
        seconds: seconds)
}

private func video(
    _ width: Int, _ height: Int, _ duration: Double, _ seconds: Double, rate: Double? = nil, output: Double? = nil
) -> PastWork {
    var done = description(.video)
    done.options.outputFPS = output
    return PastWork(
        description: done, targetByteCount: 1000, duration: duration, width: width, height: height,
        framesPerSecond: rate, seconds: seconds)
}

private func target(_ width: Int?, _ height: Int?, _ duration: Double? = nil, bytes: Int64 = 0) -> WorkEstimator.Target
{
    WorkEstimator.Target(width: width, height: height, duration: duration, byteCount: bytes)
}

private func isNear(_ value: Double?, _ expected: Double, by share: Double = 0.01) -> Bool {
    value.map { abs($0 - expected) <= share * expected } ?? false
}

@Suite struct EstimateTests {
    @Test func `what was never done is not estimated`() {
        let empty = WorkEstimator([])
        #expect(empty.seconds(description(.image), of: target(100, 100, bytes: 5)) == nil)
        #expect(empty.typicalSeconds(.image) == nil)
        let pictures = WorkEstimator([picture(1000, 1000, 2)])
        #expect(pictures.seconds(description(.image), of: target(1000, 1000)) != nil)
        #expect(pictures.seconds(description(.image, swapper: "hyperswap_1c_256"), of: target(1000, 1000)) == nil)
        #expect(pictures.seconds(description(.video), of: target(1000, 1000, 4)) == nil)
        #expect(pictures.seconds(description(.image), of: target(nil, nil)) == nil)
    }

    @Test func `a picture costs a fixed part and its megapixels`() {
        let estimator = WorkEstimator([1, 2, 4, 8, 12].map { picture(1000, $0 * 1000, 0.5 + 0.25 * Double($0)) })
        #expect(isNear(estimator.seconds(description(.image), of: target(2000, 3000)), 2.0))
        #expect(isNear(estimator.seconds(description(.image), of: target(500, 500)), 0.5625))
        #expect(isNear(estimator.typicalSeconds(.image), 1.5))
    }

    @Test func `a few jobs that hung change little`() {
        var past = (1...20).map { picture(1000, $0 * 500, 0.4 + 0.1 * Double($0)) }
        past[3] = picture(1000, 1500, 600)
        past[9] = picture(1000, 2500, 300)
        let estimator = WorkEstimator(past)
        #expect(isNear(estimator.seconds(description(.image), of: target(1000, 4000)), 1.2, by: 0.1))
    }

    @Test func `a video costs by its pixels and seconds, trimmed and scaled as asked`() {
        func cost(_ megapixels: Double, _ duration: Double) -> Double { 1 + 2 * megapixels * duration }
        let past = [
            video(640, 360, 10, cost(0.2304, 10)), video(1280, 720, 5, cost(0.9216, 5)),
            video(1920, 1080, 20, cost(2.0736, 20)), video(640, 640, 60, cost(0.4096, 60)),
        ]
        let estimator = WorkEstimator(past)
        let whole = estimator.seconds(description(.video), of: target(1280, 720, 30))
        #expect(isNear(whole, cost(0.9216, 30)))
        var trimmed = description(.video)
        trimmed.options.trimStart = 10
        trimmed.options.trimEnd = 25
        trimmed.options.outputScale = 50
        #expect(isNear(estimator.seconds(trimmed, of: target(1280, 720, 30)), cost(0.2304, 15)))
        trimmed.options.trimStart = 90
        #expect(estimator.seconds(trimmed, of: target(1280, 720, 30)) == nil, "nothing is left of it")
    }

    @Test func `a video costs by the frames that are made, whether as many as it has or as asked`() {
        func cost(_ frames: Double) -> Double { 1 + 0.05 * 0.9216 * frames }
        let past = [
            video(1280, 720, 10, cost(300), rate: 30), video(1280, 720, 10, cost(600), rate: 60),
            video(1280, 720, 20, cost(240), rate: 60, output: 12), video(1280, 720, 4, cost(96), output: 24),
        ]
        let estimator = WorkEstimator(past)
        var target = target(1280, 720, 30)
        #expect(isNear(estimator.seconds(description(.video), of: target), cost(900)), "30 a second unless it is known")
        target.framesPerSecond = 60
        #expect(isNear(estimator.seconds(description(.video), of: target), cost(1800)))
        var slower = description(.video)
        slower.options.outputFPS = 15
        #expect(isNear(estimator.seconds(slower, of: target), cost(450)))
        slower.options.trimEnd = 10
        #expect(isNear(estimator.seconds(slower, of: target), cost(150)))
    }

    @Test func `without a size the bytes tell, and one size alone gives a ratio`() {
        let estimator = WorkEstimator([picture(0, 0, 2, bytes: 1000), picture(0, 0, 4, bytes: 2000)])
        #expect(isNear(estimator.seconds(description(.image), of: target(nil, nil, bytes: 5000)), 10))
        let single = WorkEstimator([picture(1000, 1000, 3), picture(1000, 1000, 5)])
        #expect(isNear(single.seconds(description(.image), of: target(1000, 2000)), 8))
    }

    @Test func `nonsense in the past is passed over`() {
        let past = [
            picture(1000, 1000, .nan), picture(1000, 1000, -4), picture(1000, 1000, 0), picture(-5, 9, 1, bytes: 0),
        ]
        let estimator = WorkEstimator(past)
        #expect(estimator.seconds(description(.image), of: target(1000, 1000, bytes: 7)) == nil)
    }

    @Test func `the wait is the work before a job, shared by the workers`() {
        var figures = LaneFigures()
        figures.running = 2
        figures.queued = 10
        figures.queuedWork = 100
        #expect(figures.waiting(position: 4, workers: 2, typical: nil) == 25)
        #expect(figures.waiting(position: 0, workers: 4, typical: nil) == 0)
        #expect(figures.waiting(position: 4, workers: 0, typical: 5) == nil)
        figures.queuedWork = 0
        #expect(figures.waiting(position: 4, workers: 2, typical: nil) == nil)
        #expect(figures.waiting(position: 4, workers: 2, typical: 2) == 5)
    }

    @Test func `the time left follows the estimate first and the progress then`() {
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        var job = Job(
            id: JobID(rawValue: "j"), owner: OwnerID(rawValue: "o"), description: description(.image), state: .draft,
            createdAt: start)
        #expect(job.secondsLeft(waiting: 5, now: start) == nil)
        job.state = .queued
        #expect(job.secondsLeft(waiting: 5, now: start) == nil)
        job.workEstimate = 20
        #expect(job.secondsLeft(waiting: 5, now: start) == 25)
        job.availableAt = start + 30
        #expect(job.secondsLeft(waiting: 5, now: start) == 50)
        job.state = .running
        job.startedAt = start
        #expect(job.secondsLeft(waiting: nil, now: start + 4) == 16)
        #expect(job.secondsLeft(waiting: nil, now: start + 90) == 0)
        job.progress = 50
        #expect(job.secondsLeft(waiting: nil, now: start + 10) == 10)
        job.workEstimate = nil
        #expect(job.secondsLeft(waiting: nil, now: start + 30) == 30)
        job.progress = 1
        #expect(job.secondsLeft(waiting: nil, now: start + 30) == nil)
        job.state = .completed
        #expect(job.secondsLeft(waiting: 5, now: start) == nil)
    }
}
