// Enhancers, masks and the recogniser through graphs shaped as the published ones, against OpenCV and NumPy.

import Errors
import Faces
import Inference
import Neural
import Pixels
import Testing

struct EnhancerTests {
    @Test(arguments: [
        "gfpgan_1.4", "gfpgan_1.4_blend_1", "gpen_bfr_256", "gpen_bfr_512", "codeformer_0.0", "codeformer_0.5",
        "codeformer_1.0",
    ])
    func `an enhanced face comes out as OpenCV and NumPy have it`(name: String) throws {
        let golden = try Golden.load()
        let how = try #require(golden.frames[name])
        let enhancer = try FaceEnhancer(
            model: #require(EnhancerModel(named: how.model)), session: StandIn.session(how.model),
            blend: #require(how.blend), weight: how.weight ?? 0.5)
        let before = try Golden.astronaut()
        var result = before
        try enhancer.enhance(on: &result, face: FaceShape(mesh: golden.mesh(at: how.place)))
        try how.check(result, from: before, name: name)
    }

    @Test
    func `a restored crop is in whole numbers, and with strength 0 the face stays`() throws {
        let enhancer = try FaceEnhancer(
            model: #require(EnhancerModel(named: "gpen_bfr_256")), session: StandIn.session("gpen_bfr_256"))
        let before = try Golden.astronaut()
        let restored = try enhancer.restored(before.piece(x: 100, y: 20, side: 256))
        #expect(restored.values.allSatisfy { $0 == $0.rounded() && $0 >= 0 && $0 <= 255 })
        var picture = before
        try enhancer.enhance(on: &picture, face: FaceShape(mesh: Golden.load().mesh(at: "face")), strength: 0)
        #expect(picture.bytes == before.bytes)
    }
}

struct MaskAndIdentityTests {
    @Test(arguments: ["xseg_1_256", "xseg_1_512", "bisenet_256", "bisenet_512"])
    func `a mask of a piece of the picture comes out as OpenCV and NumPy have it`(name: String) throws {
        let how = try #require(Golden.load().masks[name])
        let crop = try Golden.astronaut().piece(x: how.piece[0], y: how.piece[1], side: how.piece[2])
        let mask: Plane
        if let regions = how.regions {
            mask = try FaceParser(session: StandIn.session("bisenet_resnet_34"), name: "bisenet_resnet_34")
                .mask(of: crop, regions: Set(regions.compactMap { FaceRegion(rawValue: $0) }))
        } else {
            mask = try OcclusionModel(session: StandIn.session("xseg_1"), name: "xseg_1").mask(of: crop)
        }
        let samples = stride(from: 0, to: mask.height, by: how.step).flatMap { y in
            stride(from: 0, to: mask.width, by: how.step).map { x in mask.values[y * mask.width + x] * 255 }
        }
        let difference = Difference(samples, try Golden.samples(name).map { Float($0) })
        #expect(difference.mean < 0.3)
        #expect(difference.largest <= 3)
        let mean = mask.values.reduce(0, +) / Float(mask.values.count)
        #expect(abs(mean - how.mean) < 0.002)
        #expect(how.mean > 0.05 && how.mean < 0.95)
    }

    @Test(arguments: ["face", "source"])
    func `ArcFace's values are the graph's own, of the crop it was trained with`(place: String) throws {
        let golden = try Golden.load()
        let embedder = try ArcFaceEmbedder(session: StandIn.session(ArcFaceEmbedder.model))
        let picture = try Golden.astronaut()
        let values = try embedder.embedding(of: golden.points(at: place), in: picture).values
        #expect(values.count == 512)
        let wanted = try #require(golden.vectors["arcface_" + place])
        let difference = Difference(stride(from: 0, to: 512, by: 8).map { values[$0] }, wanted)
        #expect(difference.largest < 0.01)
        let ofMesh = try embedder.embedding(of: golden.mesh(at: place), in: picture).values
        #expect(Difference(ofMesh, values).largest < 0.01)
    }
}

/// Files that are not what they are called.
struct WrongFileTests {
    /// The message of the error that `body` throws.
    private func refusal(_ body: () throws -> Void) throws -> String {
        let error = try #require(throws: MasqueError.self) { try body() }
        #expect(error.code == .damagedModel)
        return error.message
    }

    @Test
    func `a generator without its matrix, of another size or with other names is refused by name`() throws {
        #expect(
            try refusal { _ = try StandIn.network("inswapper_128", file: "wrong_no_emap") }
                .contains("“inswapper_128” is another model: it carries no matrix of 512×512 values"))
        #expect(
            try refusal { _ = try StandIn.network("hyperswap_1a_256", file: "wrong_name") }
                .contains("has no input “target”; its inputs are “input”, “source”"))
        #expect(
            try refusal { _ = try StandIn.network("hyperswap_1a_256", file: "wrong_size") }
                .contains("takes [1, 3, 128, 128] for “target” where [1, 3, 256, 256] is due"))
        #expect(
            try refusal { _ = try StandIn.network("hyperswap_1a_256", file: "blendswap_256") }
                .contains("takes [1, 3, 112, 112] for “source” where [1, 512] is due"))
    }

    @Test
    func `a converter that is missing or another model is refused by name`() throws {
        let model = try #require(SwapModel(named: "ghost_1_256"))
        let session = try StandIn.session("ghost_1_256")
        let missing = try #require(throws: MasqueError.self) { _ = try SwapNetwork(model: model, session: session) }
        #expect(missing.code == .missingModel && missing.message.contains("crossface_ghost"))
        #expect(
            try refusal {
                _ = try SwapNetwork(model: model, session: session, converter: StandIn.session("gpen_bfr_256"))
            }.contains("“crossface_ghost” is another model: it takes [1, 3, 256, 256] for “input”"))
    }

    @Test
    func `enhancers, masks and recognisers that are another model are refused by name`() throws {
        let codeformer = try #require(EnhancerModel(named: "codeformer"))
        #expect(
            try refusal { _ = try FaceEnhancer(model: codeformer, session: StandIn.session("gfpgan_1.4")) }
                .contains("has no input “weight”"))
        #expect(
            try refusal { _ = try FaceEnhancer(model: codeformer, session: StandIn.session("gpen_bfr_256")) }
                .contains("takes [1, 3, 256, 256] for “input” where [1, 3, 512, 512] is due"))
        #expect(
            try refusal { _ = try OcclusionModel(session: StandIn.session("gpen_bfr_256"), name: "xseg_2") }
                .contains("“xseg_2” is another model: it takes [1, 3, 256, 256] for “input”"))
        #expect(
            try refusal { _ = try FaceParser(session: StandIn.session("gfpgan_1.4"), name: "bisenet_resnet_18") }
                .contains("gives [1, 3, 512, 512] as “output” where [1, 19, 512, 512] is due"))
        #expect(
            try refusal { _ = try ArcFaceEmbedder(session: StandIn.session("gpen_bfr_256")) }
                .contains("takes [1, 3, 256, 256] for “input” where [1, 3, 112, 112] is due"))
    }

    @Test
    func `an identity of another length is refused with both lengths`() throws {
        let network = try StandIn.network("hyperswap_1a_256")
        let error = try #require(throws: MasqueError.self) {
            _ = try network.identity(of: FaceEmbedding(values: [1, 2, 3]))
        }
        #expect(error.message.contains("512") && error.message.contains("3"))
    }
}
