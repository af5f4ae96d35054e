// What can be told to be wrong with a request before any file is read, and its shorthands written out.

internal import Errors
internal import Faces
internal import ImageIO
internal import Pixels
internal import VideoIO

extension MediaRequest {
    /// The request with what is derived from other fields put in their places.
    struct Resolved {
        var request: MediaRequest
        /// Which face of each source counts.
        var positions: [Int]
        /// The target faces that must be there, by number.
        var needed: [Int] = []
    }

    /// Checks the values and writes ``pairs`` out as a map and one source for each face that is taken.
    ///
    /// - Throws: `.badInput` with a sentence on the first thing that is wrong.
    func resolved() throws -> Resolved {
        if let outputScale, !(outputScale >= 10 && outputScale <= 400) {
            throw MasqueError(.badInput, "The output scale \(outputScale.short) % is outside 10 to 400 %.")
        }
        if let outputRate, !(outputRate >= 1 && outputRate <= 120) {
            throw MasqueError(.badInput, "The output rate \(outputRate.short) is outside 1 to 120 frames a second.")
        }
        if let referenceTime, !(referenceTime >= 0 && referenceTime <= 1e7) {
            throw MasqueError(.badInput, "The reference time \(referenceTime.short) s is not a moment of a video.")
        }
        guard checkpointFrames >= 1 else {
            throw MasqueError(.badInput, "A part of \(checkpointFrames) frames is no part of a video.")
        }
        let same = [Int](repeating: sourcePosition, count: sources.count)
        guard let pairs else { return Resolved(request: self, positions: same) }
        guard map == nil else {
            throw MasqueError(
                .badInput, "Who becomes whom is given twice, as a map and as pairs.", advice: "Give one of them.")
        }
        guard sources.count == 1, let source = sources.first else {
            throw MasqueError(
                .badInput, "Pairs of faces need exactly one source picture, and there are \(sources.count).",
                advice: "Use a map for several source pictures.")
        }
        guard !pairs.isEmpty else {
            throw MasqueError(.badInput, "The pairs name no face.", advice: "Name at least one, such as 0 to 0.")
        }
        for (target, source) in pairs where !(0..<10_000).contains(target) || !(0..<10_000).contains(source) {
            throw MasqueError(
                .badInput, "The pair \(target) to \(source) does not name two faces.", advice: "Faces count from 0.")
        }
        let taken = Set(pairs.values).sorted()
        var request = self
        request.sources = taken.map { _ in source }
        request.map = pairs.sorted { $0.key < $1.key }.map { target, source in
            "source\((taken.firstIndex(of: source) ?? 0) + 1)=\(target)"
        }.joined(separator: ",")
        return Resolved(request: request, positions: taken, needed: pairs.keys.sorted())
    }

    /// A choice as whoever made the request names it.
    func label(_ name: String) -> String { ProcessorChoices.label(name, isOption: hasOptions) }

    /// Whether a processor puts somebody's face in.
    var needsSources: Bool { processors.contains { $0.name == .faceSwapper } }
    /// Whether a processor moves mouths to a voice.
    var needsVoice: Bool { processors.contains { $0.name == .lipSyncer } }

    /// The request with a source that is no picture as its voice, when a processor listens to one.
    ///
    /// - Throws: `.badInput` when a source cannot be read.
    func withVoice() throws -> MediaRequest {
        guard needsVoice, voice == nil else { return self }
        var request = self
        request.sources = []
        for source in sources {
            if request.voice == nil, try PictureFormat(sniffing: fileHead(source)) == nil {
                request.voice = source
            } else {
                request.sources.append(source)
            }
        }
        return request
    }

    /// How the video is written, for an output of `container`.
    func videoOptions(_ container: VideoContainer) throws -> VideoIO.EncodeOptions {
        var options = try video ?? VideoIO.EncodeOptions(container: container)
        if let outputRate { options.frameRate = outputRate }
        if let outputScale { options.scale = outputScale == 100 ? nil : .factor(outputScale / 100) }
        return options
    }
}

extension Double {
    /// The number as people write it, without a needless fraction.
    var short: String { self == rounded() && abs(self) < 1e15 ? String(Int(self)) : String(self) }
}
