// Speech and lips: the bands against NumPy and by a pure tone, the networks through graphs shaped as published ones.

import Errors
import Faces
import Foundation
import Inference
import Neural
import Pixels
import Testing

struct MelTests {
    private func tone(_ hertz: Double, seconds: Double = 1, height: Float = 0.5) -> [Float] {
        (0..<Int(seconds * 16000)).map { height * Float(sin(2 * Double.pi * hertz * Double($0) / 16000)) }
    }

    /// The bands of one column, by its place.
    private func column(_ place: Int, of spectrogram: MelSpectrogram) -> [Float] {
        let window = spectrogram.window(at: Double(place) / MelSpectrogram.rate).values
        return (0..<MelFilterBank.count).map { window[$0 * MelWindow.columns] }
    }

    @Test
    func `the bands of a track are NumPy's, whole or in pieces`() throws {
        let golden = try #require(LiveGolden.load().spectrogram)
        let samples = try LiveGolden.track()
        let whole = MelSpectrogram(samples: samples)
        #expect(whole.count == golden.columns)
        for (i, wanted) in golden.values.enumerated() {
            #expect(Difference(column(i * golden.step, of: whole), wanted).largest < 0.02)
        }
        var analyser = MelAnalyser()
        var start = 0
        for size in [1, 399, 800, 7, 12345, 4000, 100_000] {
            analyser.append(Array(samples[start..<min(start + size, samples.count)]))
            start = min(start + size, samples.count)
        }
        let pieces = analyser.finish()
        #expect(pieces.count == whole.count)
        for place in stride(from: 0, to: whole.count, by: 5) {
            #expect(Difference(column(place, of: pieces), column(place, of: whole)).largest < 1e-3)
        }
    }

    @Test(arguments: [200.0, 440, 1000, 2500, 6000])
    func `a pure tone is loudest in the band that holds it`(hertz: Double) throws {
        let bands = column(40, of: MelSpectrogram(samples: tone(hertz)))
        let loudest = try #require(bands.indices.max { bands[$0] < bands[$1] })
        let line = Int((hertz / 20).rounded())
        #expect(MelFilterBank.edges[loudest] <= line && line < MelFilterBank.edges[loudest + 1])
    }

    @Test
    func `loudness does not matter, silence and what is no number are the floor`() {
        let loud = column(40, of: MelSpectrogram(samples: tone(700, height: 0.9)))
        let faint = column(40, of: MelSpectrogram(samples: tone(700, height: 0.01)))
        #expect(Difference(loud, faint).largest < 1e-3)
        #expect(MelSpectrogram(samples: [Float](repeating: 0, count: 9000)).window(at: 0) == .silence)
        #expect(MelSpectrogram(samples: [Float](repeating: .nan, count: 9000)).window(at: 0) == .silence)
        let spectrogram = MelSpectrogram(samples: tone(700))
        for moment in [-5.0, 1.5, .infinity, .nan] { #expect(spectrogram.window(at: moment) == .silence) }
        #expect(MelSpectrogram(samples: []).window(at: 0) == .silence)
    }

    @Test
    func `a window begins at its frame's moment at any rate of frames`() {
        // Silence, then a tone from 0.5 s on.
        let samples = [Float](repeating: 0, count: 8000) + tone(1000, seconds: 1)
        let spectrogram = MelSpectrogram(samples: samples)
        #expect(abs(spectrogram.seconds - 1.5) < 0.05)
        for rate in [24.0, 25, 30000.0 / 1001, 50, 60] {
            // The first window that hears the tone is the one whose last column reaches it.
            let frame = Int((0.28 * rate).rounded(.down))
            #expect(spectrogram.window(at: Double(frame) / rate) == .silence)
            let later = spectrogram.window(at: Double(Int((0.5 * rate).rounded(.up)) + 1) / rate)
            #expect((later.values.max() ?? 0) > 0)
        }
        // Frame 30 at 25 a second begins at column 96, not 95, although 30 / 25 · 80 is not exact.
        #expect(spectrogram.window(at: 30.0 / 25) == spectrogram.window(at: 1.2005))
    }
}

struct LipSyncerTests {
    private func syncer(_ name: String, weight: Float = 0.5, occlude: Bool = false) throws -> LipSyncer {
        try LipSyncer(
            model: #require(LipSyncModel(named: name)), session: LiveGolden.session(name), weight: weight,
            occluders: occlude ? [OcclusionModel(session: StandIn.session("xseg_1"), name: "xseg_1")] : [])
    }

    @Test(arguments: [
        ("lips", "wav2lip_96"), ("lips_gan", "wav2lip_gan_96"), ("lips_edtalk", "edtalk_256"),
        ("lips_occluded", "edtalk_256"),
    ])
    func `moved lips come out as OpenCV and NumPy have them`(name: String, model: String) throws {
        let sound = MelSpectrogram(samples: try LiveGolden.track())
        // Wav2Lip moves no more than the lower part of the crop.
        try LiveGolden.load().check(name, least: model == "edtalk_256" ? 3 : 1.5) { picture, face, how in
            let moment = how.rate == "25" ? 20 / 25.0 : 33 * 1001 / 30000.0
            try syncer(model, weight: how.weight ?? 0.5, occlude: how.occlude == true)
                .apply(on: &picture, face: face, window: sound.window(at: moment))
        }
    }

    @Test
    func `without strength nothing is changed`() throws {
        let before = try Golden.astronaut()
        for name in LipSyncModel.all.map(\.name) {
            var picture = before
            try syncer(name).apply(
                on: &picture, face: LiveGolden.load().face(at: "face"), window: .silence, strength: 0)
            #expect(picture.bytes == before.bytes)
        }
    }

    @Test
    func `a file that is another model is refused by the tensor's name`() throws {
        let model = try #require(LipSyncModel(named: "wav2lip_96"))
        #expect(model.files == ["wav2lip_96"] && LipSyncModel(named: "wav2lip") == nil)
        let error = try #require(throws: MasqueError.self) {
            _ = try LipSyncer(model: model, session: LiveGolden.session("edtalk_256"))
        }
        #expect(error.code == .damagedModel)
        #expect(error.message.contains("takes [1, 3, 256, 256] for “target” where [1, 6, 96, 96] is due"))
    }
}
