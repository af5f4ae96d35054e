// Upscalers, colourisers and background removers through graphs shaped as the published ones, against OpenCV and NumPy
// (Tests/golden/frames.py).

import Errors
import Faces
import Foundation
import Inference
import Neural
import Pixels
import Synchronization
import Testing

private struct FrameGolden: Decodable {
    struct Case: Decodable {
        let model: String
        let piece: [Int]
        let step: Int
        let width: Int
        let height: Int
        let channels: Int
        let mean: [Float]
        let blend: Float?
        let size: Int?

        /// The piece of the sample that was worked on.
        var picture: Picture {
            get throws {
                let whole = try Golden.astronaut()
                var bytes: [UInt8] = []
                for y in piece[1]..<piece[1] + piece[3] {
                    for x in piece[0]..<piece[0] + piece[2] {
                        bytes +=
                            whole.bytes[
                                (y * whole.width + x) * whole.channels..<(y * whole.width + x) * whole.channels + 3]
                    }
                }
                return Picture(width: piece[2], height: piece[3], channels: 3, bytes: bytes)
            }
        }

        /// Expects a result to be the golden's within `level` levels.
        func check(_ result: Picture, name: String, level: Float) throws {
            try #require(result.width == width && result.height == height && result.channels == channels)
            let all = result.samples(of: [0, 0, width, height], step: step)
            let wanted = try FrameGolden.samples(name)
            let difference = Difference(all, wanted)
            #expect(difference.mean < 0.3)
            #expect(difference.largest <= level)
            #expect(Difference(result.means(of: [0, 0, width, height]), mean).largest < 0.25)
        }
    }

    static let folder = Golden.folder.appending(path: "frames")

    static func samples(_ name: String) throws -> [Float] {
        [UInt8](try Data(contentsOf: folder.appending(path: name + ".bin"))).map { Float($0) }
    }

    static func load() throws -> [String: Case] {
        try JSONDecoder().decode([String: Case].self, from: Data(contentsOf: folder.appending(path: "index.json")))
    }

    static func session(_ name: String) throws -> any InferenceSession {
        try ModelLoader.load(path: folder.appending(path: name + ".onnx").path, name: name, policy: .small)
    }
}

private func refusal(_ body: () throws -> Void) throws -> MasqueError {
    try #require(throws: MasqueError.self) { try body() }
}

struct FrameEnhancerTests {
    @Test(arguments: ["span_tiled", "span_blend", "span_small", "span_thin", "esrgan_half"])
    func `an upscaled picture is what the whole of it at once would be`(name: String) throws {
        let how = try #require(FrameGolden.load()[name])
        let enhancer = try FrameEnhancer(
            model: #require(FrameEnhancerModel(named: how.model)), session: FrameGolden.session(how.model),
            blend: how.blend)
        try how.check(try enhancer.enhanced(how.picture), name: name, level: how.model.contains("fp16") ? 3 : 1)
    }

    @Test func `transparency is scaled with the picture`() throws {
        let how = try #require(FrameGolden.load()["span_small"])
        let opaque = try how.picture
        var picture = Picture(
            width: opaque.width, height: opaque.height, channels: 4,
            bytes: [UInt8](repeating: 255, count: opaque.width * opaque.height * 4))
        for i in 0..<opaque.width * opaque.height {
            for c in 0..<3 { picture.bytes[4 * i + c] = opaque.bytes[3 * i + c] }
            picture.bytes[4 * i + 3] = i % opaque.width < 20 ? 0 : 255
        }
        let enhancer = try FrameEnhancer(
            model: #require(FrameEnhancerModel(named: how.model)), session: FrameGolden.session(how.model), blend: 1)
        let result = try enhancer.enhanced(picture)
        let plain = try enhancer.enhanced(opaque)
        let line = 40 * result.width
        #expect(result.bytes[4 * (line + 76) + 3] == 0 && result.bytes[4 * (line + 84) + 3] == 255)
        #expect((0..<3).allSatisfy { result.bytes[4 * (line + 100) + $0] == plain.bytes[3 * (line + 100) + $0] })
    }

    @Test func `work ends between two tiles when it is to end`() throws {
        struct Stop: Error {}
        let how = try #require(FrameGolden.load()["span_tiled"])
        let enhancer = try FrameEnhancer(
            model: #require(FrameEnhancerModel(named: how.model)), session: FrameGolden.session(how.model))
        let asked = Mutex(0)
        #expect(throws: Stop.self) {
            try enhancer.enhanced(how.picture) {
                try asked.withLock {
                    $0 += 1
                    if $0 == 2 { throw Stop() }
                }
            }
        }
        #expect(asked.withLock { $0 } == 2)
    }

    @Test func `all of FaceFusion's upscalers are known, and ours`() {
        let names = [
            "clear_reality_x4", "face_dat_x4", "lsdir_x4", "nomos8k_sc_x4", "real_esrgan_x2", "real_esrgan_x2_fp16",
            "real_esrgan_x4", "real_esrgan_x4_fp16", "real_esrgan_x8", "real_esrgan_x8_fp16", "real_hatgan_x4",
            "real_web_photo_x4", "realistic_rescaler_x4", "remacri_x4", "siax_x4", "span_kendata_x4", "swin2_sr_x4",
            "tghq_face_x8", "ultra_sharp_x4", "ultra_sharp_2_x4",
        ]
        let models = names.compactMap { FrameEnhancerModel(named: $0) }
        #expect(models.map(\.name) == names)
        #expect(models.allSatisfy { $0.name.contains("_x\($0.scale)") && !$0.isBuiltIn })
        #expect(FrameEnhancerModel.all.count == names.count + 3)
        #expect(FrameEnhancerModel(named: "ultra_sharp_2_x4")?.tile == 1024)
        #expect(FrameEnhancerModel(named: "real_web_photo_x4")?.tile == 64)
        #expect(FrameEnhancerModel(named: "nobody") == nil)
    }

    @Test func `another model's file and too large a picture are refused`() throws {
        let clear = try #require(FrameEnhancerModel(named: "clear_reality_x4"))
        #expect(
            try refusal { _ = try FrameEnhancer(model: clear, session: FrameGolden.session("clear_reality_x4")) }
                .message.contains("gives [1, 3, 256, 256] as “output” where [1, 3, 512, 512] is due"))
        let span = try FrameEnhancer(
            model: #require(FrameEnhancerModel(named: "span_kendata_x4")),
            session: FrameGolden.session("span_kendata_x4"))
        let error = try refusal { _ = try span.enhanced(Picture(width: 6000, height: 3000)) }
        #expect(
            error.code == .badInput && error.message == "A picture of 6000×3000 is too large to be enlarged 4 times.")
    }

    @Test(arguments: [("realesr_animevideov3_x2", 2), ("realesr_animevideov3_x4", 4)])
    func `an upscaler that comes with Masque shows no seams and keeps the picture`(name: String, scale: Int) throws {
        let enhancer = try NeuralModels().frameEnhancer(#require(FrameEnhancerModel(named: name)), blend: 1)
        let whole = try Golden.astronaut()
        var piece = Picture(width: 300, height: 60)
        for y in 0..<60 {
            for i in 0..<900 { piece.bytes[y * 900 + i] = whole.bytes[((y + 90) * whole.width + 90) * 3 + i] }
        }
        let result = try enhancer.enhanced(piece)
        #expect(result.width == 300 * scale && result.height == 60 * scale)
        // The whole at once, with its edge repeated around it, through the graph itself.
        let (w, h) = (300 + 48, 60 + 48)
        var input = [Float](repeating: 0, count: 3 * w * h)
        for y in 0..<h {
            for x in 0..<w {
                let from = (min(max(y - 24, 0), 59) * 300 + min(max(x - 24, 0), 299)) * 3
                for c in 0..<3 { input[(c * h + y) * w + x] = Float(piece.bytes[from + c]) / 255 }
            }
        }
        let session = try NeuralModels().session(name)
        let atOnce = try #require(session.run(["input": .float32(input, shape: [1, 3, h, w])]).first?.floats)
        try #require(atOnce.count == 3 * w * h * scale * scale)
        var largest: Float = 0
        for y in 0..<60 * scale {
            for x in 0..<300 * scale {
                for c in 0..<3 {
                    let level = atOnce[((c * h + 24) * scale + y) * w * scale + 24 * scale + x] * 255
                    let ours = Float(result.bytes[(y * 300 * scale + x) * 3 + c])
                    largest = max(largest, abs(min(max(level, 0), 255) - ours))
                }
            }
        }
        #expect(largest <= 3)
        // Scaled down again it is about the picture.
        var gap: Float = 0
        for y in 0..<60 {
            for x in 0..<300 {
                let box = [x * scale, y * scale, (x + 1) * scale, (y + 1) * scale]
                let mean = result.means(of: box)
                for c in 0..<3 { gap += abs(mean[c] - Float(piece.bytes[(y * 300 + x) * 3 + c])) }
            }
        }
        #expect(gap / (300 * 60 * 3) < 6)
    }
}

struct FrameColorizerTests {
    @Test(arguments: ["ddcolor_256", "ddcolor_512", "deoldify_256", "deoldify_192"])
    func `a coloured picture comes out as OpenCV and NumPy have it`(name: String) throws {
        let how = try #require(FrameGolden.load()[name])
        let colorizer = try FrameColorizer(
            model: #require(ColorizerModel(named: how.model)), session: FrameGolden.session(how.model),
            size: #require(how.size), blend: #require(how.blend))
        try how.check(try colorizer.colorized(how.picture), name: name, level: 3)
    }

    @Test func `colouring can be ended, and another model's file is refused`() throws {
        struct Stop: Error {}
        let model = try #require(ColorizerModel(named: "ddcolor"))
        let colorizer = try FrameColorizer(model: model, session: FrameGolden.session("ddcolor"))
        let asked = Mutex(0)
        #expect(throws: Stop.self) {
            try colorizer.colorized(Picture(width: 8, height: 600)) {
                try asked.withLock {
                    $0 += 1
                    if $0 == 3 { throw Stop() }
                }
            }
        }
        #expect(asked.withLock { $0 } == 3)
        #expect(
            try refusal { _ = try FrameColorizer(model: model, session: FrameGolden.session("deoldify")) }
                .message.contains("as “output” where [1, 2, 256, 256] is due"))
        #expect(
            ColorizerModel.all.map(\.name) == [
                "ddcolor", "ddcolor_artistic", "deoldify", "deoldify_artistic", "deoldify_stable",
            ])
    }
}

struct BackgroundRemoverTests {
    private func remover(_ name: String) throws -> BackgroundRemover {
        try BackgroundRemover(model: #require(RemoverModel(named: name)), session: FrameGolden.session(name))
    }

    @Test(arguments: ["modnet", "rmbg_1.4", "u2netp", "ormbg", "u2net_cloth"])
    func `a subject's mask comes out as OpenCV and NumPy have it`(name: String) throws {
        let how = try #require(FrameGolden.load()["alpha_" + name])
        let picture = try how.picture
        let result = try remover(name).removed(from: picture)
        try #require(result.channels == 4)
        let samples = stride(from: 0, to: picture.height, by: how.step).flatMap { y in
            stride(from: 0, to: picture.width, by: how.step).map { x in
                Float(result.bytes[(y * picture.width + x) * 4 + 3])
            }
        }
        let difference = Difference(samples, try FrameGolden.samples("alpha_" + name))
        // A class is one or the other: at its border a hair's breadth turns all.
        #expect(difference.mean < (name == "u2net_cloth" ? 2 : 0.3))
        if name != "u2net_cloth" { #expect(difference.largest <= 3) }
        // The picture's own colours stay below the transparency.
        var changed = 0
        for i in 0..<picture.width * picture.height {
            for c in 0..<3 where result.bytes[4 * i + c] != picture.bytes[3 * i + c] { changed += 1 }
        }
        #expect(changed == 0)
    }

    @Test func `a colour fills the background, wholly or in part`() throws {
        let how = try #require(FrameGolden.load()["alpha_modnet"])
        let picture = try how.picture
        let remover = try remover("modnet")
        let alpha = try remover.alpha(of: picture)
        let green = GroundColour(red: 10, green: 200, blue: 30, alpha: 255)
        let filled = try remover.removed(from: picture, ground: green)
        #expect(filled.channels == 3)
        let half = try remover.removed(from: picture, ground: GroundColour(green: 200, alpha: 128))
        #expect(half.channels == 4)
        for i in stride(from: 0, to: picture.width * picture.height, by: 101) {
            let front = alpha.values[i]
            for (c, ground) in [Float(10), 200, 30].enumerated() {
                let own = Float(picture.bytes[3 * i + c])
                let wanted: Float = own * front + ground * (1 - front)
                #expect(abs(Float(filled.bytes[3 * i + c]) - wanted) <= 0.6)
            }
            let whole: Float = 255 * front + 128 * (1 - front)
            #expect(abs(Float(half.bytes[4 * i + 3]) - whole) <= 0.6)
        }
    }

    @Test func `a picture's own transparency stays`() throws {
        let how = try #require(FrameGolden.load()["alpha_modnet"])
        let opaque = try how.picture
        var bytes: [UInt8] = []
        for i in 0..<opaque.width * opaque.height { bytes += opaque.bytes[3 * i..<3 * i + 3] + [i % 2 == 0 ? 0 : 255] }
        let picture = Picture(width: opaque.width, height: opaque.height, channels: 4, bytes: bytes)
        let remover = try remover("modnet")
        let (result, plain) = (try remover.removed(from: picture), try remover.removed(from: opaque))
        let filled = try remover.removed(from: picture, ground: GroundColour(red: 7, green: 8, blue: 9, alpha: 255))
        for i in 0..<4000 {
            #expect(result.bytes[4 * i + 3] == (i % 2 == 0 ? 0 : plain.bytes[4 * i + 3]))
            // Where the picture shows nothing, all of the ground does.
            if i % 2 == 0 { #expect(Array(filled.bytes[3 * i..<3 * i + 3]) == [7, 8, 9]) }
        }
    }

    @Test func `all of FaceFusion's removers are known, and another model's file is refused`() throws {
        let names = [
            "ben_2", "birefnet_general", "birefnet_portrait", "isnet_general", "modnet", "ormbg", "rmbg_1.4",
            "rmbg_2.0", "silueta", "u2net_cloth", "u2net_general", "u2net_human", "u2netp",
        ]
        #expect(Set(RemoverModel.all.map(\.name)) == Set(names) && RemoverModel.all.count == names.count)
        #expect(names.compactMap { RemoverModel(named: $0)?.name } == names)
        let silueta = try #require(RemoverModel(named: "silueta"))
        #expect(
            try refusal { _ = try BackgroundRemover(model: silueta, session: FrameGolden.session("modnet")) }
                .message.contains("takes [1, 3, 512, 512] for “input” where [1, 3, 320, 320] is due"))
        let cloth = try #require(RemoverModel(named: "u2netp"))
        #expect(throws: MasqueError.self) {
            try BackgroundRemover(model: cloth, session: FrameGolden.session("u2net_cloth"))
        }
    }

    @Test func `a coarse mask's edges go where the picture's are`() {
        let side = 300
        var picture = Picture(width: side, height: side, fill: (120, 90, 120))
        func inside(_ x: Int, _ y: Int) -> Bool { (x - 150) * (x - 150) + (y - 140) * (y - 140) < 80 * 80 }
        for y in 0..<side {
            for x in 0..<side where inside(x, y) {
                picture.bytes[(y * side + x) * 3 + 1] = 170
            }
        }
        // The mask knows the disc at half of the fineness, softly, and two pixels off.
        var mask = Plane(width: 150, height: 150)
        for y in 0..<150 {
            for x in 0..<150 { mask.values[y * 150 + x] = inside(2 * x + 2, 2 * y + 2) ? 1 : 0 }
        }
        mask = mask.blurred(sigma: 1.5)
        let refined = picture.refined(mask)
        var coarse: Float = 0, wrong: Float = 0
        for y in 0..<side {
            for x in 0..<side {
                let due: Float = inside(x, y) ? 1 : 0
                wrong += abs(refined.values[y * side + x] - due)
                coarse += abs(mask.value(at: Point((Float(x) + 0.5) / 2 - 0.5, (Float(y) + 0.5) / 2 - 0.5)) - due)
            }
        }
        #expect(wrong < 0.4 * coarse, "\(wrong) of \(coarse)")
    }

    @Test func `the wall beside somebody's neck stays out of a wide picture's cut-out`() throws {
        let square = try Golden.astronaut()
        // As a 16:9 film shows her: squeezed into a square view, the wall at the neck is taken for a part of her.
        let wide = Picture(
            width: 512, height: 288, channels: 3, bytes: Array(square.bytes.prefix(512 * 288 * 3)))
        let mask = try NeuralModels().backgroundRemover().alpha(of: wide)
        func mean(_ x: Range<Int>, _ y: Range<Int>) -> Float {
            y.reduce(Float(0)) { sum, row in x.reduce(sum) { $0 + mask.values[row * 512 + $1] } }
                / Float(x.count * y.count)
        }
        let wall = mean(276..<330, 140..<190), flag = mean(0..<70, 0..<200)
        print("cut-out | wall \(wall), flag \(flag), face \(mean(190..<250, 80..<150))")
        #expect(wall < 0.02 && flag < 0.02)
        #expect(mean(190..<250, 80..<150) > 0.98 && mean(90..<250, 250..<288) > 0.98)
        // A high picture is filled up at its sides: nothing of the view's own edges comes in.
        let high = Picture(
            width: 200, height: 512, channels: 3,
            bytes: (0..<512).flatMap { square.bytes[($0 * 512 + 120) * 3..<($0 * 512 + 320) * 3] })
        let tall = try NeuralModels().backgroundRemover().alpha(of: high)
        #expect(tall.width == 200 && tall.height == 512)
        #expect(tall.values[120 * 200 + 100] > 0.98 && tall.values[5 * 200 + 5] < 0.02)
        #expect(tall.values[120 * 200 + 190] < 0.02)
    }

    @Test func `a mask's doubts become one or the other where no edge explains them`() {
        var mask = Plane(width: 100, height: 80)
        func fill(_ x: Range<Int>, _ y: Range<Int>, _ value: Float) {
            for row in y { for column in x { mask.values[row * 100 + column] = value } }
        }
        fill(20..<70, 10..<80, 1)
        // A soft edge, a half-seen flag beside it, a doubt inside, and ground that shows through an arm's bend.
        fill(70..<71, 10..<80, 0.7)
        fill(71..<72, 10..<80, 0.3)
        fill(2..<20, 40..<60, 0.4)
        fill(30..<40, 30..<40, 0.65)
        fill(50..<60, 30..<40, 0)
        let settled = mask.settled()
        func at(_ x: Int, _ y: Int) -> Float { settled.values[y * 100 + x] }
        #expect(at(70, 30) == 0.7 && at(71, 30) == 0.3)
        #expect(at(19, 50) == 0.4 && at(17, 50) < 0.3 && at(10, 50) == 0)
        #expect(at(35, 35) == 1 && at(31, 31) == 1)
        #expect(at(55, 35) == 0)
        #expect(at(45, 70) == 1 && at(90, 20) == 0)
        // A mask that differs little gives a result that differs little, so that noise does not become flicker.
        var most: Float = 0
        for level in stride(from: Float(0), through: 1, by: 0.02) {
            fill(2..<20, 40..<60, level)
            fill(30..<40, 30..<40, level)
            let (here, before) = (mask.settled(), mask)
            for i in mask.values.indices where mask.values[i] == level {
                mask.values[i] = min(level + 0.02, 1)
            }
            let next = mask.settled()
            for (a, b) in zip(here.values, next.values) { most = max(most, abs(a - b)) }
            mask = before
        }
        #expect(most < 0.5, "\(most)")
    }

    @Test func `a cut-out's edge holds still in a noisy video and follows what moves`() throws {
        let remover = try NeuralModels().backgroundRemover()
        let clean = try Golden.astronaut()
        var noise = CameraNoise()
        var memory = MaskMemory()
        var (steady, alone): (Float, Float) = (0, 0)
        var before: (steady: Plane, alone: Plane)?
        for frame in 0..<9 {
            var picture = clean
            for i in picture.bytes.indices { picture.bytes[i] = noise.on(picture.bytes[i]) }
            let now = (steady: try remover.alpha(of: picture, memory: &memory), alone: try remover.alpha(of: picture))
            if let before, frame > 3 {
                steady += difference(before.steady, now.steady)
                alone += difference(before.alone, now.alone)
            }
            before = now
        }
        print("cut-out | flicker \(alone) alone, \(steady) with memory")
        #expect(steady < 0.85 * alone)
        // After a cut to another picture nothing of the old one is left.
        let mirrored = Picture(
            width: clean.width, height: clean.height, channels: 3,
            bytes: (0..<clean.width * clean.height).flatMap { place -> [UInt8] in
                let from = place / clean.width * clean.width + clean.width - 1 - place % clean.width
                return Array(clean.bytes[3 * from..<3 * from + 3])
            })
        let after = try remover.alpha(of: mirrored, memory: &memory)
        #expect(try difference(after, remover.alpha(of: mirrored)) == 0)
    }

    /// The mean difference of two masks, 0…1.
    private func difference(_ a: Plane, _ b: Plane) -> Float {
        zip(a.values, b.values).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(a.values.count)
    }

    /// Noise of a camera, the same in every run: ±8 levels, evenly.
    private struct CameraNoise {
        private var state: UInt64 = 1
        mutating func on(_ byte: UInt8) -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(clamping: Int(byte) + Int(state >> 40) % 17 - 8)
        }
    }

    @Test func `a subject cut from a green wall has no green rim, and nothing of the wall stays`() {
        let side = 200
        var alpha = Plane(width: side, height: side)
        var picture = Picture(width: side, height: side, fill: (20, 190, 30))
        for y in 0..<side {
            for x in 0..<side {
                let dx = Float(x - 100), dy = Float(y - 100)
                let a = min(max((60 - (dx * dx + dy * dy).squareRoot()) / 8 + 0.5, 0), 1)
                alpha.values[y * side + x] = a
                // The subject is darker to the left.
                let front = [100 + Float(x) / 4, 70, 60 + Float(y) / 8], back: [Float] = [20, 190, 30]
                for c in 0..<3 {
                    picture.bytes[(y * side + x) * 3 + c] = UInt8(front[c] * a + back[c] * (1 - a) + 0.5)
                }
            }
        }
        let colours = picture.foreground(alpha: alpha)
        var before = 0, after = 0, rim = 0
        for y in 0..<side {
            for x in 0..<side {
                let place = y * side + x, a = alpha.values[place]
                let green = (Int(picture.bytes[3 * place + 1]), Int(colours[3 * place + 1]))
                if a >= 1 { #expect(green.0 == green.1) }
                if a > 0.1 && a < 1 {
                    rim += 1
                    before += abs(green.0 - 70)
                    after += abs(green.1 - 70)
                }
                if a == 0 { #expect(green.1 < 90, "\(x), \(y)") }
            }
        }
        print("rim | green off by \(before / rim) before, \(Float(after) / Float(rim)) after")
        #expect(after < 4 * rim && before > 40 * rim)
    }

    @Test func `the astronaut is cut out of her flags without a published model`() throws {
        let picture = try Golden.astronaut()
        let alpha = try NeuralModels().backgroundRemover().alpha(of: picture)
        func mean(_ x: Int, _ y: Int, _ side: Int) -> Float {
            var sum: Float = 0
            for row in y..<y + side { for column in x..<x + side { sum += alpha.values[row * 512 + column] } }
            return sum / Float(side * side)
        }
        // Her face and suit; wall and flag.
        #expect(mean(200, 90, 50) > 0.97 && mean(170, 330, 100) > 0.97)
        #expect(mean(330, 20, 60) < 0.03 && mean(20, 20, 50) < 0.03)
        // The flag's foot beside her sleeve, and her belt.
        #expect(mean(0, 420, 10) < 0.05 && mean(220, 460, 40) > 0.99)
        // Nearly all is one or the other.
        let edge = (0..<512 * 512).filter { alpha.values[$0] > 0.05 && alpha.values[$0] < 0.95 }.count
        #expect(edge < 512 * 512 / 12)
    }
}
