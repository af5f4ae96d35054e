// Takes the voice out of a recording: what lips move to, without music and noise.

internal import Errors
internal import Faces
internal import Foundation
package import Inference

/// A published voice extractor, by the name of its file (`--voice-extractor-model`).
package struct VoiceExtractorModel: Sendable, Hashable {
    package let name: String
    /// The files that must be there.
    package var files: [String] { [name] }

    /// All of them.
    package static let all = ["kim_vocal_1", "kim_vocal_2", "uvr_mdxnet"].map { VoiceExtractorModel(name: $0) }

    /// The model of a name, if there is one.
    package init?(named name: String) {
        guard let model = Self.all.first(where: { $0.name == name }) else { return nil }
        self = model
    }

    private init(name: String) { self.name = name }
}

/// A loaded MDX-Net that works on the spectrum of stereo sound at 48 kHz. Safe to share; calls block for as long as the
/// graph takes.
///
/// Source: M. Kim et al., "KUIELab-MDX-Net", 2021; FaceFusion 3.5.2's numbers: windows of 7680 samples (Hann, symmetric)
/// every 1024, the lower 3072 lines, 256 windows; `input` [1, 4, 3072, 256]: real and imaginary parts of the left channel,
/// then of the right.
package struct VoiceExtractor: Sendable {
    /// Samples a second that it works on.
    package static let sampleRate = 48000
    /// The most samples that one run takes; FaceFusion's choice, a little less than the graph's span.
    package static let pieceSize = 240 * 1024
    /// By how much the pieces of a track are apart: they overlap, and the overlaps are averaged.
    package static let pieceStep = 180 * 1024

    private static let size = 7680, hop = 1024, lines = 3072, columns = 256
    private static let span = hop * (columns - 1)

    package let model: VoiceExtractorModel
    private let session: any InferenceSession
    private let transform = FourierTransform(count: size)
    private let taper = (0..<size).map { Float(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(size - 1))) }

    /// Takes a loaded model.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is another model.
    package init(model: VoiceExtractorModel, session: any InferenceSession) throws {
        let shape = [1, 4, Self.lines, Self.columns]
        try session.requireInput(ExpectedTensor(name: "input", shape: shape), of: model.name)
        try session.requireOutput(shape: shape, of: model.name)
        self.model = model
        self.session = session
    }

    /// The voice in a piece of stereo sound at 48 kHz of at most ``pieceSize`` samples; as many come out.
    ///
    /// - Throws: ``MasqueError`` when the model fails.
    package func voice(left: [Float], right: [Float]) throws -> (left: [Float], right: [Float]) {
        let count = min(left.count, right.count, Self.pieceSize)
        guard count > 0 else { return ([], []) }
        // The graph's span with silence before and after the piece, and half a window more at each end.
        let offset = Self.size
        var l = [Float](repeating: 0, count: Self.span + Self.size), r = l
        l.replaceSubrange(offset..<offset + count, with: left.prefix(count))
        r.replaceSubrange(offset..<offset + count, with: right.prefix(count))
        let plane = Self.lines * Self.columns
        guard
            let values = try session.run([
                "input": .float32(spectrum(l, r), shape: [1, 4, Self.lines, Self.columns])
            ]).first?.floats, values.count == 4 * plane
        else { throw unexpectedOutputs(of: model.name) }
        let (a, b) = sound(values)
        return (Array(a[offset..<offset + count]), Array(b[offset..<offset + count]))
    }

    /// Both channels go through one transform, as its real and imaginary parts.
    private func spectrum(_ left: [Float], _ right: [Float]) -> [Float] {
        let plane = Self.lines * Self.columns
        var values = [Float](repeating: 0, count: 4 * plane)
        for column in 0..<Self.columns {
            let start = column * Self.hop
            let (re, im) = transform(
                real: (0..<Self.size).map { left[start + $0] * taper[$0] },
                imaginary: (0..<Self.size).map { right[start + $0] * taper[$0] })
            for line in 0..<Self.lines {
                let mirror = (Self.size - line) % Self.size
                let place = line * Self.columns + column
                values[place] = (re[line] + re[mirror]) / 2
                values[plane + place] = (im[line] - im[mirror]) / 2
                values[2 * plane + place] = (im[line] + im[mirror]) / 2
                values[3 * plane + place] = (re[mirror] - re[line]) / 2
            }
        }
        return values
    }

    /// The sound of a spectrum: windows added up, over the sum of their squared tapers.
    private func sound(_ values: [Float]) -> (left: [Float], right: [Float]) {
        let plane = Self.lines * Self.columns
        var left = [Float](repeating: 0, count: Self.span + Self.size), right = left, weight = left
        for column in 0..<Self.columns {
            // The sum of left + i · right, its parts swapped: a forward transform then is an inverse one.
            var re = [Float](repeating: 0, count: Self.size), im = re
            for line in 0..<Self.lines {
                let place = line * Self.columns + column
                let (lr, li) = (values[place], values[plane + place])
                let (rr, ri) = (values[2 * plane + place], values[3 * plane + place])
                let mirror = (Self.size - line) % Self.size
                if line == 0 {
                    re[0] = rr
                    im[0] = lr
                } else {
                    (re[line], im[line]) = (li + rr, lr - ri)
                    (re[mirror], im[mirror]) = (rr - li, lr + ri)
                }
            }
            let (r, l) = transform(real: re, imaginary: im)
            let start = column * Self.hop
            for i in 0..<Self.size {
                let share = taper[i] / Float(Self.size)
                left[start + i] += l[i] * share
                right[start + i] += r[i] * share
                weight[start + i] += taper[i] * taper[i]
            }
        }
        for i in weight.indices where weight[i] > 1e-10 {
            left[i] /= weight[i]
            right[i] /= weight[i]
        }
        return (left, right)
    }
}

extension NeuralModels {
    /// A voice extractor over its published file.
    ///
    /// - Throws: ``MasqueError`` when the file is missing, damaged or another model.
    package func voiceExtractor(_ model: VoiceExtractorModel) throws -> VoiceExtractor {
        try VoiceExtractor(model: model, session: session(model.name))
    }
}
