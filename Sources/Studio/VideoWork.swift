// A request for a video: gate, reference frame, then decode → analyse → process → encode side by side.

internal import Errors
internal import Faces
internal import Files
internal import Inference
internal import Pixels
internal import Synchronization
internal import VideoIO

/// Swaps the faces of one video.
struct VideoWork: Sendable {
    let work: MediaWork
    let gate: ContentGate
    let sources: [SourcePerson]
    let chain: ProcessorChain
    let plan: MediaPlan

    func run(start: ContinuousClock.Instant) throws -> MediaReport {
        let request = work.request
        // The file is read several times: what is swapped must be what the gate saw.
        let stamp = try FileStamp(path: request.target, ignoresLinks: request.targetIsImmutable)
        // Opened first: a target that is no video is the first thing to say, whatever the output is called.
        let reader = try VideoReader(path: request.target, limits: request.videoLimits)
        var options = try request.videoOptions(VideoContainer(path: request.output))
        // Frames that are made anew get the wanted size at the end.
        let scale =
            chain.factor > 1 ? options.scale ?? request.outputScale.map { .factor($0 / 100) } : nil
        if scale != nil { options.scale = nil }
        let output = try AtomicFile(path: request.output, overwrite: request.overwrite)
        let name = work.name(request.target)
        let turns = Self.turns(for: reader.info.rotation, wanted: request.detection.turns)
        let keepsAlpha = chain.makesAlpha && options.container.holdsAlpha
        // A part's packets would lose the alpha that goes beside them.
        let isCheckpointed = options.codec != .gif && !keepsAlpha
        let checkpoint = try isCheckpointed ? request.checkpoint.map { try opened($0, stamp: stamp) } : nil
        let frames = try checkedFrames(reader, checkpoint: checkpoint, name: name)
        let plan = try work.clock.measure("reference") { try settledPlan(name: name, turns: turns) }

        try reader.prepare(for: options, trim: request.trim)
        var source = reader.source
        source.sound = request.voice
        let writer = try VideoWriter(
            path: output.temporaryPath, source: source, options: options,
            provenance: VideoProvenance(
                software: Version.product, system: chain.system,
                comment: chain.statement))
        let made = try make(
            reader: reader, writer: writer, checkpoint: checkpoint, plan: plan, frames: frames, name: name,
            shape: { first in
                try shape(of: first, scale: scale, rotation: reader.rotation, keepsAlpha: keepsAlpha, name: name)
            })
        guard try stamp.fits(request.target) else {
            checkpoint?.clear(from: 0)
            throw Self.changed(name)
        }
        try output.commit()
        let (size, isTurned) = (made.tally.size, reader.rotation % 180 != 0)
        return MediaReport(
            output: request.output, kind: "video", width: isTurned ? size.height : size.width,
            height: isTurned ? size.width : size.height,
            facesFound: made.tally.tracks, swapped: made.tally.faces, frames: made.summary.frames,
            framesSwapped: made.tally.framesSwapped, seconds: (ContinuousClock.now - start).seconds,
            stages: work.clock.stages,
            warnings: work.request.notes + chain.notes + made.warnings
                + (chain.makesAlpha && !keepsAlpha
                    ? ["This container holds no transparency, so the background is white; write .webm to keep it."]
                    : []))
    }

    /// What the frames of the output are like.
    ///
    /// - Throws: `.tooLarge` when they would be beyond what video frames may be.
    private func shape(
        of first: VideoFrame, scale: FrameScale?, rotation: Int, keepsAlpha: Bool, name: String
    ) throws -> VideoPipeline.MadeShape {
        let source = (width: first.width, height: first.height)
        let made = (width: source.width * chain.factor, height: source.height * chain.factor)
        let output =
            scale?.apply(width: source.width, height: source.height, quarterTurned: rotation % 180 != 0) ?? made
        let limits = work.request.videoLimits
        guard [made, output].allSatisfy({ $0.width * $0.height <= limits.pixels && max($0.width, $0.height) <= 16384 })
        else {
            throw MasqueError(
                .tooLarge, "“\(name)” would become \(made.width)×\(made.height), beyond the limits.",
                advice: "Choose a smaller video, or a model that enlarges less.")
        }
        return VideoPipeline.MadeShape(source: source, output: output, keepsAlpha: keepsAlpha)
    }

    private func opened(_ folder: String, stamp: FileStamp) throws -> VideoCheckpoint {
        try work.clock.measure("checkpoint") {
            try VideoCheckpoint(
                folder: folder, work: work, stamp: stamp)
        }
    }

    /// The error for a target that is another file now than at the beginning.
    static func changed(_ name: String) -> MasqueError {
        MasqueError(
            .badInput, "“\(name)” was changed while it was worked on, so the result was thrown away.",
            advice: "Try again with a file that nobody writes to.")
    }

    /// Lets the target pass the content gate, or finds that the same content passed it in an earlier run.
    ///
    /// - Returns: its frames.
    private func checkedFrames(_ reader: VideoReader, checkpoint: VideoCheckpoint?, name: String) throws -> Int {
        if let frames = checkpoint?.checkedFrames { return frames }
        let request = work.request
        let expected = max(reader.info.duration, 0.04)
        let scan = try work.clock.measure("gate") {
            try gate.check(
                video: request.target, name: name, trim: request.trim, limits: request.videoLimits,
                detector: work.engine.faceModels.detector(),
                shown: Self.turns(for: reader.info.rotation, wanted: [.upright])[0]
            ) { seconds in
                try work.stop.check()
                work.report(.checking, seconds / expected)
            }
        }
        try checkpoint?.passedGate(frames: scan.frames)
        return scan.frames
    }

    /// Makes all frames that are not there yet and the file.
    private func make(
        reader: VideoReader, writer: VideoWriter, checkpoint: VideoCheckpoint?, plan: MediaPlan, frames: Int,
        name: String, shape: (VideoFrame) throws -> VideoPipeline.MadeShape
    ) throws -> (summary: VideoSummary, tally: VideoTally, warnings: [String]) {
        let request = work.request
        guard let first = try reader.peek() else {
            throw MasqueError(.unsupportedMedia, "“\(name)” has no frames.")
        }
        let made = try shape(first)
        var parts: [VideoCheckpoint.Part] = []
        if let checkpoint {
            try writer.begin(like: made.likeness(of: first, isMade: chain.makesFrames))
            parts = checkpoint.parts { writer.accepts(segmentAt: $0, $1) }
            if let place = parts.last?.next?.place, try !reader.go(to: place, check: work.stop.check) {
                // The file reads differently this time: nothing of it can be gone on with.
                checkpoint.clear(from: 0)
                return try make(
                    reader: again(writer.options), writer: writer, checkpoint: checkpoint, plan: plan, frames: frames,
                    name: name, shape: shape)
            }
        }
        let earlier = parts.last?.next
        let tally = VideoTally(after: earlier)
        tally.settle(
            width: chain.makesFrames ? made.output.width & ~1 : first.width,
            height: chain.makesFrames ? made.output.height & ~1 : first.height)
        let before = parts.last?.warnings ?? []
        let sink = VideoSink(
            writer: writer, checkpoint: checkpoint, done: parts.count, tally: tally,
            stop: work.stop,
            warnings: { (before + reader.warnings).unique })
        if let last = parts.last, last.next == nil {
            tally.take(frames: last.frames, seen: last.seen, swapped: last.tally)
        } else {
            let previews = try request.previewFolder.map {
                try PreviewWriter(folder: $0, interval: request.previewInterval, rotation: reader.rotation)
            }
            defer { previews?.close() }
            // Some containers hold no rotation tag: then the pixels come turned already.
            let turns = Self.turns(for: reader.rotation, wanted: request.detection.turns)
            let pipeline = VideoPipeline(
                work: work, sources: sources, chain: chain, plan: plan, turns: turns,
                rotation: reader.rotation, shape: made, tally: tally, partLength: checkpoint?.length, earlier: earlier)
            let own = reader.info.frameRate
            let expected =
                writer.options.frameRate.map { own.isKnown ? Int(Double(frames) / own.value * $0) : frames } ?? frames
            try pipeline.run(reader: reader) { frame, state in
                try sink.write(frame, state: state)
                previews?.offer(frame)
                tally.wrote()
                work.report(
                    .swapping, Double(tally.frames) / Double(max(expected, 1)), frame: tally.frames, frames: expected,
                    previews: previews?.count ?? 0)
            }
            try work.clock.measure("encode") { try sink.finish() }
        }
        guard tally.framesSwapped > 0 else {
            throw MasqueError(
                .noFace, "None of the faces in “\(name)” is one that was asked for, so nothing was swapped.",
                advice:
                    "Choose others with \(work.request.label("face_selector_mode")) many, or another frame with \(work.request.label("reference_frame_number"))."
            )
        }
        work.report(.finishing, 0, frame: tally.frames, frames: tally.frames)
        let summary = try work.clock.measure("encode") { try sink.join() }
        return (summary, tally, (before + reader.warnings + summary.warnings).unique)
    }

    /// A fresh reader of the target.
    private func again(_ options: VideoIO.EncodeOptions) throws -> VideoReader {
        let reader = try VideoReader(path: work.request.target, limits: work.request.videoLimits)
        try reader.prepare(for: options, trim: work.request.trim)
        return reader
    }

    /// The turns in which the detector looks: those wanted, as the video is shown, so that faces of a video with a
    /// rotation tag stand upright to it.
    static func turns(for rotation: Int, wanted: [QuarterTurn]) -> [QuarterTurn] {
        wanted.map { QuarterTurn(rawValue: (((rotation + $0.rawValue) % 360) + 360) % 360) ?? .upright }
    }

    /// The plan with its people settled by the reference frame, or the first frame after it that shows a face.
    private func settledPlan(name: String, turns: [QuarterTurn]) throws -> MediaPlan {
        guard plan.needsReferenceFrame else { return plan }
        let request = work.request
        let reader = try VideoReader(path: request.target, limits: request.videoLimits)
        let finder = try work.finder(filter: request.selector.filter)
        var options = request.detection
        options.turns = turns
        if let time = request.referenceTime {
            let faces = try reader.frame(at: time).withPlanes { try finder.faces(in: $0, options: options) }
            return try plan.settled(by: faces, in: name)
        }
        try reader.prepare(trim: request.trim)
        var last: [Face] = []
        let settled = try ReferenceFrames.search(reader, from: request.referenceFrame) { frame in
            try work.stop.check()
            let faces = try frame.withPlanes { try finder.faces(in: $0, options: options) }
            if let settled = try? plan.settled(by: faces, in: name) { return settled }
            if !faces.isEmpty { last = faces }
            return nil
        }
        return try settled ?? plan.settled(by: last, in: name)
    }
}

extension [String] {
    /// Each sentence once.
    fileprivate var unique: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
