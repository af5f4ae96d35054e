// What every face detector does.

package import Pixels

/// One face as a detector sees it, in frame pixels.
package struct Detection: Sendable, Hashable, Codable {
    /// An upright box about the face, from the forehead to the chin.
    package var box: Box
    /// How sure the detector is, 0…1.
    package var score: Float
    /// Eyes, nose and mouth corners.
    package var points: FivePoints

    /// Makes a detection.
    package init(box: Box, score: Float, points: FivePoints) {
        self.box = box
        self.score = score
        self.points = points
    }

    /// The detection as `transform` moves it; the box is the upright box around the moved corners.
    package func moved(by transform: Affine) -> Detection {
        let corners = [
            Point(box.x, box.y), Point(box.x + box.width, box.y), Point(box.x, box.y + box.height),
            Point(box.x + box.width, box.y + box.height),
        ]
        return Detection(
            box: Box(around: corners.map { transform($0) }), score: score, points: points.moved(by: transform))
    }
}

/// How hard a detector looks.
package enum DetectionEffort: String, Sendable, CaseIterable {
    /// One small pass, for video: near and middle-sized faces.
    case fast
    /// One pass at 640 pixels along the longest side; the quarter turns follow when it finds nothing.
    case balanced
    /// For pictures: also the finer scales that a large picture offers, for small faces.
    case thorough
}

/// A quarter turn by which the picture is turned before faces are looked for, in degrees clockwise.
package enum QuarterTurn: Int, Sendable, CaseIterable {
    case upright = 0
    case right = 90
    case down = 180
    case left = 270
}

/// What to look for and how hard.
package struct DetectionOptions: Sendable {
    /// Faces with a lower score are left out, 0…1 (FaceFusion's `--face-detector-score`, 0.5).
    package var threshold: Float
    /// How hard to look.
    package var effort: DetectionEffort
    /// The turns to look at (FaceFusion's `--face-detector-angles`).
    package var turns: [QuarterTurn]
    /// Whether the other quarter turns are tried when nothing was found at `turns`.
    package var turnsWhenNothingFound: Bool
    /// Black that is laid around the picture before faces are looked for.
    package var margin: DetectionMargin

    /// Makes options; the default suits a picture of ordinary size.
    package init(
        threshold: Float = 0.5, effort: DetectionEffort = .balanced, turns: [QuarterTurn] = [.upright],
        turnsWhenNothingFound: Bool = true, margin: DetectionMargin = DetectionMargin()
    ) {
        self.threshold = threshold
        self.effort = effort
        self.turns = turns
        self.turnsWhenNothingFound = turnsWhenNothingFound
        self.margin = margin
    }

    /// For video frames: one small upright pass.
    package static let video = DetectionOptions(effort: .fast, turnsWhenNothingFound: false)
    /// For single pictures: all scales.
    package static let picture = DetectionOptions(effort: .thorough)
}

/// Finds faces. Life cycle: made once over a loaded model, then asked from any engine thread as often as wanted;
/// it keeps nothing from one call to the next. Calls block for tens of milliseconds, so never from the cooperative pool.
package protocol FaceDetector: Sendable {
    /// Finds the faces in a surface, best score first, each once.
    ///
    /// - Throws: ``MasqueError`` when the model fails; finding nothing is an empty list.
    func detect(in surface: some Surface, options: DetectionOptions) throws -> [Detection]
}
