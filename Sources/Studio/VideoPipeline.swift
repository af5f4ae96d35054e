// The stages of a video swap side by side: decode → analyse → swap → encode.

internal import Errors
internal import Faces
internal import Inference
internal import Neural
internal import Pixels
internal import VideoIO

/// Runs the stages over all frames that are left.
struct VideoPipeline: Sendable {
    let work: MediaWork
    let sources: [SourcePerson]
    let chain: ProcessorChain
    let plan: MediaPlan
    let turns: [QuarterTurn]
    /// How far, in degrees clockwise, frames are turned for showing.
    let rotation: Int
    /// What made frames are like.
    let shape: MadeShape
    let tally: VideoTally
    /// Frames of one part; `nil` when there are no parts.
    let partLength: Int?
    /// The memory to go on with; `nil` at the beginning.
    let earlier: VideoState?

    /// What frames are like that the chain made anew.
    struct MadeShape: Sendable {
        /// Columns and rows of the decoded frames.
        let source: (width: Int, height: Int)
        /// Columns and rows of the output, as stored.
        let output: (width: Int, height: Int)
        /// Whether the output is transparent in places.
        let keepsAlpha: Bool

        /// A made frame at the output's size.
        func fitted(_ frame: VideoFrame, rotation: Int) throws -> VideoFrame {
            if frame.width == output.width, frame.height == output.height { return frame }
            return try frame.redrawn(as: frame.picture(), size: output, keepsAlpha: keepsAlpha)
        }

        /// What every output frame is like: one of the first frame's kind, without its picture.
        func likeness(of frame: VideoFrame, isMade: Bool) throws -> VideoFrame {
            guard isMade else { return frame }
            let blank = Picture(width: 2, height: 2)
            let picture = Picture(
                width: 2, height: 2, channels: keepsAlpha ? 4 : 3,
                bytes: keepsAlpha ? [UInt8](repeating: 0, count: 16) : blank.bytes)
            return try frame.redrawn(as: picture, size: output, keepsAlpha: keepsAlpha)
        }
    }

    /// A frame with what the analysis decided for it.
    private struct Decided: Sendable {
        let frame: VideoFrame
        let faces: [(track: TrackedFace, source: Int)]
        let isCut: Bool
        /// The analysis' memory before this frame, where a part begins.
        let border: (place: FramePlace, analysis: VideoState.Analysis)?
    }
    /// A finished frame, and the memory before it where a part begins.
    private struct Swapped: Sendable {
        let frame: VideoFrame
        let state: VideoState?
    }

    /// Takes all frames of `reader`; `encode` is given them in order.
    func run(reader: VideoReader, encode: @escaping (VideoFrame, VideoState?) throws -> Void) throws {
        let decoded = BoundedQueue<VideoFrame>(capacity: 4)
        let decided = BoundedQueue<Decided>(capacity: 4)
        let swapped = BoundedQueue<Swapped>(capacity: 4)
        let work = self.work, clock = work.clock
        nonisolated(unsafe) let encode = encode
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
                        try analyse(decoded, into: decided)
                        decided.close()
                    }
                ),
                (
                    "swap",
                    {
                        try swap(decided, into: swapped)
                        swapped.close()
                    }
                ),
                (
                    "encode",
                    {
                        while let item = try swapped.pop() {
                            try clock.measure("encode") { try encode(item.frame, item.state) }
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
    private func analyse(_ frames: BoundedQueue<VideoFrame>, into decided: BoundedQueue<Decided>) throws {
        var options = FaceTrackerOptions()
        options.detection.turns = turns
        options.detection.threshold = work.request.detection.threshold
        options.search.threshold = work.request.detection.threshold
        if !work.request.smoothing { options.smoothing = nil }
        guard chain.needsFaces else { return try passThrough(frames, into: decided) }
        var tracker = try work.engine.faceModels.tracker(
            embeddings: plan.needsEmbeddings, options: options, detector: work.detector(),
            filter: work.request.selector.filter)
        if let state = earlier?.analysis.tracker { tracker.state = state }
        var cuts = earlier?.analysis.cuts ?? SceneCutDetector()
        let first = earlier?.place.index ?? 0
        while let frame = try frames.pop() {
            let item = try work.clock.measure("analyse") {
                var border: (FramePlace, VideoState.Analysis)?
                if let partLength, frame.index > first, frame.index % partLength == 0 {
                    border = (
                        try frame.place(),
                        VideoState.Analysis(tracker: tracker.state, cuts: cuts, seen: tally.seen)
                    )
                }
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
                return Decided(frame: frame, faces: faces, isCut: isCut, border: border)
            }
            try decided.push(item)
        }
    }

    /// Hands frames on where no processor looks at faces.
    private func passThrough(_ frames: BoundedQueue<VideoFrame>, into decided: BoundedQueue<Decided>) throws {
        let first = earlier?.place.index ?? 0
        while let frame = try frames.pop() {
            var border: (FramePlace, VideoState.Analysis)?
            if let partLength, frame.index > first, frame.index % partLength == 0 {
                border = (try frame.place(), VideoState.Analysis())
            }
            try decided.push(Decided(frame: frame, faces: [], isCut: false, border: border))
        }
    }

    /// Does the processors' work on the frames.
    private func swap(_ decided: BoundedQueue<Decided>, into swapped: BoundedQueue<Swapped>) throws {
        var memories = earlier?.swapping.memories ?? [:]
        var presences = earlier?.swapping.presences ?? [:]
        var whole = earlier?.swapping.frame ?? FrameMemory()
        let models = work.engine.faceModels
        let measures = try chain.needsFaces ? (models.landmarker(), models.embedder()) : nil
        while let item = try decided.pop() {
            let state = item.border.map {
                VideoState(
                    place: $0.place, analysis: $0.analysis,
                    swapping: VideoState.Swapping(
                        memories: memories, presences: presences, frame: whole, tally: tally.swapped))
            }
            var frame = item.frame
            try work.clock.measure("swap") {
                if item.isCut { (memories, whole) = ([:], FrameMemory()) }
                // A face that is there is swapped wholly, and fades only where the landmarker is about to lose it
                // (0.5); lost for a moment, it stays for half of the time that it is held.
                let faces = try item.faces.filter { $0.track.confidence > 0 }.map { track, source in
                    let strength =
                        track.lostFrames > 0
                        ? min(1, 2 * track.confidence) * presences[track.id, default: 1]
                        : min(1, max(0.2, (track.confidence - 0.45) * 8))
                    if track.lostFrames == 0 { presences[track.id] = strength }
                    let face = try frame.withPlanes { planes in
                        var memory = memories[track.id] ?? FaceMemory()
                        defer { memories[track.id] = memory }
                        let shape = try chain.shape(
                            of: track.face.mesh, box: track.face.box, in: planes, memory: &memory)
                        let face = FrameFace(
                            shape: shape, source: source, strength: strength,
                            findings: FaceFindings(track.face), seconds: frame.seconds)
                        try chain.look(at: planes, face: face, memory: &memory)
                        return face
                    }
                    return (track: track, face: face)
                }
                for link in chain.links {
                    switch link {
                    case .faces(let steps):
                        guard !faces.isEmpty else { continue }
                        try frame.withWritablePlanes { planes in
                            try apply(steps, to: faces, on: planes, memories: &memories)
                        }
                        for (track, _) in faces { memories[track.id]?.mesh.rate = 0.15 }
                        if let measures, frame === item.frame {
                            try frame.withPlanes { try measure(faces, on: $0, by: measures.0, measures.1) }
                        }
                    case .frame(let steps):
                        var picture = try frame.picture(rotation: rotation)
                        for step in steps {
                            picture = try step.apply(to: picture, memory: &whole, check: work.stop.check)
                        }
                        frame = try frame.redrawn(as: picture, rotation: rotation, keepsAlpha: shape.keepsAlpha)
                    }
                }
                if chain.makesFrames { frame = try shape.fitted(frame, rotation: rotation) }
                if !faces.isEmpty || !chain.needsFaces { tally.swappedFrame() }
            }
            try swapped.push(Swapped(frame: frame, state: state))
        }
    }

    private func apply(
        _ steps: [any FaceStep], to faces: [(track: TrackedFace, face: FrameFace)], on planes: PlanarYUV,
        memories: inout [Int: FaceMemory]
    ) throws {
        var planes = planes
        for step in steps {
            for (track, face) in faces {
                try work.stop.check()
                let face = face.scaled(by: Float(planes.width) / Float(shape.source.width))
                try step.apply(on: &planes, face: face, memory: &memories[track.id, default: FaceMemory()])
            }
        }
    }

    /// Measures now and then how near results are to their sources, and how well they kept the pose.
    private func measure(
        _ faces: [(track: TrackedFace, face: FrameFace)], on planes: PlanarYUV, by landmarker: FaceMeshLandmarker,
        _ embedder: DlibFaceEmbedder
    ) throws {
        for (track, face) in faces where track.lostFrames == 0 && tally.wantsMeasure(track.id) {
            let mesh = try landmarker.mesh(following: track.measured, in: planes)
            let source = sources.indices.contains(face.source) ? sources[face.source].embedding : nil
            let embedding = try source.map { _ in try embedder.embedding(of: mesh, in: planes) }
            tally.measured(
                track.id, source: source == nil ? nil : face.source,
                before: source.flatMap { source in track.face.embedding.map { source.distance(to: $0) } },
                after: chain.draws ? nil : source.flatMap { source in embedding.map { source.distance(to: $0) } },
                error: chain.draws ? nil : landmarkError(from: track.measured, to: mesh))
        }
    }
}
