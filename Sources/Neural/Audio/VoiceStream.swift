// The voice of a track that arrives piece by piece, as lip syncers' ears take it.

internal import Foundation

/// Turns stereo sound at 48 kHz into the voice in it, mono at 16 kHz, for ``MelAnalyser``. Keeps some seconds of sound.
package struct VoiceStream {
    private let extractor: VoiceExtractor
    /// Sound from the next piece's beginning on.
    private var left: [Float] = []
    private var right: [Float] = []
    /// The last piece's voice beyond its step, both channels averaged, which the next piece shares.
    private var overlap: [Float] = []
    private var third = ThirdOfRate()

    /// Starts a track.
    package init(_ extractor: VoiceExtractor) { self.extractor = extractor }

    /// Hears on: left and right samples by turns, at 48 kHz. What is no number counts as silence.
    ///
    /// - Returns: what of the voice is ready, mono at 16 kHz.
    /// - Throws: ``MasqueError`` when the model fails.
    package mutating func append(_ interleaved: [Float]) throws -> [Float] {
        for place in stride(from: 0, to: interleaved.count - 1, by: 2) {
            left.append(interleaved[place].isFinite ? interleaved[place] : 0)
            right.append(interleaved[place + 1].isFinite ? interleaved[place + 1] : 0)
        }
        var ready: [Float] = []
        while left.count >= VoiceExtractor.pieceSize {
            ready += third.append(try piece(VoiceExtractor.pieceStep))
        }
        return ready
    }

    /// Ends the track and gives the rest of the voice.
    ///
    /// - Throws: ``MasqueError`` when the model fails.
    package mutating func finish() throws -> [Float] {
        var ready: [Float] = []
        while !left.isEmpty { ready += third.append(try piece(min(VoiceExtractor.pieceStep, left.count))) }
        return ready + third.finish()
    }

    /// The voice of the next piece's first `step` samples at 48 kHz.
    private mutating func piece(_ step: Int) throws -> [Float] {
        let (l, r) = try extractor.voice(left: left, right: right)
        var voice = zip(l, r).map { ($0 + $1) / 2 }
        for i in 0..<min(overlap.count, voice.count) { voice[i] = (voice[i] + overlap[i]) / 2 }
        overlap = Array(voice.dropFirst(step))
        left.removeFirst(step)
        right.removeFirst(step)
        return Array(voice.prefix(step))
    }
}

/// Keeps every third sample of what is below 7.6 kHz of sound at 48 kHz: a windowed sinc (Blackman) of 193 taps, without
/// delay.
struct ThirdOfRate {
    private static let radius = 96
    private static let taps: [Float] = {
        let cut = 2 * 7800.0 / 48000
        var taps = (-radius...radius).map { place -> Double in
            let x = Double(place) * cut * .pi
            let turn = Double.pi * Double(place) / Double(radius + 1)
            return (place == 0 ? 1 : sin(x) / x) * (0.42 + 0.5 * cos(turn) + 0.08 * cos(2 * turn))
        }
        let sum = taps.reduce(0, +)
        for i in taps.indices { taps[i] /= sum }
        return taps.map { Float($0) }
    }()

    private var pending = [Float](repeating: 0, count: radius)

    mutating func append(_ samples: [Float]) -> [Float] {
        pending += samples
        var result: [Float] = []
        var start = 0
        while start + Self.taps.count <= pending.count {
            var sum: Float = 0
            for (i, tap) in Self.taps.enumerated() { sum += tap * pending[start + i] }
            result.append(sum)
            start += 3
        }
        pending.removeFirst(start)
        return result
    }

    mutating func finish() -> [Float] { append([Float](repeating: 0, count: Self.radius)) }
}
