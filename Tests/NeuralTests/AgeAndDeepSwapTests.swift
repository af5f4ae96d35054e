// Ages and DFM models through graphs shaped as published ones, against OpenCV and NumPy.

import Errors
import Faces
import Inference
import Neural
import Pixels
import Testing

private func occluders(_ how: LiveGolden.How) throws -> [OcclusionModel] {
    how.occlude == true ? [try OcclusionModel(session: StandIn.session("xseg_1"), name: "xseg_1")] : []
}

struct AgeModifierTests {
    private func modifier(_ direction: Float, occluders: [OcclusionModel] = []) throws -> AgeModifier {
        try AgeModifier(
            model: #require(AgeModifierModel(named: "styleganex_age")), session: LiveGolden.session("styleganex_age"),
            direction: direction, occluders: occluders)
    }

    @Test(arguments: ["older", "younger", "older_occluded"])
    func `a changed age comes out as OpenCV and NumPy have it`(name: String) throws {
        try LiveGolden.load().check(name) { picture, face, how in
            try modifier(#require(how.direction), occluders: occluders(how)).apply(on: &picture, face: face)
        }
    }

    @Test
    func `without direction or strength nothing is changed`() throws {
        let before = try Golden.astronaut(), face = try LiveGolden.load().face(at: "face")
        for (direction, strength) in [(0, 1), (1, 0), (.nan, 1)] as [(Float, Float)] {
            var picture = before
            try modifier(direction).apply(on: &picture, face: face, strength: strength)
            #expect(picture.bytes == before.bytes)
        }
    }

    @Test
    func `a file that is another model is refused by the tensor's name`() throws {
        let model = try #require(AgeModifierModel(named: "styleganex_age"))
        #expect(model.files == ["styleganex_age"] && AgeModifierModel(named: "fran") == nil)
        let error = try #require(throws: MasqueError.self) {
            _ = try AgeModifier(model: model, session: LiveGolden.session("anna_224"), direction: 1)
        }
        #expect(error.message.contains("“styleganex_age” is another model: it has no input “target”"))
    }
}

struct DeepSwapperTests {
    @Test(arguments: ["dfm", "dfm_morph", "dfm_large", "dfm_occluded"])
    func `a face of a DFM model comes out as OpenCV and NumPy have it`(name: String) throws {
        try LiveGolden.load().check(name) { picture, face, how in
            let file = name == "dfm" || name == "dfm_morph" ? "anna_224" : "bob_320"
            let swapper = try DeepSwapper(
                name: file, session: LiveGolden.session(file), morph: how.morph ?? 1,
                masks: FaceMasks(occluders: occluders(how)))
            #expect(swapper.hasMorph == (how.morph != nil))
            try swapper.apply(on: &picture, face: face)
        }
    }

    @Test
    func `the size is the file's own, and without strength nothing is changed`() throws {
        let swapper = try DeepSwapper(name: "bob_320", session: LiveGolden.session("bob_320"))
        #expect(swapper.size == 320 && !swapper.hasMorph)
        let before = try Golden.astronaut()
        var picture = before
        try swapper.apply(on: &picture, face: LiveGolden.load().face(at: "face"), strength: 0)
        #expect(picture.bytes == before.bytes)
    }

    @Test
    func `a file of another kind is refused by the tensor's name`() throws {
        let error = try #require(throws: MasqueError.self) {
            _ = try DeepSwapper(name: "mine", session: StandIn.session("xseg_1"))
        }
        #expect(error.code == .damagedModel)
        #expect(error.message.contains("“mine” is another model: it has no input “in_face:0”"))
    }
}

struct ColourMatchTests {
    private func noise(_ side: Int, _ seed: UInt32) -> Crop {
        var crop = Crop(width: side, height: side), state = seed
        for i in crop.values.indices {
            state = state &* 1_664_525 &+ 1_013_904_223
            crop.values[i] = 60 + Float(state >> 24) / 2
        }
        return crop
    }

    @Test
    func `a crop matched to itself stays, and one shifted as a whole comes back`() {
        let crop = noise(96, 1)
        #expect(Difference(crop.colourMatched(to: crop).values, crop.values).largest < 0.01)
        let darker = Crop(width: 96, height: 96, values: crop.values.map { $0 - 40 })
        #expect(Difference(darker.colourMatched(to: crop).values, crop.values).largest < 0.05)
    }

    @Test
    func `averaging halves exactly, keeps the mean at odd ratios, and cubic enlargement keeps a plane`() {
        let crop = noise(96, 2)
        let half = crop.averaged(width: 48, height: 48)
        let block = [0, 1, 96, 97].map { crop.values[$0] }
        #expect(abs(half.values[0] - block.reduce(0, +) / 4) < 1e-3)
        let mean = { (c: Crop) in c.values.map { Double($0) }.reduce(0, +) / Double(c.values.count) }
        #expect(abs(mean(crop.averaged(width: 37, height: 37)) - mean(crop)) < 0.01)
        let flat = Crop(width: 5, height: 5, values: [Float](repeating: 7, count: 75))
        #expect(flat.enlargedCubically(width: 33, height: 21).values.allSatisfy { abs($0 - 7) < 1e-4 })
    }
}
