// A request for a picture: gate, processors, output.

internal import Errors
internal import Faces
internal import Files
internal import ImageIO
internal import Inference
internal import Neural
internal import Pixels
internal import VideoIO

/// Swaps the faces of one picture.
struct PictureWork {
    let work: MediaWork
    let gate: ContentGate
    let sources: [SourcePerson]
    let chain: ProcessorChain
    let plan: MediaPlan

    func run(start: ContinuousClock.Instant) throws -> MediaReport {
        let request = work.request, clock = work.clock
        let format = try PictureFormat(outputPath: request.output)
        let output = try AtomicFile(path: request.output, overwrite: request.overwrite)
        let (picture, metadata) = try clock.measure("read") {
            try decodePicture(at: request.target, limits: request.pictureLimits)
        }
        try work.stop.check()
        work.report(.analysing, 0)
        let name = work.name(request.target)
        let finder = try work.finder(filter: request.selector.filter)
        let faces = try clock.measure("faces") { try finder.faces(in: picture, options: request.detection) }
        work.report(.checking, 0)
        try clock.measure("gate") {
            try gate.check(picture, boxes: work.gateBoxes(faces, in: picture), role: "target", name: name)
        }
        try work.stop.check()
        let decided = try chain.needsFaces ? decide(on: faces, name: name) : []
        var result = picture
        work.report(.swapping, 0)
        var memories = [FaceMemory](repeating: FaceMemory(), count: decided.count)
        let working = try clock.measure("faces") {
            try decided.enumerated().map { index, decision in
                let face = faces[decision.face]
                let shape = try chain.shape(of: face.mesh, box: face.box, in: picture, memory: &memories[index])
                let working = FrameFace(
                    shape: shape, source: decision.source, strength: 1, findings: FaceFindings(face))
                try chain.look(at: picture, face: working, memory: &memories[index])
                return working
            }
        }
        for (done, link) in chain.links.enumerated() {
            try clock.measure("swap") {
                switch link {
                case .faces(let steps):
                    let factor = Float(result.width) / Float(picture.width)
                    for step in steps {
                        for (index, face) in working.enumerated() {
                            try work.stop.check()
                            try step.apply(on: &result, face: face.scaled(by: factor), memory: &memories[index])
                        }
                    }
                case .frame(let steps):
                    try checkSize(result, factor: steps.reduce(1) { $0 * $1.factor })
                    var memory = FrameMemory()
                    for step in steps {
                        result = try step.apply(to: result, memory: &memory, check: work.stop.check)
                    }
                }
            }
            work.report(.swapping, Double(done + 1) / Double(chain.links.count))
        }
        let measured = try clock.measure("measure") {
            try measure(decided, faces: faces, numbers: plan.numbers(of: faces), result: result, of: picture.width)
        }
        try work.stop.check()
        work.report(.finishing, 0)
        result = try scaled(result, like: picture)
        try clock.measure("write") {
            let options = ImageIO.EncodeOptions(
                quality: request.pictureQuality, keeping: metadata,
                provenance: Provenance(software: Version.product, system: chain.system))
            try output.write(try encodePicture(result, as: format, options: options))
            try output.commit()
        }
        return MediaReport(
            output: request.output, kind: "picture", width: result.width, height: result.height,
            facesFound: faces.count, swapped: measured, frames: 1, framesSwapped: 1,
            seconds: (ContinuousClock.now - start).seconds, stages: clock.stages,
            warnings: request.notes + chain.notes
                + (chain.makesAlpha && format == .jpeg
                    ? ["A JPEG holds no transparency, so the background is white; write a PNG or WebP to keep it."]
                    : []))
    }

    /// Who becomes whom.
    ///
    /// - Throws: `.noFace` when nobody is there who was asked for.
    private func decide(on faces: [Face], name: String) throws -> [(face: Int, source: Int)] {
        guard !faces.isEmpty else {
            throw MasqueError(
                .noFace, "No face was found in the target “\(name)”.",
                advice: "Use a picture in which faces are at least 20 pixels high, or lower the detector score.")
        }
        let settled = try plan.needsReferenceFrame ? plan.settled(by: faces, in: name, isWhole: true) : plan
        let decisions = settled.decide(faces)
        guard !decisions.isEmpty else {
            throw MasqueError(
                .noFace,
                "No face in “\(name)” is the one that was asked for; it shows \(faces.count == 1 ? "one face" : "\(faces.count) faces").",
                advice:
                    "Choose others with \(work.request.label("face_selector_mode")) many or \(work.request.label("reference_face_position"))."
            )
        }
        return decisions
    }

    /// The result at the size that was asked for.
    private func scaled(_ result: Picture, like target: Picture) throws -> Picture {
        let request = work.request
        guard let scale = request.outputScale else { return result }
        func side(_ pixels: Int) -> Int { max(1, Int((Double(pixels) * scale / 100).rounded())) }
        let (width, height) = (side(target.width), side(target.height))
        guard (width, height) != (result.width, result.height) else { return result }
        guard width * height <= request.pictureLimits.maxPixels, max(width, height) <= request.pictureLimits.maxSide
        else {
            throw MasqueError(
                .tooLarge, "“\(work.name(request.target))” would become \(width)×\(height), beyond the limits.",
                advice: "Choose a smaller \(request.label("output_image_scale")).")
        }
        return try work.clock.measure("scale") { try result.resized(width: width, height: height) }
    }

    /// Refuses to enlarge a picture beyond what pictures may be.
    private func checkSize(_ picture: Picture, factor: Int) throws {
        let limits = work.request.pictureLimits
        let (width, height) = (picture.width * factor, picture.height * factor)
        guard factor > 1, width * height > limits.maxPixels || max(width, height) > limits.maxSide else { return }
        throw MasqueError(
            .tooLarge, "“\(work.name(work.request.target))” would become \(width)×\(height), beyond the limits.",
            advice: "Choose a smaller picture, or a model that enlarges less.")
    }

    /// How near each result is to its source, and how well it kept the target's pose and expression.
    private func measure(
        _ decisions: [(face: Int, source: Int)], faces: [Face], numbers: [Int], result: Picture, of width: Int
    ) throws -> [MediaReport.SwappedFace] {
        guard !decisions.isEmpty else { return [] }
        let models = work.engine.faceModels
        let (landmarker, embedder) = (try models.landmarker(), try models.embedder())
        let factor = Float(result.width) / Float(width)
        let scale = Affine(a: factor, b: 0, tx: 0, c: 0, d: factor, ty: 0)
        return try decisions.map { decision in
            var before = faces[decision.face]
            before.mesh = before.mesh.moved(by: scale)
            let source = sources.indices.contains(decision.source) ? sources[decision.source].embedding : nil
            let mesh = try landmarker.mesh(following: before.mesh, in: result)
            let embedding = try embedder.embedding(of: mesh, in: result)
            return MediaReport.SwappedFace(
                number: numbers[decision.face], source: source == nil ? nil : decision.source + 1,
                distanceBefore: source.flatMap { source in before.embedding.map { source.distance(to: $0) } },
                distanceAfter: chain.draws ? nil : source?.distance(to: embedding),
                landmarkError: chain.draws ? nil : landmarkError(from: before.mesh, to: mesh))
        }.sorted { $0.number < $1.number }
    }
}

/// The mean distance between two meshes' points in hundredths of the distance between the eyes.
func landmarkError(from a: FaceMesh, to b: FaceMesh) -> Float {
    let eyes = max((a.fivePoints.rightEye - a.fivePoints.leftEye).length, 1)
    let sum = zip(a.points, b.points).reduce(Float(0)) { $0 + ($1.0 - $1.1).length }
    return 100 * sum / Float(FaceMesh.count) / eyes
}
