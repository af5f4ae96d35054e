// The One-Euro filter: still when still, quick when quick.

/// How strongly a value is smoothed in time.
package struct SmoothingParameters: Sendable, Hashable, Codable {
    /// The cut-off at rest in hertz: lower trembles less.
    package var restCutoff: Float
    /// How many hertz the cut-off rises for a speed of one unit a second: higher lags less.
    package var response: Float
    /// The cut-off of the speed's own smoothing in hertz.
    package var speedCutoff: Float
    /// How far, in units, values may lie from the smoothed ones on the average without opening the filter: about the
    /// trembling that a camera's noise makes. It is also about the most that the smoothed values stay behind.
    package var deadZone: Float

    /// Makes parameters.
    package init(restCutoff: Float, response: Float, speedCutoff: Float, deadZone: Float) {
        self.restCutoff = restCutoff
        self.response = response
        self.speedCutoff = speedCutoff
        self.deadZone = deadZone
    }
}

/// Smooths a group of values measured at the same times; each has its own speed and cut-off.
///
/// Source: Casiez, Roussel and Vogel, "1€ filter: a simple speed-based low-pass filter for noisy input in interactive
/// systems", CHI 2012. Here the speed is that of the measured against the smoothed value, so that what stays behind
/// opens the filter, and a dead zone keeps noise from opening it.
package struct OneEuroFilter: Sendable, Codable {
    private let parameters: SmoothingParameters
    private var smoothed: [Float] = []
    private var speeds: [Float] = []

    /// Makes a filter without a past.
    package init(_ parameters: SmoothingParameters) {
        self.parameters = parameters
    }

    /// The smoothed values now; empty before the first.
    package var values: [Float] { smoothed }

    /// Takes the values measured `dt` seconds after the last ones and gives them smoothed.
    ///
    /// The first values, and values after a change of count, come back as they are.
    package mutating func callAsFunction(_ values: [Float], after dt: Float) -> [Float] {
        guard values.count == smoothed.count, dt > 0 else {
            if values.count != smoothed.count || dt < 0 {
                smoothed = values
                speeds = [Float](repeating: 0, count: values.count)
            }
            return smoothed
        }
        let speedWeight = Self.weight(cutoff: parameters.speedCutoff, dt: dt)
        for i in values.indices {
            speeds[i] += speedWeight * ((values[i] - smoothed[i]) / dt - speeds[i])
            let excess = max(abs(speeds[i]) - parameters.deadZone / dt, 0)
            let cutoff = parameters.restCutoff + parameters.response * excess
            smoothed[i] += Self.weight(cutoff: cutoff, dt: dt) * (values[i] - smoothed[i])
        }
        return smoothed
    }

    private static func weight(cutoff: Float, dt: Float) -> Float {
        let r = 2 * Float.pi * cutoff * dt
        return r / (r + 1)
    }
}
