// A face's pose and expression as LivePortrait describes them, and the points that follow from them.

internal import Foundation

/// What the motion extractor says of a face. Arrays of 63 hold x, y, z of 21 points.
package struct LivePortraitMotion: Sendable {
    /// How many points there are.
    package static let pointCount = 21
    /// How many coordinates.
    package static let count = 3 * pointCount

    /// The head's turn in degrees.
    package var turn: LivePortraitTurn
    /// The head's size.
    package var scale: Float
    /// The head's place, three values.
    package var translation: [Float]
    /// How far the expression moves each point, 63 values.
    package var expression: [Float]
    /// The points of this face without turn and expression, 63 values.
    package var points: [Float]

    /// The points where this pose and expression put them: scale · (R · point + expression) + translation.
    package var placedPoints: [Float] {
        let r = turn.matrix
        var placed = [Float](repeating: 0, count: Self.count)
        for point in 0..<Self.pointCount {
            for axis in 0..<3 {
                var sum: Float = 0
                for k in 0..<3 { sum += r[3 * axis + k] * points[3 * point + k] }
                placed[3 * point + axis] = scale * (sum + expression[3 * point + axis]) + translation[axis]
            }
        }
        return placed
    }
}

/// A head's turn in degrees.
package struct LivePortraitTurn: Sendable, Hashable {
    package var pitch: Float
    package var yaw: Float
    package var roll: Float

    /// Makes a turn from degrees.
    package init(pitch: Float, yaw: Float, roll: Float) {
        self.pitch = pitch
        self.yaw = yaw
        self.roll = roll
    }

    /// The rotation matrix row by row: about x by the pitch, then about the fixed y by the yaw, then about the fixed z by
    /// the roll (R = Rz · Ry · Rx).
    package var matrix: [Float] {
        let (a, b, c) = (Double(pitch) * .pi / 180, Double(yaw) * .pi / 180, Double(roll) * .pi / 180)
        let (sa, ca, sb, cb, sc, cc) = (sin(a), cos(a), sin(b), cos(b), sin(c), cos(c))
        return [
            cc * cb, cc * sb * sa - sc * ca, cc * sb * ca + sc * sa,
            sc * cb, sc * sb * sa + cc * ca, sc * sb * ca - cc * sa,
            -sb, cb * sa, cb * ca,
        ].map { Float($0) }
    }

    /// The turn held to what the generator can draw, ±30° of pitch, ±60° of yaw and ±20° of roll, or to as far as the
    /// face itself was turned in that direction.
    package func limited(from own: LivePortraitTurn) -> LivePortraitTurn {
        func held(_ value: Float, _ own: Float, _ limit: Float) -> Float {
            min(max(value, min(own, -limit)), max(own, limit))
        }
        return LivePortraitTurn(
            pitch: held(pitch, own.pitch, 30), yaw: held(yaw, own.yaw, 60), roll: held(roll, own.roll, 20))
    }
}
