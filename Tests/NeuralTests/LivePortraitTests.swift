// Expressions and edits through graphs shaped as LivePortrait's, against OpenCV and NumPy.

import Errors
import Faces
import Inference
import Neural
import Pixels
import Testing

extension Picture {
    /// The picture with red and blue the other way round.
    fileprivate var swappedColours: Picture {
        var result = self
        for i in stride(from: 0, to: bytes.count, by: channels) { result.bytes.swapAt(i, i + 2) }
        return result
    }
}

struct ExpressionRestorerTests {
    @Test(arguments: ["restored", "restored_full", "restored_upper", "restored_lower"])
    func `a restored expression comes out as OpenCV and NumPy have it`(name: String) throws {
        try LiveGolden.load().check(name) { picture, face, how in
            let restorer = ExpressionRestorer(
                network: try LiveGolden.livePortrait(), factor: how.factor ?? 0.8,
                areas: Set(how.areas?.compactMap { ExpressionArea(rawValue: $0) } ?? ExpressionArea.allCases))
            try restorer.apply(on: &picture, face: face, original: picture.swappedColours)
        }
    }

    @Test
    func `without factor, strength or areas nothing is changed`() throws {
        let network = try LiveGolden.livePortrait()
        let before = try Golden.astronaut(), face = try LiveGolden.load().face(at: "face")
        func result(_ restorer: ExpressionRestorer, _ strength: Float) throws -> [UInt8] {
            var picture = before
            try restorer.apply(on: &picture, face: face, original: before.swappedColours, strength: strength)
            return picture.bytes
        }
        #expect(try result(ExpressionRestorer(network: network), 0) == before.bytes)
        #expect(try result(ExpressionRestorer(network: network, factor: 0), 1) == before.bytes)
        #expect(try result(ExpressionRestorer(network: network, areas: []), 1) == before.bytes)
        let whole = try result(ExpressionRestorer(network: network), 1).map { Float($0) }
        let half = try result(ExpressionRestorer(network: network), 0.5).map { Float($0) }
        #expect(Difference(half, zip(whole, before.bytes).map { ($0 + Float($1)) / 2 }).largest <= 1)
    }

    @Test
    func `the points that belong to neither part keep their place`() {
        let points = ExpressionArea.allCases.flatMap(\.points)
        #expect(Set(points).count == points.count)
        #expect(Set(0..<LivePortraitMotion.pointCount).subtracting(points) == [0, 4, 5, 8, 9])
    }

    @Test
    func `models by name, with the files they need`() {
        #expect(
            ExpressionRestorerModel(named: "live_portrait")?.files == [
                "live_portrait_feature_extractor", "live_portrait_motion_extractor", "live_portrait_generator",
            ])
        #expect(FaceEditorModel(named: "live_portrait")?.files.count == 6)
        #expect(ExpressionRestorerModel(named: "other") == nil && FaceEditorModel(named: "") == nil)
    }
}

struct FaceEditorTests {
    private func editor(_ edits: FaceEdits) throws -> FaceEditor {
        try FaceEditor(
            network: LiveGolden.livePortrait(), eyeRetargeter: LiveGolden.session("live_portrait_eye_retargeter"),
            lipRetargeter: LiveGolden.session("live_portrait_lip_retargeter"),
            stitcher: LiveGolden.session("live_portrait_stitcher"), edits: edits)
    }

    private func edits(_ sliders: [String: Float]) throws -> FaceEdits {
        var edits = FaceEdits()
        for (name, value) in sliders { edits[try #require(FaceEdit(rawValue: name))] = value }
        return edits
    }

    @Test(arguments: ["edited_up", "edited_down"])
    func `an edited face comes out as OpenCV and NumPy have it`(name: String) throws {
        try LiveGolden.load().check(name) { picture, face, how in
            let sliders = try #require(how.sliders)
            #expect(sliders.count == FaceEdit.allCases.count)
            try editor(edits(sliders)).apply(on: &picture, face: face)
        }
    }

    @Test
    func `each slider moves its own points, up and down`() throws {
        let golden = try LiveGolden.load()
        #expect(golden.expressions.count == 2 * FaceEdit.allCases.count)
        let least = LivePortraitExpression.limited([Float](repeating: -9, count: 63))
        let most = LivePortraitExpression.limited([Float](repeating: 9, count: 63))
        let middle = zip(least, most).map { ($0 + $1) / 2 }
        for (key, moves) in golden.expressions {
            let words = key.split(separator: " ")
            let sliders = try edits([String(words[0]): #require(Float(words[1]))])
            let moved = zip(sliders.applied(to: middle), middle).map { $0 - $1 }
            for i in 0..<63 { #expect(abs(moved[i] - (moves[String(i)] ?? 0)) < 1e-6, "\(key) at \(i)") }
        }
    }

    @Test
    func `the head turns as far as the generator can draw, or as far as it was turned`() throws {
        let golden = try LiveGolden.load()
        for one in golden.turns {
            let own = LivePortraitTurn(pitch: one.own[0], yaw: one.own[1], roll: one.own[2])
            let turn = try edits(one.how).applied(to: own)
            #expect(Difference([turn.pitch, turn.yaw, turn.roll], one.turn).largest < 1e-4)
        }
        let t = golden.rotation.turn
        let turn = LivePortraitTurn(pitch: t[0], yaw: t[1], roll: t[2])
        #expect(Difference(turn.matrix, golden.rotation.matrix).largest < 1e-6)
    }

    @Test
    func `without strength or sliders nothing is changed, and sliders stay between -1 and 1`() throws {
        var edits = FaceEdits()
        #expect(edits.isEmpty)
        let before = try Golden.astronaut(), face = try LiveGolden.load().face(at: "face")
        var picture = before
        try editor(edits).apply(on: &picture, face: face)
        #expect(picture.bytes == before.bytes)
        edits[.mouthSmile] = 7
        #expect(edits[.mouthSmile] == 1)
        edits[.headYaw] = .nan
        #expect(edits[.headYaw] == 0)
        try editor(edits).apply(on: &picture, face: face, strength: 0)
        #expect(picture.bytes == before.bytes)
        try editor(edits).apply(on: &picture, face: face)
        #expect(picture.bytes != before.bytes)
        edits[.mouthSmile] = 0
        #expect(edits.isEmpty)
    }

    @Test
    func `files that are other models are refused by the tensor's name`() throws {
        let looks = try LiveGolden.session("live_portrait_feature_extractor")
        let other = try LiveGolden.session("wrong_extractor")
        let error = try #require(throws: MasqueError.self) {
            _ = try LivePortraitNetwork(featureExtractor: looks, motionExtractor: other, generator: other)
        }
        #expect(error.code == .damagedModel)
        #expect(
            error.message.contains(
                "“live_portrait_motion_extractor” is another model: it takes [1, 3, 128, 128] for “input”"))
        let order = try #require(throws: MasqueError.self) {
            _ = try LivePortraitNetwork(
                featureExtractor: looks, motionExtractor: LiveGolden.session("wrong_motion"), generator: other)
        }
        #expect(order.message.contains("gives [1, 3] as “t” where [1, 1] is due"))
        let few = try #require(throws: MasqueError.self) {
            _ = try LivePortraitNetwork(featureExtractor: looks, motionExtractor: looks, generator: other)
        }
        #expect(few.message.contains("“live_portrait_motion_extractor” is another model: it gives 1 outputs where 7"))
        let second = try #require(throws: MasqueError.self) {
            _ = try FaceEditor(
                network: LiveGolden.livePortrait(), eyeRetargeter: LiveGolden.session("live_portrait_lip_retargeter"),
                lipRetargeter: other, stitcher: other, edits: FaceEdits())
        }
        #expect(second.message.contains("takes [1, 65] for “input” where [1, 66] is due"))
    }
}
