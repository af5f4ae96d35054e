// Exact fractions for time bases and frame rates.

internal import CFFmpeg

/// A fraction: a time base in seconds per tick, or a rate in frames a second.
package struct Rational: Sendable, Hashable, CustomStringConvertible {
    /// The upper number.
    package let numerator: Int32
    /// The lower number; 0 marks an unknown value.
    package let denominator: Int32

    /// Makes a fraction as it is given, without reducing it.
    package init(_ numerator: Int32, _ denominator: Int32) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// The nearest fraction to `value` with parts up to a million; unknown for values that are not finite.
    package init(_ value: Double) {
        self.init(value.isFinite ? av_d2q(value, 1_000_000) : AVRational(num: 0, den: 0))
    }

    init(_ value: AVRational) {
        self.init(value.num, value.den)
    }

    var av: AVRational { AVRational(num: numerator, den: denominator) }

    /// Whether the fraction is a positive number.
    package var isKnown: Bool { numerator > 0 && denominator > 0 }
    /// The value; 0 when it is unknown.
    package var value: Double { denominator == 0 ? 0 : Double(numerator) / Double(denominator) }
    /// One over the fraction.
    package var inverse: Rational { Rational(denominator, numerator) }
    package var description: String { "\(numerator)/\(denominator)" }

    /// Ticks of `self` as ticks of `other`, rounded to the nearest (halves away from zero); saturates on overflow.
    package func rescale(_ ticks: Int64, to other: Rational) -> Int64 {
        guard isKnown, other.isKnown else { return ticks }
        return av_rescale_q(ticks, av, other.av)
    }

    /// Seconds of `ticks`.
    package func seconds(_ ticks: Int64) -> Double { Double(ticks) * value }

    /// Ticks nearest to `seconds`; saturates, so that no value can trap.
    package func ticks(_ seconds: Double) -> Int64 {
        guard isKnown else { return 0 }
        let ticks = (seconds / value).rounded()
        return ticks.isNaN ? 0 : Int64(max(-9e15, min(9e15, ticks)))
    }
}
