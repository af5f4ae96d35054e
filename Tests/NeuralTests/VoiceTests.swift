// Voices through graphs shaped as the published extractors, against NumPy and by pure tones.

import Errors
import Foundation
import Neural
import Testing

struct VoiceTests {
    private func extractor(_ file: String = "kim_vocal_2") throws -> VoiceExtractor {
        try VoiceExtractor(
            model: #require(VoiceExtractorModel(named: "kim_vocal_2")), session: LiveGolden.session(file))
    }

    /// The golden sound: left and right at 48 kHz.
    private func stereo(_ count: Int) -> (left: [Float], right: [Float]) {
        let turn = 2 * Double.pi
        let times = (0..<count).map { Double($0) / 48000 }
        let left = times.map { t in
            let sweep = 3000 * t + 150 * t * t
            return Float(0.4 * sin(turn * 440 * t) + 0.2 * sin(turn * sweep))
        }
        let right = times.map { t in
            let swell = sin(turn * 0.9 * t)
            return Float(0.3 * sin(turn * 700 * t) * swell * swell + 0.1 * sin(turn * 9000 * t))
        }
        return (left, right)
    }

    /// The amplitude of a sine in samples at 16 kHz.
    private func strength(_ hertz: Double, in samples: ArraySlice<Float>) -> Double {
        var x = 0.0, y = 0.0
        for (i, sample) in samples.enumerated() {
            x += Double(sample) * cos(2 * Double.pi * hertz * Double(i) / 16000)
            y += Double(sample) * sin(2 * Double.pi * hertz * Double(i) / 16000)
        }
        return 2 * (x * x + y * y).squareRoot() / Double(samples.count)
    }

    @Test
    func `a voice comes out as NumPy has it`() throws {
        let golden = try #require(LiveGolden.load().voice)
        let (left, right) = stereo(golden.count)
        let voice = try extractor().voice(left: left, right: right)
        #expect(voice.left.count == golden.count && voice.right.count == golden.count)
        func some(_ values: [Float]) -> [Float] {
            stride(from: 0, to: values.count, by: golden.step).map { values[$0] }
        }
        #expect(Difference(some(voice.left), golden.left).largest < 1e-4)
        #expect(Difference(some(voice.right), golden.right).largest < 1e-4)
        #expect(Difference(some(left), golden.left).mean > 0.02 && Difference(some(right), golden.right).mean > 0.02)
    }

    @Test
    func `through a graph that changes nothing a track of several pieces comes back at a third of its rate`() throws {
        let count = 450_000
        let turn = 2 * Double.pi / 48000
        // 3 kHz left, 1 kHz right; 10 kHz in both, which 16 kHz cannot hold.
        var track: [Float] = []
        for i in 0..<count {
            let high = 0.1 * sin(turn * 10000 * Double(i))
            track.append(Float(0.4 * sin(turn * 3000 * Double(i)) + high))
            track.append(Float(0.2 * sin(turn * 1000 * Double(i)) + high))
        }
        var stream = VoiceStream(try extractor("voice_unchanged"))
        var voice: [Float] = []
        var start = 0
        for size in [2, 100_000, 600_000, 10_000_000] {
            let end = min(start + size, track.count)
            voice += try stream.append(Array(track[start..<end]))
            start = end
        }
        #expect(!voice.isEmpty && voice.count < count / 3)
        voice += try stream.finish()
        #expect(abs(voice.count - count / 3) <= 1)
        for part in [200..<50000, 50000..<100_000, 100_000..<149_800] {
            #expect(abs(strength(3000, in: voice[part]) - 0.2) < 0.002)
            #expect(abs(strength(1000, in: voice[part]) - 0.1) < 0.002)
            // 10 kHz would come back as 6 kHz.
            #expect(strength(6000, in: voice[part]) < 0.001)
        }
        // Sample by sample: nothing is late, nothing is lost where pieces meet.
        let wanted = (200..<149_800).map { i in
            let angle = turn * 3 * Double(i)
            return Float(0.2 * sin(angle * 3000) + 0.1 * sin(angle * 1000))
        }
        try #require(voice.count >= 149_800)
        #expect(Difference(Array(voice[200..<149_800]), wanted).largest < 0.002)
    }

    @Test
    func `an empty track has no voice, and a file that is another model is refused`() throws {
        var stream = VoiceStream(try extractor("voice_unchanged"))
        #expect(try stream.append([]).isEmpty)
        #expect(try stream.finish().isEmpty)
        let model = try #require(VoiceExtractorModel(named: "uvr_mdxnet"))
        #expect(model.files == ["uvr_mdxnet"] && VoiceExtractorModel(named: "") == nil)
        let error = try #require(throws: MasqueError.self) {
            _ = try VoiceExtractor(model: model, session: LiveGolden.session("edtalk_256"))
        }
        #expect(error.code == .damagedModel && error.message.contains("has no input “input”"))
    }
}
