// What all detectors share: margins around the picture, and the other turns when nothing is found.

internal import Pixels

/// Black around a picture, which helps detectors with faces that fill it or touch its border. In percent, 0…100, as
/// FaceFusion's `--face-detector-margin` takes it: 100 adds half of the picture's side.
package struct DetectionMargin: Sendable, Hashable {
    package var top = 0
    package var right = 0
    package var bottom = 0
    package var left = 0

    /// No margin.
    package init() {}

    /// A margin of each side, cut to 0…100.
    package init(top: Int, right: Int, bottom: Int, left: Int) {
        func cut(_ value: Int) -> Int { min(max(value, 0), 100) }
        (self.top, self.right, self.bottom, self.left) = (cut(top), cut(right), cut(bottom), cut(left))
    }

    /// The views that `make` gives for a frame with this margin around it, as views of the frame itself.
    func passes(
        width: Int, height: Int, _ make: (_ width: Int, _ height: Int) -> [DetectionPass]
    ) -> [DetectionPass] {
        let (above, below) = (height * top / 200, height * bottom / 200)
        let (before, behind) = (width * left / 200, width * right / 200)
        let offset = Point(-Float(before), -Float(above))
        return make(before + width + behind, above + height + below).map { $0.shifted(by: offset) }
    }
}

extension DetectionOptions {
    /// What `look` finds at the turns asked for, or at the others when that is nothing and may be tried.
    func search(_ look: ([QuarterTurn]) throws -> [Detection]) rethrows -> [Detection] {
        let first = turns.isEmpty ? [.upright] : turns
        let found = try look(first)
        guard found.isEmpty, turnsWhenNothingFound else { return found }
        let others = QuarterTurn.allCases.filter { !first.contains($0) }
        return others.isEmpty ? [] : try look(others)
    }

    /// The overlap above which two boxes are one face, as FaceFusion has it: 0.4 for one turn, 0.3 for two, 0.2 for
    /// three, 0.1 for four.
    static func overlap(turns: Int) -> Float { 0.5 - 0.1 * Float(min(max(turns, 1), 4)) }
}
