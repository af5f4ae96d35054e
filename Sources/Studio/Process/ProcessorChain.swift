// The processors of one request, loaded and in order.

internal import Errors
internal import Faces
internal import Inference
internal import Neural
internal import Pixels

/// What is done to every frame: links in order, each to what the one before made. Safe to share; calls block.
struct ProcessorChain: Sendable {
    /// Neighbouring steps of one kind.
    enum Link: Sendable {
        /// Each step works on each face, in place.
        case faces([any FaceStep])
        /// Each step makes a new frame.
        case frame([any FrameStep])
    }
    /// One loaded step.
    private enum Loaded {
        case face(any FaceStep)
        case frame(any FrameStep)
    }

    let links: [Link]
    /// What gives faces their landmarks, when the mesh's own are not wanted.
    let shaper: ShapeFinder?
    /// What made the pixels, for provenance: the models' names, joined.
    let system: String
    /// Whether frames are made anew, not worked on in place.
    let makesFrames: Bool
    /// How many times as wide and high results are.
    let factor: Int
    /// Whether results are transparent in places.
    let makesAlpha: Bool
    /// Whether faces must be found.
    let needsFaces: Bool
    /// Whether something is drawn over faces: what is measured on them then says nothing.
    let draws: Bool

    /// Loads what `steps` need.
    ///
    /// - Parameters:
    ///   - people: who the sources are.
    ///   - isPicture: single pictures may cost more than frames.
    /// - Throws: ``MasqueError``: `.badInput` for a model that there is not, `.missingModel`, `.damagedModel`.
    init(_ work: MediaWork, people: [SourcePerson], isPicture: Bool) throws {
        var links: [Link] = []
        for step in work.request.processors {
            try work.stop.check()
            switch (try Self.load(step, work: work, people: people, isPicture: isPicture), links.last) {
            case (.face(let step), .faces(let steps)?): links[links.count - 1] = .faces(steps + [step])
            case (.face(let step), _): links.append(.faces([step]))
            case (.frame(let step), .frame(let steps)?): links[links.count - 1] = .frame(steps + [step])
            case (.frame(let step), _): links.append(.frame([step]))
            }
        }
        self.links = links
        let frameSteps = links.flatMap { link -> [any FrameStep] in
            if case .frame(let steps) = link { steps } else { [] }
        }
        makesFrames = !frameSteps.isEmpty
        factor = frameSteps.reduce(1) { $0 * $1.factor }
        makesAlpha = frameSteps.contains { $0.makesAlpha }
        needsFaces = links.contains { if case .faces = $0 { true } else { false } }
        draws = work.request.processors.contains { $0.name == .faceDebugger }
        let choice = work.request.detector
        shaper =
            choice.landmarker == .mesh
            ? nil : try work.engine.faceModels.shapeFinder(choice.landmarker, threshold: choice.landmarkerScore)
        system = work.request.processors.map(\.model).joined(separator: "+")
        let isSwap = work.request.processors.contains { $0.name == .faceSwapper }
        statement =
            "\(isSwap ? "Faces in this video were replaced" : "This video was changed") by a machine (\(Version.product))."
    }

    private static func load(
        _ step: ProcessorStep, work: MediaWork, people: [SourcePerson], isPicture: Bool
    ) throws -> Loaded {
        let request = work.request
        let models = NeuralModels(work.engine.library, policy: work.engine.policy)
        switch step {
        case .faceSwapper(let settings) where settings.model == FaceSwapperSettings.mesh:
            let regions = try work.engine.regions()
            var swapper = MeshSwapper(regions: regions, settings: request.swap)
            if isPicture { swapper.settings.largestCrop = max(swapper.settings.largestCrop, 1536) }
            let sources = people.map {
                SwapSource(surface: $0.first.picture, mesh: $0.first.face.mesh, regions: regions)
            }
            return .face(MeshSwapStep(swapper: swapper, sources: sources))
        case .faceSwapper(let settings):
            var masks = request.masks.parts
            masks.keepsEyes = masks.keepsEyes || request.swap.keepEyes
            masks.keepsMouth = masks.keepsMouth || request.swap.keepMouth
            let swapper = try models.swapper(
                settings.model, boost: settings.boost, weight: settings.weight, masks: masks,
                occluders: request.masks.occluders, parser: request.masks.parser,
                matchesColour: settings.matchesColour)
            let embedder = swapper.wantsEmbeddings ? try models.arcFace() : nil
            let sources = try people.map { person in
                try swapper.identity(
                    of: person.first.face.points, in: person.first.picture,
                    embedding: try embedder.flatMap { try person.mean(by: $0) })
            }
            return .face(NeuralSwapStep(swapper: swapper, sources: sources, embedder: embedder))
        case .expressionRestorer(let settings):
            return .face(
                ExpressionStep(
                    restorer: try models.expressionRestorer(
                        factor: settings.factor, areas: settings.areas, blur: request.masks.parts.blur,
                        occluders: models.occluders(request.masks.occluders))))
        case .faceEditor(let edits):
            return .face(EditStep(editor: try models.faceEditor(edits: edits, blur: request.masks.parts.blur)))
        case .ageModifier(let settings):
            return .face(
                AgeStep(
                    modifier: try models.ageModifier(
                        AgeModifierModel.all[0], direction: settings.direction, blur: request.masks.parts.blur,
                        occluders: models.occluders(request.masks.occluders))))
        case .deepSwapper(let settings):
            return .face(
                DeepSwapStep(
                    swapper: try models.deepSwapper(
                        settings.model, morph: settings.morph,
                        masks: models.masks(
                            request.masks.parts, occluders: request.masks.occluders, parser: request.masks.parser))))
        case .lipSyncer(let settings):
            guard let voice = request.voice else {
                throw MasqueError(
                    .badInput, "The lip syncer needs a voice, and no source is a recording.",
                    advice: "Name a recording, or a video with sound, before the target.")
            }
            guard let model = LipSyncModel(named: settings.model) else {
                throw unknown("lip syncer", settings.model, LipSyncModel.all.map(\.name))
            }
            let syncer = try models.lipSyncer(
                model, weight: settings.weight, masks: request.masks.parts,
                occluders: models.occluders(request.masks.occluders))
            let heard = try HeardVoice(voice, extractor: settings.extractor, models: models, work: work)
            return .face(LipStep(syncer: syncer, voice: heard))
        case .faceDebugger(let items):
            let masks = request.masks
            return .face(
                DebugStep(
                    debugger: FaceDebugger(
                        items: items, masks: masks.parts, occluders: try models.occluders(masks.occluders),
                        parser: masks.parts.regions.isEmpty ? nil : try models.faceParser(masks.parser))))
        case .frameEnhancer(let settings):
            guard let model = FrameEnhancerModel(named: settings.model) else {
                throw unknown("frame enhancer", settings.model, FrameEnhancerModel.all.map(\.name))
            }
            return .frame(EnlargeStep(enhancer: try models.frameEnhancer(model, blend: settings.blend)))
        case .frameColorizer(let settings):
            guard let model = ColorizerModel(named: settings.model) else {
                throw unknown("frame colorizer", settings.model, ColorizerModel.all.map(\.name))
            }
            return .frame(
                ColourStep(
                    colorizer: try models.frameColorizer(model, size: settings.size, blend: settings.blend)))
        case .backgroundRemover(let settings):
            let model = RemoverModel(named: settings.model)
            guard model != nil || settings.model == BackgroundRemoverSettings.people else {
                throw unknown("background remover", settings.model, RemoverModel.all.map(\.name))
            }
            return .frame(
                CutOutStep(remover: try models.backgroundRemover(model), ground: settings.ground))
        case .faceEnhancer(let settings):
            return .face(
                EnhanceStep(
                    enhancer: try models.enhancer(
                        settings.model, blend: settings.blend, weight: settings.weight,
                        blur: request.masks.parts.blur, occluders: request.masks.occluders)))
        }
    }

    /// What a made video says of itself, as a sentence.
    let statement: String

    /// What a person should know about how the processors work, as sentences.
    var notes: [String] {
        links.flatMap { link -> [String] in
            if case .faces(let steps) = link { steps.compactMap { ($0 as? LipStep)?.voice.note } } else { [] }
        }
    }

    /// The shape of a face in a frame, by the landmarker that was chosen.
    ///
    /// - Parameter memory: in a video, what is known of the face: published landmarks tremble from frame to frame, while
    ///   the mesh that they are measured against is smooth, so their offsets from it change slowly.
    func shape(of mesh: FaceMesh, box: Box, in surface: some Surface, memory: inout FaceMemory) throws -> FaceShape {
        guard let shaper else { return FaceShape(mesh: mesh) }
        let found = try shaper.shape(of: mesh, box: box, in: surface)
        let own = mesh.points68, width = max(mesh.box.width, 1)
        var offsets = zip(found.landmarks, own).map { ($0 - $1) * (1 / width) }
        if let before = memory.offsets, before.count == offsets.count {
            offsets = zip(before, offsets).map { $0 + ($1 - $0) * 0.25 }
        }
        memory.offsets = offsets
        return FaceShape(mesh: mesh, landmarks: zip(own, offsets).map { $0 + $1 * width })
    }

    /// Lets every step look at a face before the frame is changed.
    func look(at surface: some Surface, face: FrameFace, memory: inout FaceMemory) throws {
        for case .faces(let steps) in links {
            for step in steps { try step.look(at: surface, face: face, memory: &memory) }
        }
    }

}

/// One person that faces become, in one or several pictures.
struct SourcePerson: Sendable {
    /// A face in its picture.
    struct Look: Sendable {
        let picture: Picture
        let face: Face
    }
    /// The picture that gives texture.
    let first: Look
    /// Further pictures of the same person.
    var others: [Look] = []
    /// Who it is by the built-in model, the mean of all pictures.
    let embedding: FaceEmbedding

    /// The mean of all pictures' raw embeddings.
    func mean(by embedder: ArcFaceEmbedder) throws -> FaceEmbedding? {
        FaceEmbedding.mean(
            of: try ([first] + others).map { try embedder.embedding(of: $0.face.points, in: $0.picture) })
    }
}
