// Speech as lip syncers hear it: 80 bands, 80 times a second.

internal import Foundation

/// What a lip syncer is given for one frame: 16 columns of 80 bands (a fifth of a second), band by band, each -4…4.
package struct MelWindow: Sendable, Hashable {
    /// Columns in a window.
    package static let columns = 16
    /// `MelFilterBank.count * columns` values.
    package let values: [Float]

    /// A window in which nothing is heard.
    package static let silence = MelWindow(
        values: [Float](repeating: -4, count: MelFilterBank.count * columns))

    init(values: [Float]) { self.values = values }
}

/// The bands of a whole track.
package struct MelSpectrogram: Sendable {
    /// Columns a second.
    package static let rate = 80.0
    /// Samples a second of the sound that is taken.
    package static let sampleRate = 16000

    /// How many columns there are.
    package var count: Int { bands.count / MelFilterBank.count }
    /// 80 values a column: log10 of the band's magnitude plus 2, in steps of 1 / 4096. 46 MB an hour.
    private let bands: [Int16]
    /// log10 of the loudest sample.
    private let loudest: Float

    fileprivate init(bands: [Int16], peak: Float) {
        self.bands = bands
        loudest = peak > 0 ? log10(peak) : .infinity
    }

    /// log10 · 1.6 + 3.2 of a band's magnitude where the loudest sample counts as 1, held to -4…4.
    private func value(_ place: Int) -> Float {
        min(max((Float(bands[place]) / 4096 - 2 - loudest) * 1.6 + 3.2, -4), 4)
    }

    /// The spectrogram of a whole track at once; see ``MelAnalyser``.
    package init(samples: [Float]) {
        var analyser = MelAnalyser()
        analyser.append(samples)
        self = analyser.finish()
    }

    /// How long the track is, in seconds.
    package var seconds: Double { Double(count) / Self.rate }

    /// What is heard from a moment on for a fifth of a second; silence before the track and after it.
    ///
    /// A frame n of a video of r frames a second lies at n / r, at any r; this is Wav2Lip's own choice of columns.
    package func window(at seconds: Double) -> MelWindow {
        guard seconds.isFinite, abs(seconds) < 1e9 else { return .silence }
        // The hair's breadth keeps n / r · 80 from falling short of a whole number.
        let first = Int((seconds * Self.rate + 1e-6).rounded(.down))
        guard first < count, first > -MelWindow.columns else { return .silence }
        var window = MelWindow.silence.values
        for column in 0..<MelWindow.columns where first + column >= 0 && first + column < count {
            for band in 0..<MelFilterBank.count {
                window[band * MelWindow.columns + column] = value((first + column) * MelFilterBank.count + band)
            }
        }
        return MelWindow(values: window)
    }
}

/// Makes a spectrogram of mono sound at 16 kHz that arrives piece by piece; keeps the bands, not the sound.
///
/// Pre-emphasis of 0.97; windows of 800 samples (Hann, periodic) every 200, the first centred on the first sample;
/// magnitudes over the window's sum; the loudest sample of the track counts as 1. Source: FaceFusion 3.5.2's audio
/// module, whose transform (SciPy's `stft`) sets window, padding and scale.
package struct MelAnalyser {
    private static let size = 800, hop = 200

    private let transform = FourierTransform(count: size)
    private let taper = (0..<size).map { Float(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(size))) }
    /// Samples that no window has left behind, after pre-emphasis.
    private var pending = [Float](repeating: 0, count: size / 2)
    private var last: Float = 0
    private var peak: Float = 0
    private var bands: [Int16] = []

    /// Starts a track.
    package init() {}

    /// Hears on. What is no number counts as silence.
    package mutating func append(_ samples: [Float]) {
        for sample in samples {
            let value = sample.isFinite ? sample : 0
            peak = max(peak, abs(value))
            pending.append(value - 0.97 * last)
            last = value
        }
        analyse()
    }

    /// Ends the track.
    package mutating func finish() -> MelSpectrogram {
        // Half a window of silence, and as much more as fills the last window.
        let total = pending.count + Self.size / 2
        let rest = max(total - Self.size, 0) % Self.hop
        let wanted = max(total, Self.size) + (rest > 0 ? Self.hop - rest : 0)
        pending += [Float](repeating: 0, count: wanted - pending.count)
        analyse()
        defer { self = MelAnalyser() }
        return MelSpectrogram(bands: bands, peak: peak)
    }

    private mutating func keep(_ magnitudes: [Float]) {
        for band in MelFilterBank.bands(of: magnitudes) {
            let level = log10(max(band, 1e-9)) + 2
            bands.append(Int16((min(level, 7) * 4096).rounded()))
        }
    }

    /// Two windows go through one transform, as its real and imaginary parts.
    private mutating func analyse() {
        var start = 0
        while start + Self.size <= pending.count {
            let second = start + Self.hop
            let isPair = second + Self.size <= pending.count
            let a = (0..<Self.size).map { pending[start + $0] * taper[$0] }
            let b = isPair ? (0..<Self.size).map { pending[second + $0] * taper[$0] } : a
            let (re, im) = transform(real: a, imaginary: b)
            let scale = 2 / Float(Self.size)
            var first = [Float](repeating: 0, count: Self.size / 2 + 1), other = first
            for line in first.indices {
                let mirror = (Self.size - line) % Self.size
                let (x, y, u, v) = (re[line], im[line], re[mirror], im[mirror])
                first[line] = (((x + u) * (x + u) + (y - v) * (y - v)).squareRoot() / 2) * scale
                other[line] = (((y + v) * (y + v) + (u - x) * (u - x)).squareRoot() / 2) * scale
            }
            keep(first)
            if isPair { keep(other) }
            start += isPair ? 2 * Self.hop : Self.hop
        }
        pending.removeFirst(start)
    }
}
