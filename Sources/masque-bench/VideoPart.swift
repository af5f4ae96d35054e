// The bench part that swaps one face through a whole video and compares with re-encoding alone.
internal import Errors
internal import Foundation
internal import Inference
internal import Studio

/// One face of 240 pixels at 1280×720, against `ffmpeg` and our own reader and writer without a swap.
struct VideoPart: BenchPart {
    let name = "video"
    let title = "A whole video swap at 1280×720"

    func run(quick: Bool) throws -> String {
        try withTemporaryFolder { folder in
            let frames = quick ? 90 : 300
            let target = folder.appendingPathComponent("target.mp4").path
            let output = folder.appendingPathComponent("output.mp4").path
            try SampleStage(width: 1280, height: 720).write(frames: frames, to: target)

            let peer = try ffmpeg(target, output)
            let decode = try BenchChild.run(ChildJob(kind: .decode, target: target))
            let copy = try BenchChild.run(ChildJob(kind: .reencode, target: target, output: output))
            // The better of two, as for the peers' warm files.
            let job = ChildJob(kind: .swap, source: SampleStage.source, target: target, output: output, times: 2)
            let swap = try BenchChild.run(job)
            guard let plain = copy.runs.first, let read = decode.runs.first, let cold = swap.runs.first,
                let best = swap.runs.min(by: { $0.seconds < $1.seconds }), let report = best.report
            else { throw MasqueError(.failed, "The bench's children measured nothing.") }

            var runs = Table([
                "run", "frames/s", "× real time", "time / ffmpeg's", "CPU ms/frame", "CPU / ffmpeg's", "peak MiB",
            ])
            let n = Double(frames), bound = peer.seconds
            func add(_ name: String, _ seconds: Double, _ processor: Double?, _ peak: Int?) {
                runs.add([
                    name, text(n / seconds), text(n / seconds / 30, 2), text(seconds / bound, 2),
                    processor.map { text(1000 * $0 / n) } ?? "–",
                    processor.map { text($0 / peer.processor, 2) } ?? "–",
                    peak.map { text(Double($0) / 1_048_576, 0) } ?? "–",
                ])
            }
            add("ffmpeg, decode + encode (the bound)", peer.seconds, peer.processor, nil)
            add("our decoding alone", read.seconds, read.processorSeconds, decode.peakBytes)
            add("our decode + encode", plain.seconds, plain.processorSeconds, copy.peakBytes)
            if let seconds = best.pipelineSeconds, let processor = best.pipelineProcessorSeconds {
                add("swap: pipeline", seconds, processor, nil)
            }
            add("swap: pipeline + content gate", report.seconds - report.startUp, nil, nil)
            add("swap: everything, models in memory", best.seconds, best.processorSeconds, nil)
            add("swap: everything, new process", cold.seconds, cold.processorSeconds, swap.peakBytes)

            var stages = Table(["stage", "wall ms/frame", "own thread's CPU ms/frame"])
            for stage in videoStages { stages.add([stage, text(report.wall(stage)), text(report.processor(stage))]) }
            let own = videoStages.reduce(0) { $0 + report.processor($1) }
            stages.add(["helper threads of codecs and models", "–", text(1000 * best.processorSeconds / n - own)])
            let swapped = report.swapped.first
            let cores = CPUFeatures.current.usableCores
            let realTime = n / best.seconds / 30
            return """
                \(frames) frames at 30 a second, one face of 240 pixels, H.264 in and out, `veryfast`, default quality. \
                \(report.framesSwapped) frames swapped; identity distance to the source \
                \(Self.figure(swapped?.distanceBefore)) before, \(Self.figure(swapped?.distanceAfter)) after; landmark \
                error \(Self.figure(swapped?.landmarkError)) % of the distance between the eyes. \
                **Real-time factor of everything: \(text(realTime, 2))** (goal ≥ 1). Its processor time would allow \
                \(text(Double(cores) * n / best.processorSeconds, 0)) frames/s at most on \(cores) cores that nothing \
                else uses; `ffmpeg`'s \(text(Double(cores) * n / peer.processor, 0)).

                \(runs.markdown)

                Stages run side by side, so their wall times hold waits for a core and do not add up; the gate runs \
                before the others. Start-up (source, reference frame) is \(text(report.startUp, 2)) s with models in \
                memory, \(text(cold.report?.startUp ?? 0, 2)) s in a new process.

                \(stages.markdown)
                """
        }
    }

    private static func figure(_ value: Float?) -> String { value.map { text(Double($0), 2) } ?? "–" }

    /// What FFmpeg's program takes for the same work without a swap, with the settings that Masque's default means.
    private func ffmpeg(_ target: String, _ output: String) throws -> (seconds: Double, processor: Double) {
        let before = Machine.childrenSeconds
        let start = ContinuousClock.now
        try BenchChild.output(
            of: "/usr/bin/env",
            [
                "ffmpeg", "-v", "error", "-y", "-i", target, "-c:v", "libx264", "-preset", "veryfast", "-crf", "10",
                "-movflags", "+faststart", output,
            ])
        return ((ContinuousClock.now - start) / .seconds(1), Machine.childrenSeconds - before)
    }
}
