// Keeping one of several detections of the same face.

internal import Pixels

extension [Detection] {
    /// The detections, best score first, without those that a better one covers.
    ///
    /// Covered means an intersection over union above `overlap`, or most of the smaller box lying inside a box of
    /// similar size (a nose-to-chin box inside the whole face's).
    package func suppressed(overlap: Float) -> [Detection] {
        var kept: [Detection] = []
        for candidate in sorted(by: { $0.score > $1.score }) {
            let covered = kept.contains { better in
                let iou = better.box.overlap(candidate.box)
                if iou > overlap { return true }
                let smaller = Swift.min(better.box.area, candidate.box.area)
                let union = better.box.area + candidate.box.area
                let shared = iou * union / (1 + iou)
                return shared > 0.75 * smaller && smaller > 0.1 * Swift.max(better.box.area, candidate.box.area)
            }
            if !covered { kept.append(candidate) }
        }
        return kept
    }
}
