// Random numbers that are the same in every run.

/// Reproducible random numbers (Knuth's linear congruential generator).
struct SeededNumbers {
    var state: UInt64

    /// The next number in 0..<1.
    mutating func uniform() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(state >> 40) / Float(1 << 24)
    }
}
