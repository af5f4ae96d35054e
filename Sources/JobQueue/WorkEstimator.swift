// How long a job will take, learned from the jobs before it.

/// Learns seconds of work from finished jobs, for each kind of work apart (lane, processors, swapper, enhancer).
///
/// The work grows with the pixels: megapixels of a picture; of a video, megapixels times frames, as many as the output has.
/// Slope and offset are medians (Theil 1950, Sen 1968), so that a few strange jobs change little. What was never done is
/// not estimated.
package struct WorkEstimator: Sendable {
    private struct Kind: Hashable {
        let lane: Lane
        let processors: [String]
        let swapper: String
        let enhancer: String?

        init(_ description: JobDescription) {
            lane = description.lane
            processors = description.processors
            swapper = description.swapper
            enhancer = description.enhancer
        }
    }

    /// Seconds = offset + slope · amount.
    fileprivate struct Line {
        var offset: Double
        var slope: Double
    }

    /// What is known of a job's target; nil: not known.
    package struct Target: Sendable, Hashable {
        package var width: Int?
        package var height: Int?
        /// Seconds; nil for a picture.
        package var duration: Double?
        /// Of a video.
        package var framesPerSecond: Double?
        package var byteCount: Int64
        package init(
            width: Int?, height: Int?, duration: Double?, framesPerSecond: Double? = nil, byteCount: Int64
        ) {
            self.width = width
            self.height = height
            self.duration = duration
            self.framesPerSecond = framesPerSecond
            self.byteCount = byteCount
        }
    }

    private static let sampleLimit = 60

    private var byPixels: [Kind: Line] = [:]
    private var byBytes: [Kind: Line] = [:]
    private var typical: [Lane: Double] = [:]

    /// - Parameter past: newest first; of a kind the newest 60 count.
    package init(_ past: [PastWork]) {
        let sound = past.filter { $0.seconds.isFinite && $0.seconds > 0 }
        for (kind, works) in Dictionary(grouping: sound, by: { Kind($0.description) }) {
            let newest = works.prefix(Self.sampleLimit)
            byPixels[kind] = fitted(
                newest.compactMap { work in
                    amount(
                        kind.lane, width: work.width, height: work.height, duration: work.duration,
                        rate: work.description.options.outputFPS ?? work.framesPerSecond
                    ).map { ($0, work.seconds) }
                })
            byBytes[kind] = fitted(
                newest.filter { $0.targetByteCount > 0 }.map { (Double($0.targetByteCount), $0.seconds) })
        }
        for (lane, works) in Dictionary(grouping: sound, by: \.description.lane) {
            typical[lane] = median(works.prefix(Self.sampleLimit).map(\.seconds))
        }
    }

    /// Seconds of work; trimming, scaling and frame rate of the job's options are taken into account. nil: nothing like it
    /// was done.
    package func seconds(_ description: JobDescription, of target: Target) -> Double? {
        let kind = Kind(description)
        let options = description.options
        let scale = Double(options.outputScale ?? 100) / 100
        if let width = target.width, let height = target.height, let line = byPixels[kind] {
            var duration = target.duration
            if let whole = target.duration {
                let end = min(whole, options.trimEnd ?? whole)
                duration = max(0, end - max(0, options.trimStart ?? 0))
            }
            let rate = options.outputFPS ?? target.framesPerSecond
            if let amount = amount(kind.lane, width: width, height: height, duration: duration, rate: rate) {
                return line.offset + line.slope * amount * scale * scale
            }
        }
        guard target.byteCount > 0, let line = byBytes[kind] else { return nil }
        return line.offset + line.slope * Double(target.byteCount)
    }

    /// The median of a lane's work in seconds; nil when nothing was done in it.
    package func typicalSeconds(_ lane: Lane) -> Double? { typical[lane] }
}

/// What the work grows with; nil when it makes no sense.
/// - Parameter rate: frames a second of the output; nil: not known, the most usual one is taken.
private func amount(_ lane: Lane, width: Int, height: Int, duration: Double?, rate: Double?) -> Double? {
    let megapixels = Double(width) * Double(height) / 1e6
    let amount: Double? =
        switch lane {
        case .image: megapixels
        case .video: duration.map { megapixels * $0 * (rate.flatMap { $0 > 0 ? $0 : nil } ?? 30) }
        }
    guard let amount, amount.isFinite, amount > 0 else { return nil }
    return amount
}

private func fitted(_ samples: [(amount: Double, seconds: Double)]) -> WorkEstimator.Line? {
    guard let ratio = median(samples.map { $0.seconds / $0.amount }) else { return nil }
    var slopes: [Double] = []
    for (index, first) in samples.enumerated() {
        for second in samples[(index + 1)...] where abs(second.amount - first.amount) > 0.1 * first.amount {
            slopes.append((second.seconds - first.seconds) / (second.amount - first.amount))
        }
    }
    // Sizes that hardly differ say nothing of the offset.
    guard slopes.count >= 3, let slope = median(slopes) else { return .init(offset: 0, slope: ratio) }
    let rising = max(0, slope)
    guard let offset = median(samples.map { $0.seconds - rising * $0.amount }), offset >= 0 else {
        return .init(offset: 0, slope: ratio)
    }
    return .init(offset: offset, slope: rising)
}

private func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}
