// Swapping through graphs shaped as every published family, against OpenCV and NumPy.

import Errors
import Faces
import Inference
import Neural
import Pixels
import Testing

struct SwapTests {
    /// One golden frame, done by Masque.
    private func swapped(_ golden: Golden, _ name: String) throws -> (result: Picture, before: Picture) {
        let how = try #require(golden.frames[name])
        var masks = MaskSettings()
        masks.blur = how.blur ?? masks.blur
        if let p = how.padding { masks.padding = MaskPadding(top: p[0], right: p[1], bottom: p[2], left: p[3]) }
        masks.regions = Set((how.regions ?? []).compactMap { FaceRegion(rawValue: $0) })
        let swapper = NeuralSwapper(
            network: try StandIn.network(how.model), boost: how.boost, weight: Float(how.weight ?? 0.5), masks: masks,
            occluders: how.occlude == true
                ? [try OcclusionModel(session: StandIn.session("xseg_1"), name: "xseg_1")] : [],
            parser: masks.regions.isEmpty
                ? nil : try FaceParser(session: StandIn.session("bisenet_resnet_34"), name: "bisenet_resnet_34"))
        let before = try Golden.astronaut()
        let source = try swapper.identity(
            of: golden.points(at: "source"), in: before, embedding: Golden.embedding(0.3))
        var result = before
        try swapper.swap(
            on: &result, face: FaceShape(mesh: golden.mesh(at: how.place)), source: source,
            targetEmbedding: swapper.wantsTargetEmbedding ? Golden.embedding(1.9) : nil)
        return (result, before)
    }

    /// What may differ is what OpenCV's rounding of crops to whole numbers and of positions to 1/32 pixel makes.
    @Test(arguments: [
        "inswapper_128", "inswapper_128_fp16", "hyperswap_1a_256", "ghost_1_256", "hififace_unofficial_256",
        "simswap_256", "simswap_unofficial_512", "blendswap_256", "uniface_256",
        "inswapper_128_weight_0", "inswapper_128_weight_1", "hyperswap_1a_256_weight_0", "hyperswap_1a_256_weight_1",
        "ghost_1_256_weight_0", "ghost_1_256_weight_1", "simswap_256_weight_0", "simswap_256_weight_1",
        "inswapper_128_boost_256", "inswapper_128_boost_384", "hyperswap_1a_256_boost_512", "hyperswap_1a_256_corner",
        "hyperswap_1a_256_padded", "hyperswap_1a_256_occluded", "hyperswap_1a_256_regions",
    ])
    func `a swap comes out as OpenCV and NumPy have it`(name: String) throws {
        let golden = try Golden.load()
        let how = try #require(golden.frames[name])
        let (result, before) = try swapped(golden, name)
        try how.check(result, from: before, name: name)
    }

    @Test
    func `where the frame is finer than the crop, pixels are averaged: a level or so from OpenCV's`() throws {
        let golden = try Golden.load()
        let how = try #require(golden.frames["inswapper_128_large"])
        let (result, before) = try swapped(golden, "inswapper_128_large")
        let wanted = try Golden.samples("inswapper_128_large").map { Float($0) }
        let difference = Difference(result.samples(of: how.box, step: how.step), wanted)
        #expect(difference.mean > 0.6 && difference.mean < 4)
        #expect(Difference(result.means(of: how.box), how.means).largest < 1)
        #expect(Difference(before.samples(of: how.box, step: how.step), wanted).mean > 20)
    }

    @Test(arguments: ["inswapper_128", "hyperswap_1a_256", "ghost_1_256", "hififace_unofficial_256", "simswap_256"])
    func `a raw embedding becomes the vector that each family takes`(name: String) throws {
        let vector = try StandIn.network(name).identity(of: Golden.embedding(0.3))
        #expect(vector.count == 512)
        let wanted = try #require(Golden.load().vectors[name])
        let some = stride(from: 0, to: vector.count, by: 8).map { vector[$0] }
        let scale = wanted.map { abs($0) }.max() ?? 0
        #expect(Difference(some, wanted).largest < 1e-4 * scale)
    }

    @Test
    func `the half-precision file's matrix is the full-precision file's`() throws {
        let whole = try StandIn.withFile("inswapper_128") {
            try OnnxGraph.lastInitializer(inFileAt: $0, name: "inswapper_128")
        }
        let half = try StandIn.withFile("inswapper_128_fp16") {
            try OnnxGraph.lastInitializer(inFileAt: $0, name: "inswapper_128_fp16")
        }
        #expect(whole?.shape == [512, 512] && half?.shape == [512, 512])
        #expect(whole?.values == half?.values)
        // Row 1, column 19: (1 + 3 · 19) % 29 == 0, (5 + 209) % 17 == 10, so (10 - 8) / 8; not symmetric.
        #expect(whole?.values[512 + 19] == 0.25)
        #expect(whole?.values[19 * 512 + 1] == 0)
    }

    @Test
    func `a weight of half leaves the source as it is and asks for no target`() throws {
        let source = SwapIdentity.vector([1, 2]), target: [Float] = [3, -4]
        func values(_ weight: Float) -> [Float] {
            if case .vector(let values) = source.weighted(weight, target: target) { values } else { [] }
        }
        #expect(values(0.5) == [1, 2])
        #expect(Difference(values(0), [1.7, -0.1]).largest < 1e-5)
        #expect(Difference(values(1), [0.3, 4.1]).largest < 1e-5)
        #expect(values(7) == values(1))
        let network = try StandIn.network("hyperswap_1a_256")
        #expect(!NeuralSwapper(network: network).wantsTargetEmbedding)
        #expect(NeuralSwapper(network: network, weight: 1).wantsTargetEmbedding)
        #expect(!NeuralSwapper(network: try StandIn.network("blendswap_256"), weight: 1).wantsTargetEmbedding)
    }

    @Test(arguments: [1, 2, 3, 4])
    func `through a graph that changes nothing a crop of any boost comes back`(factor: Int) throws {
        let network = try StandIn.network("blendswap_256", file: "unchanged_256")
        let side = 256 * factor
        var crop = Crop(width: side, height: side)
        var state: UInt32 = 1
        for i in crop.values.indices {
            state = state &* 1_664_525 &+ 1_013_904_223
            crop.values[i] = Float(state >> 24)
        }
        let result = try network.swapped(crop, source: .picture(Crop(width: 112, height: 112)))
        #expect(Difference(result.values, crop.values).largest < 1e-3)
    }

    @Test
    func `a boost that is no multiple of the model's size is refused`() throws {
        let network = try StandIn.network("hyperswap_1a_256")
        for side in [128, 300, 600] {
            #expect(throws: MasqueError.self) {
                try network.swapped(
                    Crop(width: side, height: side), source: .vector([Float](repeating: 0, count: 512)))
            }
        }
    }

    @Test
    func `what a generator gives beyond its range is cut, and what is no number becomes black`() {
        let crop = Crop(output: [.nan, .infinity, -.infinity] + [0.5, 2, -1] + [0, 1, 0.25] + [0, 0, 0], side: 2)
        #expect(crop.values == [0, 255, 0, 127.5, 255, 0, 0, 255, 63.75, 0, 0, 0])
    }

    @Test
    func `with strength 0 a swap changes nothing and with half it changes half`() throws {
        let golden = try Golden.load()
        let swapper = NeuralSwapper(network: try StandIn.network("hyperswap_1a_256"))
        let before = try Golden.astronaut(), mesh = try golden.mesh(at: "face")
        let source = try swapper.identity(
            of: golden.points(at: "source"), in: before, embedding: Golden.embedding(0.3))
        func result(_ strength: Float) throws -> [Float] {
            var picture = before
            try swapper.swap(on: &picture, face: FaceShape(mesh: mesh), source: source, strength: strength)
            return picture.bytes.map { Float($0) }
        }
        let old = before.bytes.map { Float($0) }, new = try result(1)
        #expect(try result(0) == old)
        #expect(Difference(try result(0.5), zip(old, new).map { ($0 + $1) / 2 }).largest <= 1)
    }
}
