// A recording as lip syncers hear it: the voice in it, where an extractor is installed.

internal import Errors
internal import Inference
internal import Neural
internal import VideoIO

/// The bands of a recording, and what a person should know about how it was heard.
struct HeardVoice: Sendable {
    let bands: MelSpectrogram
    /// A sentence, or nil when there is nothing to say.
    let note: String?

    /// Hears the recording of a request piece by piece; blocks for as long as that takes. Sound is not kept, only its
    /// bands.
    ///
    /// - Throws: ``MasqueError``: `.badInput`, `.missingModel` for an extractor that was named and is not installed,
    ///   `.damagedModel`, `.unsupportedMedia`, `.tooLarge`.
    init(_ path: String, extractor choice: LipSyncerSettings.Extractor, models: NeuralModels, work: MediaWork) throws {
        let (extractor, note) = try Self.extractor(choice, models: models)
        self.note = note
        let channels = extractor == nil ? 1 : 2
        let rate = extractor == nil ? MelSpectrogram.sampleRate : VoiceExtractor.sampleRate
        let reader = try AudioReader(
            path: path, rate: rate, channels: channels, limit: work.request.videoLimits.duration)
        // Extractors are slow: what lies beyond the video's end is not heard by them.
        let length = extractor == nil ? nil : try Self.length(work)
        var stream = extractor.map { VoiceStream($0) }
        var analyser = MelAnalyser()
        var count = 0
        while length.map({ Double(count) < $0 * Double(rate * channels) }) ?? true, let samples = try reader.next() {
            try work.stop.check()
            count += samples.count
            analyser.append(try stream?.append(samples) ?? samples)
            if let length { work.report(.loading, Double(count) / (length * Double(rate * channels))) }
        }
        try work.stop.check()
        if let rest = try stream?.finish() { analyser.append(rest) }
        bands = analyser.finish()
    }

    /// The extractor that was chosen, loaded; none, with a note, when FaceFusion's default is not installed.
    private static func extractor(
        _ choice: LipSyncerSettings.Extractor, models: NeuralModels
    ) throws -> (VoiceExtractor?, String?) {
        let name: String
        switch choice {
        case .off: return (nil, nil)
        case .standard: name = LipSyncerSettings.standardExtractor
        case .named(let wanted): name = wanted
        }
        guard let model = VoiceExtractorModel(named: name) else {
            throw unknown("voice extractor", name, VoiceExtractorModel.all.map(\.name))
        }
        do {
            return (try models.voiceExtractor(model), nil)
        } catch let error as MasqueError where error.code == .missingModel && choice == .standard {
            return (
                nil,
                "The mouth moves to the whole recording, music and noise included: the voice extractor “\(name)” is not installed; “masque models pull \(name)” fetches it."
            )
        }
    }

    /// How many seconds of sound the output can show, and some more; nil when nothing is known.
    private static func length(_ work: MediaWork) throws -> Double? {
        guard try !work.isPicture(work.request.target) else { return 1 }
        let info = try VideoReader(path: work.request.target, limits: work.request.videoLimits).info
        let rate = info.frameRate.isKnown ? info.frameRate.value : nil
        func seconds(_ mark: VideoTrim.Mark?) -> Double? {
            switch mark {
            case .seconds(let seconds): seconds
            case .frame(let number): rate.map { Double(number) / $0 }
            case nil: nil
            }
        }
        let trim = work.request.trim
        guard let end = seconds(trim.end) ?? (info.duration > 0 ? info.duration : nil) else { return nil }
        return max(end - (seconds(trim.start) ?? 0), 0) + 2
    }
}
