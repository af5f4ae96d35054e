// A swap into a video: gate, reference frame, then decode → analyse → swap → encode side by side.

internal import Errors
internal import Faces
internal import Files
internal import Inference
internal import Pixels
internal import Synchronization
internal import VideoIO

/// Swaps the faces of one video.
struct VideoSwap: Sendable {
    let work: SwapWork
    let gate: ContentGate
    let sources: [SwapWork.Source]
    let swapper: MeshSwapper
    let plan: SwapPlan

    /// A frame with what the analysis decided for it.
    private struct Decided: Sendable {
        let frame: VideoFrame
        let faces: [(track: TrackedFace, source: Int)]
        let isCut: Bool
    }

    func run(start: ContinuousClock.Instant) throws -> SwapReport {
        let request = work.request
        // The file is read several times: what is swapped must be what the gate saw.
        let stamp = try FileStamp(path: request.target)
        // Opened first: a target that is no video is the first thing to say, whatever the output is called.
        let reader = try VideoReader(path: request.target, limits: request.videoLimits)
        let options = try request.videoOptions(VideoContainer(path: request.output))
        let output = try AtomicFile(path: request.output, overwrite: request.overwrite)
        let name = work.name(request.target)
        let turns = Self.turns(for: reader.info.rotation, wanted: request.detection.turns)
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
        let plan = try work.clock.measure("reference") { try settledPlan(name: name, turns: turns) }

        try reader.prepare(for: options, trim: request.trim)
        let writer = try VideoWriter(
            path: output.temporaryPath, source: reader.source, options: options,
            provenance: VideoProvenance(
                software: Version.product, system: "mesh",
                comment: "Faces in this video were replaced by a machine (\(Version.product))."))
        let tally = VideoTally()
        // Some containers hold no rotation tag: then the pixels come turned already.
        try pipeline(
            reader: reader, writer: writer, plan: plan,
            turns: Self.turns(for: reader.rotation, wanted: request.detection.turns), frames: scan.frames, tally: tally)
        work.report(.finishing, 0, frame: tally.frames, frames: tally.frames)
        let summary = try work.clock.measure("encode") { try writer.finish() }
        guard tally.framesSwapped > 0 else {
            throw MasqueError(
                .noFace, "None of the faces in “\(name)” is one that was asked for, so nothing was swapped.",
                advice: "Choose others with --faces many, --reference-frame or --reference.")
        }
        guard try FileStamp(path: request.target) == stamp else {
            throw MasqueError(
                .badInput, "“\(name)” was changed while it was worked on, so the result was thrown away.",
                advice: "Try again with a file that nobody writes to.")
        }
        try output.commit()
        let (size, isTurned) = (tally.size, reader.rotation % 180 != 0)
        return SwapReport(
            output: request.output, kind: "video", width: isTurned ? size.height : size.width,
            height: isTurned ? size.width : size.height,
            facesFound: tally.tracks, swapped: tally.faces, frames: summary.frames, framesSwapped: tally.framesSwapped,
            seconds: (ContinuousClock.now - start).seconds, stages: work.clock.stages,
            warnings: reader.warnings + summary.warnings)
    }

    /// The turns in which the detector looks: those wanted, as the video is shown, so that faces of a video with a
    /// rotation tag stand upright to it.
    static func turns(for rotation: Int, wanted: [QuarterTurn]) -> [QuarterTurn] {
        wanted.map { QuarterTurn(rawValue: (((rotation + $0.rawValue) % 360) + 360) % 360) ?? .upright }
    }

    /// The plan with its people settled by the reference frame, or the first frame after it that shows a face.
    private func settledPlan(name: String, turns: [QuarterTurn]) throws -> SwapPlan {
        guard plan.needsReferenceFrame else { return plan }
        let request = work.request
        let reader = try VideoReader(path: request.target, limits: request.videoLimits)
        let finder = try work.engine.faceModels.finder(embeddings: true)
        var options = request.detection
        options.turns = turns
        if let time = request.referenceTime {
            let faces = try reader.frame(at: time).withPlanes { try finder.faces(in: $0, options: options) }
            return try plan.settled(by: faces, in: name)
        }
        try reader.prepare(trim: request.trim)
        var looks = 0
        var last: [Face] = []
        while let frame = try reader.next(), looks < 120 {
            try work.stop.check()
            guard frame.index >= request.referenceFrame, (frame.index - request.referenceFrame) % 6 == 0 else {
                continue
            }
            looks += 1
            let faces = try frame.withPlanes { try finder.faces(in: $0, options: options) }
            if let settled = try? plan.settled(by: faces, in: name) { return settled }
            if !faces.isEmpty { last = faces }
        }
        return try plan.settled(by: last, in: name)
    }

    // MARK: The pipeline

    private func pipeline(
        reader: VideoReader, writer: VideoWriter, plan: SwapPlan, turns: [QuarterTurn], frames: Int, tally: VideoTally
    ) throws {
        let decoded = BoundedQueue<VideoFrame>(capacity: 4)
        let decided = BoundedQueue<Decided>(capacity: 4)
        let swapped = BoundedQueue<VideoFrame>(capacity: 4)
        let work = self.work, clock = work.clock
        try runStages(
            [
                (
                    "decode",
                    {
                        while let frame = try clock.measure("decode", { try reader.next() }) {
                            try work.stop.check()
                            try decoded.push(frame)
                        }
                        decoded.close()
                    }
                ),
                (
                    "analyse",
                    {
                        try analyse(decoded, into: decided, plan: plan, turns: turns, tally: tally)
                        decided.close()
                    }
                ),
                (
                    "swap",
                    {
                        try swap(decided, into: swapped, tally: tally)
                        swapped.close()
                    }
                ),
                (
                    "encode",
                    {
                        while let frame = try swapped.pop() {
                            try clock.measure("encode") { try writer.write(frame) }
                            tally.wrote(width: frame.width, height: frame.height)
                            work.report(
                                .swapping, Double(tally.frames) / Double(max(frames, 1)), frame: tally.frames,
                                frames: frames)
                        }
                    }
                ),
            ],
            onFailure: { error in
                decoded.cancel(error)
                decided.cancel(error)
                swapped.cancel(error)
            })
    }

    /// Follows the faces and decides who becomes whom.
    private func analyse(
        _ frames: BoundedQueue<VideoFrame>, into decided: BoundedQueue<Decided>, plan: SwapPlan,
        turns: [QuarterTurn], tally: VideoTally
    ) throws {
        var options = FaceTrackerOptions()
        options.detection.turns = turns
        options.detection.threshold = work.request.detection.threshold
        options.search.threshold = work.request.detection.threshold
        if !work.request.smoothing { options.smoothing = nil }
        var tracker = try work.engine.faceModels.tracker(embeddings: plan.needsEmbeddings, options: options)
        var cuts = SceneCutDetector()
        while let frame = try frames.pop() {
            let item = try work.clock.measure("analyse") {
                let isCut: Bool
                switch cuts.look(frame.signature()) {
                case .suspected: isCut = true
                case .same, .confirmed: isCut = false
                }
                let tracks = try frame.withPlanes {
                    try tracker.update(surface: $0, time: frame.seconds, sceneCut: isCut)
                }
                tally.saw(tracks.map(\.id))
                let faces = plan.decide(tracks.map(\.face)).map { (track: tracks[$0.face], source: $0.source) }
                return Decided(frame: frame, faces: faces, isCut: isCut)
            }
            try decided.push(item)
        }
    }

    /// Writes the swapped faces into the frames' planes.
    private func swap(
        _ decided: BoundedQueue<Decided>, into swapped: BoundedQueue<VideoFrame>, tally: VideoTally
    ) throws {
        var memories: [Int: SwapMemory] = [:]
        var presences: [Int: Float] = [:]
        let models = work.engine.faceModels
        let (landmarker, embedder) = (try models.landmarker(), try models.embedder())
        while let item = try decided.pop() {
            try work.clock.measure("swap") {
                if item.isCut { memories = [:] }
                guard !item.faces.isEmpty else { return }
                try item.frame.withWritablePlanes { planes in
                    var planes = planes
                    for (track, source) in item.faces where track.confidence > 0 {
                        var memory = memories[track.id] ?? SwapMemory()
                        // A face that is there is swapped wholly, and fades only where the landmarker is about to
                        // lose it (0.5); lost for a moment, it stays for half of the time that it is held.
                        let strength =
                            track.lostFrames > 0
                            ? min(1, 2 * track.confidence) * presences[track.id, default: 1]
                            : min(1, max(0.2, (track.confidence - 0.45) * 8))
                        if track.lostFrames == 0 { presences[track.id] = strength }
                        swapper.swap(
                            on: &planes, mesh: track.face.mesh, source: sources[source].prepared,
                            strength: strength, memory: &memory)
                        memory.rate = 0.15
                        memories[track.id] = memory
                        guard track.lostFrames == 0, tally.wantsMeasure(track.id) else { continue }
                        let mesh = try landmarker.mesh(following: track.measured, in: planes)
                        let embedding = try embedder.embedding(of: mesh, in: planes)
                        tally.measured(
                            track.id, source: source,
                            before: track.face.embedding.map { sources[source].embedding.distance(to: $0) },
                            after: sources[source].embedding.distance(to: embedding),
                            error: landmarkError(from: track.measured, to: mesh))
                    }
                }
                tally.swappedFrame()
            }
            try swapped.push(item.frame)
        }
    }
}
