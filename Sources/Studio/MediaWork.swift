// One request from beginning to end: sources, gate, target, output.

internal import Errors
internal import Faces
internal import Files
internal import Foundation
internal import ImageIO
internal import Inference
internal import Pixels
internal import VideoIO

/// What the picture and the video swap share; lives as long as one request.
struct MediaWork: Sendable {
    let engine: Engine
    let request: MediaRequest
    /// Which face of each source counts.
    let positions: [Int]
    /// The target faces that must be there, by number.
    let needed: [Int]
    let stop: CancellationFlag
    let progress: @Sendable (MediaProgress) -> Void
    let clock = StageClock()

    /// Takes a request and refuses values that make no sense.
    init(
        engine: Engine, request: MediaRequest, stop: CancellationFlag,
        progress: @escaping @Sendable (MediaProgress) -> Void
    ) throws {
        let resolved = try request.withVoice().resolved()
        self.engine = engine
        self.request = resolved.request
        positions = resolved.positions
        needed = resolved.needed
        self.stop = stop
        self.progress = progress
    }

    /// Does the work on the calling thread.
    func run() throws -> MediaReport {
        let start = ContinuousClock.now
        try checkPaths()
        report(.loading, 0)
        let isPicture = try isPicture(request.target)
        let gate = try ContentGate(engine.library, policy: engine.policy)
        let sources = try clock.measure("sources") { request.needsSources ? try prepareSources(gate: gate) : [] }
        let references = try clock.measure("sources") { try loadReferences(gate: gate) }
        try stop.check()
        let chain = try clock.measure("models") { try ProcessorChain(self, people: sources, isPicture: isPicture) }
        let plan = MediaPlan(request: request, needed: needed, references: references)
        if isPicture {
            return try PictureWork(work: self, gate: gate, sources: sources, chain: chain, plan: plan)
                .run(start: start)
        }
        return try VideoWork(work: self, gate: gate, sources: sources, chain: chain, plan: plan).run(start: start)
    }

    /// Lets sources and target pass the content gate, for a program that works on them outside of Masque.
    ///
    /// - Throws: ``MasqueError``: `.refusedContent`, `.noFace` for a source without one, `.unsupportedMedia`, `.tooLarge`.
    func admit() throws {
        report(.loading, 0)
        let gate = try ContentGate(engine.library, policy: engine.policy)
        if !request.sources.isEmpty { _ = try prepareSources(gate: gate) }
        try stop.check()
        let name = name(request.target)
        if try isPicture(request.target) {
            let (picture, _) = try decodePicture(at: request.target, limits: request.pictureLimits)
            let faces = try finder().faces(in: picture, options: request.detection)
            report(.checking, 0)
            return try gate.check(picture, faces: faces, role: "target", name: name)
        }
        let info = try VideoReader(path: request.target, limits: request.videoLimits).info
        let expected = max(info.duration, 0.04)
        // The part that is wanted: elsewhere harmless minutes would outweigh it.
        _ = try gate.check(
            video: request.target, name: name, trim: request.trim, limits: request.videoLimits,
            detector: engine.faceModels.detector(), shown: VideoWork.turns(for: info.rotation, wanted: [.upright])[0]
        ) { seconds in
            try stop.check()
            report(.checking, seconds / expected)
        }
    }

    /// What finds faces in single pictures, as the request wants it.
    func finder(filter: FaceFilter = FaceFilter()) throws -> FaceFinder {
        try engine.faceModels.finder(detector: detector(), filter: filter)
    }

    /// The detector that the request wants.
    func detector() throws -> any FaceDetector {
        try engine.faceModels.detector(request.detector.model, size: request.detector.size)
    }

    /// Tells how far the work is.
    func report(
        _ stage: MediaProgress.Stage, _ fraction: Double, frame: Int = 0, frames: Int = 0, previews: Int = 0
    ) {
        progress(
            MediaProgress(
                stage: stage, fraction: min(max(fraction, 0), 1), frame: frame, frames: frames, previews: previews))
    }

    /// What can be refused before any work.
    private func checkPaths() throws {
        guard !request.processors.isEmpty else {
            throw MasqueError(.badInput, "There is nothing to do.", advice: "Name at least one processor.")
        }
        guard !request.needsSources || !request.sources.isEmpty else {
            throw MasqueError(.badInput, "There is no source picture.", advice: "Name at least one picture of a face.")
        }
        let result = URL(fileURLWithPath: request.output).resolvingSymlinksInPath().path
        for input in request.sources + [request.target] + request.references + [request.voice].compactMap(\.self)
        where URL(fileURLWithPath: input).resolvingSymlinksInPath().path == result {
            throw MasqueError(
                .badInput, "The output “\(request.output)” is one of the files that the swap is made from.",
                advice: "Choose another name for the output.")
        }
        if !request.overwrite, FileManager.default.fileExists(atPath: request.output) {
            throw MasqueError(
                .outputExists, "“\(request.output)” is there already.", advice: "Choose another name or pass --force.")
        }
        if let map = request.map {
            _ = try FaceMap(parsing: map, sources: request.sources.count, references: request.references.count)
        }
    }

    /// Whether a file is a picture by its content; GIFs count as videos.
    func isPicture(_ path: String) throws -> Bool {
        let head = try fileHead(path)
        guard !head.isEmpty else {
            throw MasqueError(.unsupportedMedia, "“\(name(path))” is empty.", advice: "Use a picture or a video.")
        }
        return PictureFormat(sniffing: head) != nil
    }

    /// The file's last path component, as sentences name it.
    func name(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }

    private func prepareSources(gate: ContentGate) throws -> [SourcePerson] {
        let finder = try finder()
        var last: (path: String, checked: (Picture, [Face]))?
        let all = try zip(request.sources, positions).enumerated().map { index, source in
            try stop.check()
            report(.loading, Double(index) / Double(request.sources.count))
            let path = source.0
            // Several people of one picture: it is read and checked once.
            let known = last?.path == path ? last?.checked : nil
            let (picture, faces) = try known ?? checkedPicture(path, role: "source", gate: gate, finder: finder)
            last = (path, (picture, faces))
            let face = try sourceFace(of: faces, position: source.1, path: path)
            return SourcePerson(
                first: SourcePerson.Look(picture: picture, face: face),
                embedding: face.embedding ?? FaceEmbedding(values: []))
        }
        guard request.map == nil, all.count > 1, let first = all.first,
            let mean = FaceEmbedding.mean(of: all.map(\.embedding))
        else { return all }
        return [SourcePerson(first: first.first, others: all.dropFirst().map(\.first), embedding: mean)]
    }

    /// A source or reference picture and its faces, let through by the gate.
    private func checkedPicture(
        _ path: String, role: String, gate: ContentGate, finder: FaceFinder
    ) throws -> (Picture, [Face]) {
        let (picture, _) = try decodePicture(at: path, limits: request.pictureLimits)
        let faces = try finder.faces(in: picture, options: request.detection)
        try gate.check(picture, boxes: gateBoxes(faces, in: picture), role: role, name: name(path))
        return (picture, faces)
    }

    /// Where the gate looks closer: at the faces that were found, and at those that the built-in detector finds with
    /// its own settings, so that no choice of detector, score or filter narrows what the gate sees.
    func gateBoxes(_ faces: [Face], in picture: Picture) throws -> [Box] {
        let own = DetectionOptions.picture, chosen = request.detection
        let isStandard =
            request.detector.model == .centerface && chosen.threshold <= own.threshold
            && chosen.turns.contains(.upright)
        if isStandard { return faces.map(\.box) }
        return try faces.map(\.box) + engine.faceModels.detector().detect(in: picture, options: own).map(\.box)
    }

    private func sourceFace(of faces: [Face], position: Int, path: String) throws -> Face {
        let sorted = request.sourceOrder.sorted(faces)
        guard !sorted.isEmpty else {
            throw MasqueError(
                .noFace, "No face was found in the source “\(name(path))”.",
                advice: "Use a sharp, well-lit picture in which the face looks roughly at the camera.")
        }
        guard sorted.indices.contains(position) else {
            throw MasqueError(
                .badInput,
                "The source “\(name(path))” shows \(sorted.count == 1 ? "one face" : "\(sorted.count) faces"), so there "
                    + "is no face \(position).", advice: "Faces count from 0.")
        }
        return sorted[position]
    }

    private func loadReferences(gate: ContentGate) throws -> [FaceEmbedding] {
        let finder = try finder()
        return try request.references.map { path in
            let (_, faces) = try checkedPicture(path, role: "reference", gate: gate, finder: finder)
            guard let embedding = FaceOrder.largeSmall.sorted(faces).first?.embedding else {
                throw MasqueError(
                    .noFace, "No face was found in the reference picture “\(name(path))”.",
                    advice: "Use a picture that shows the person from the front.")
            }
            return embedding
        }
    }
}

/// The first bytes of a file, enough to tell what it is.
func fileHead(_ path: String) throws -> [UInt8] { try readHead(of: path, count: 512) }
