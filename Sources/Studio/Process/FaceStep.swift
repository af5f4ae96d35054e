// What works on one face of a picture or frame.

internal import Faces
internal import Neural
internal import Pixels

/// One face that is worked on, where it lies now.
struct FrameFace: Sendable {
    /// Landmarks in pixels of the surface as it is now.
    let shape: FaceShape
    /// Which source it becomes, from 0; 0 where there is none.
    let source: Int
    /// 0 leaves the face as it is, 1 works wholly; in between while a face comes or goes.
    let strength: Float
    /// The detector's box and what else is known.
    var findings = FaceFindings()
    /// Seconds of the output at which the frame is shown.
    var seconds = 0.0

    /// The face on a surface `factor` times as large.
    func scaled(by factor: Float) -> FrameFace {
        guard factor != 1 else { return self }
        let scale = Affine(a: factor, b: 0, tx: 0, c: 0, d: factor, ty: 0)
        var findings = findings
        findings.box = findings.box.map {
            Box(x: $0.x * factor, y: $0.y * factor, width: $0.width * factor, height: $0.height * factor)
        }
        return FrameFace(
            shape: FaceShape(mesh: shape.mesh.moved(by: scale), landmarks: shape.landmarks.map { scale($0) }),
            source: source, strength: strength, findings: findings, seconds: seconds)
    }
}

/// What the steps remember of one followed face from frame to frame.
struct FaceMemory: Sendable, Codable {
    /// The mesh swap's light and contrast.
    var mesh = SwapMemory()
    /// The face's own identity as published swappers know it, before anything was done to it.
    var identity: FaceEmbedding?
    /// How far a published landmarker's points lie from the mesh's, in widths of the mesh's box; smoothed.
    var offsets: [Point]?
    /// The face in this frame before anything was done to it; never kept beyond it.
    var original: Crop?

    private enum CodingKeys: CodingKey { case mesh, identity, offsets }
}

/// Works on faces, one at a time and in place. Safe to share; calls block.
protocol FaceStep: Sendable {
    /// Looks at a face before any step has changed the frame.
    func look(at surface: some Surface, face: FrameFace, memory: inout FaceMemory) throws

    /// Works on one face.
    ///
    /// - Throws: ``MasqueError`` when a model fails; the surface is then as it was.
    func apply(on surface: inout some Surface, face: FrameFace, memory: inout FaceMemory) throws
}

extension FaceFindings {
    /// What is known of a face that was found or followed.
    init(_ face: Face) {
        self.init(
            box: face.box, score: face.score, age: face.attributes.map { ($0.age.lowerBound + $0.age.upperBound) / 2 })
    }
}

extension FaceStep {
    func look(at surface: some Surface, face: FrameFace, memory: inout FaceMemory) throws {}
}

/// The built-in swap.
struct MeshSwapStep: FaceStep {
    let swapper: MeshSwapper
    let sources: [SwapSource]

    func apply(on surface: inout some Surface, face: FrameFace, memory: inout FaceMemory) throws {
        swapper.swap(
            on: &surface, mesh: face.shape.mesh, source: sources[face.source], strength: face.strength,
            memory: &memory.mesh)
    }
}

/// The swap by a published generator.
struct NeuralSwapStep: FaceStep {
    let swapper: NeuralSwapper
    let sources: [SwapIdentity]
    /// Where the target's own identity counts.
    let embedder: ArcFaceEmbedder?

    func look(at surface: some Surface, face: FrameFace, memory: inout FaceMemory) throws {
        guard let embedder, swapper.wantsTargetEmbedding, memory.identity == nil else { return }
        memory.identity = try embedder.embedding(of: face.shape.points, in: surface)
    }

    func apply(on surface: inout some Surface, face: FrameFace, memory: inout FaceMemory) throws {
        try swapper.swap(
            on: &surface, face: face.shape, source: sources[face.source], targetEmbedding: memory.identity,
            strength: face.strength)
    }
}

/// Restoration by a published model.
struct EnhanceStep: FaceStep {
    let enhancer: FaceEnhancer

    func apply(on surface: inout some Surface, face: FrameFace, memory: inout FaceMemory) throws {
        try enhancer.enhance(on: &surface, face: face.shape, strength: face.strength)
    }
}

/// The expression that the frame's own face had.
struct ExpressionStep: FaceStep {
    let restorer: ExpressionRestorer

    func look(at surface: some Surface, face: FrameFace, memory: inout FaceMemory) throws {
        memory.original = restorer.crop(of: surface, face: face.shape)
    }

    func apply(on surface: inout some Surface, face: FrameFace, memory: inout FaceMemory) throws {
        guard let original = memory.original else { return }
        try restorer.apply(on: &surface, face: face.shape, original: original, strength: face.strength)
    }
}

/// Gaze, lids, brows, mouth and turn of the head by sliders.
struct EditStep: FaceStep {
    let editor: FaceEditor

    func apply(on surface: inout some Surface, face: FrameFace, memory: inout FaceMemory) throws {
        try editor.apply(on: &surface, face: face.shape, strength: face.strength)
    }
}

/// Another age.
struct AgeStep: FaceStep {
    let modifier: AgeModifier

    func apply(on surface: inout some Surface, face: FrameFace, memory: inout FaceMemory) throws {
        try modifier.apply(on: &surface, face: face.shape, strength: face.strength)
    }
}

/// The one face of an operator's own model.
struct DeepSwapStep: FaceStep {
    let swapper: DeepSwapper

    func apply(on surface: inout some Surface, face: FrameFace, memory: inout FaceMemory) throws {
        try swapper.apply(on: &surface, face: face.shape, strength: face.strength)
    }
}

/// A mouth that moves to a voice.
struct LipStep: FaceStep {
    let syncer: LipSyncer
    let voice: HeardVoice

    func apply(on surface: inout some Surface, face: FrameFace, memory: inout FaceMemory) throws {
        try syncer.apply(
            on: &surface, face: face.shape, window: voice.bands.window(at: face.seconds), strength: face.strength)
    }
}

/// What is known of a face, drawn over it.
struct DebugStep: FaceStep {
    let debugger: FaceDebugger

    func apply(on surface: inout some Surface, face: FrameFace, memory: inout FaceMemory) throws {
        try debugger.apply(on: &surface, face: face.shape, findings: face.findings)
    }
}
