// Several detectors asked together.

package import Pixels

/// Asks several detectors and keeps each face once: slower, and misses fewer (FaceFusion's `many`).
package struct ManyDetectors: FaceDetector {
    private let detectors: [any FaceDetector]
    /// The overlap above which boxes of two detectors are one face.
    private static let overlap: Float = 0.1

    /// Asks these.
    package init(_ detectors: [any FaceDetector]) {
        self.detectors = detectors
    }

    package func detect(in surface: some Surface, options: DetectionOptions) throws -> [Detection] {
        try options.search { turns in
            var each = options
            each.turns = turns
            each.turnsWhenNothingFound = false
            var found: [Detection] = []
            for detector in detectors { found += try detector.detect(in: surface, options: each) }
            return found.suppressed(overlap: Self.overlap)
        }
    }
}
