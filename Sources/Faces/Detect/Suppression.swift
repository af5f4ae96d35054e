// Keeping one of several detections of the same face.

internal import Pixels

extension [Detection] {
    /// Detections that are compared with one another.
    package static var mostCandidates: Int { 20_000 }
    /// Faces of one picture.
    package static var mostFaces: Int { 500 }

    /// The detections, best score first, without those that a better one covers.
    ///
    /// Covered means an intersection over union above `overlap`, or most of the smaller box lying inside a box of
    /// similar size (a nose-to-chin box inside the whole face's).
    /// Of more than ``mostCandidates`` the surest are looked at, and at most ``mostFaces`` are kept: a low threshold
    /// on a large picture would else give a million boxes, and comparing them takes the square of that.
    package func suppressed(overlap: Float) -> [Detection] {
        var kept: [Detection] = []
        for candidate in sorted(by: { $0.score > $1.score }).prefix(Self.mostCandidates) {
            if kept.count == Self.mostFaces { break }
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
