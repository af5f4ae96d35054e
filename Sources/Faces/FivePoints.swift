// The five points that crops are aligned by.

internal import Foundation
package import Pixels

/// Eyes, nose and mouth corners of one face in pixels; "left" is the left of the picture when the face is upright.
package struct FivePoints: Sendable, Hashable, Codable {
    package var leftEye: Point
    package var rightEye: Point
    package var nose: Point
    package var leftMouth: Point
    package var rightMouth: Point

    /// Makes five points.
    package init(leftEye: Point, rightEye: Point, nose: Point, leftMouth: Point, rightMouth: Point) {
        self.leftEye = leftEye
        self.rightEye = rightEye
        self.nose = nose
        self.leftMouth = leftMouth
        self.rightMouth = rightMouth
    }

    /// The points in FaceFusion's order: left eye, right eye, nose, left mouth corner, right mouth corner.
    package var all: [Point] { [leftEye, rightEye, nose, leftMouth, rightMouth] }

    /// How far the face is turned in the picture plane, in radians; positive is clockwise as seen.
    ///
    /// Eye line and mouth line count together, so that one bad point turns the face less.
    package var roll: Float {
        let line = (rightEye - leftEye) * 2 + (rightMouth - leftMouth)
        return line.length > 0 ? atan2(line.y, line.x) : 0
    }

    /// A length that follows the size of the face and hardly its turn to the side: the larger of the distance between
    /// the eyes and the distance from the eyes' middle to the mouth's middle, in pixels.
    package var size: Float {
        let eyes = (leftEye + rightEye) * 0.5
        let mouth = (leftMouth + rightMouth) * 0.5
        return max((rightEye - leftEye).length, (mouth - eyes).length)
    }

    /// The points as `transform` moves them.
    package func moved(by transform: Affine) -> FivePoints {
        FivePoints(
            leftEye: transform(leftEye), rightEye: transform(rightEye), nose: transform(nose),
            leftMouth: transform(leftMouth), rightMouth: transform(rightMouth))
    }

    /// The mean distance to `other`'s points, in pixels.
    package func distance(to other: FivePoints) -> Float {
        zip(all, other.all).reduce(0) { $0 + ($1.0 - $1.1).length } / 5
    }
}
