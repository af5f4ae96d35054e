// The orders in which faces are counted.

internal import Pixels

/// An order of faces; names are FaceFusion's (`--face-selector-order`).
package enum FaceOrder: String, Sendable, CaseIterable {
    case leftRight = "left-right"
    case rightLeft = "right-left"
    case topBottom = "top-bottom"
    case bottomTop = "bottom-top"
    case smallLarge = "small-large"
    case largeSmall = "large-small"
    case bestWorst = "best-worst"
    case worstBest = "worst-best"

    /// The faces in this order; equal faces keep their places.
    ///
    /// Sides are compared by the box's left or top edge, sizes by its area, quality by the detector's score.
    package func sorted(_ faces: [Face]) -> [Face] {
        let key: (Face) -> Float
        switch self {
        case .leftRight: key = { $0.box.x }
        case .rightLeft: key = { -$0.box.x }
        case .topBottom: key = { $0.box.y }
        case .bottomTop: key = { -$0.box.y }
        case .smallLarge: key = { $0.box.area }
        case .largeSmall: key = { -$0.box.area }
        case .bestWorst: key = { -$0.score }
        case .worstBest: key = { $0.score }
        }
        return faces.enumerated()
            .sorted { (key($0.element), $0.offset) < (key($1.element), $1.offset) }
            .map(\.element)
    }
}
