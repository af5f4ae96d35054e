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

    /// The face on a surface `factor` times as large.
    func scaled(by factor: Float) -> FrameFace {
        guard factor != 1 else { return self }
        let scale = Affine(a: factor, b: 0, tx: 0, c: 0, d: factor, ty: 0)
        return FrameFace(
            shape: FaceShape(mesh: shape.mesh.moved(by: scale), landmarks: shape.landmarks.map { scale($0) }),
            source: source, strength: strength)
    }
}

/// What the steps remember of one followed face from frame to frame.
struct FaceMemory: Sendable, Codable {
    /// The mesh swap's light and contrast.
    var mesh = SwapMemory()
    /// The face's own identity as published swappers know it, before anything was done to it.
    var identity: FaceEmbedding?
}

/// Works on faces, one at a time and in place. Safe to share; calls block.
protocol FaceStep: Sendable {
    /// Works on one face.
    ///
    /// - Throws: ``MasqueError`` when a model fails; the surface is then as it was.
    func apply(on surface: inout some Surface, face: FrameFace, memory: inout FaceMemory) throws
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

    func apply(on surface: inout some Surface, face: FrameFace, memory: inout FaceMemory) throws {
        if let embedder, swapper.wantsTargetEmbedding, memory.identity == nil {
            memory.identity = try embedder.embedding(of: face.shape.points, in: surface)
        }
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
