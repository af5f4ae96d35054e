// Masks combined and weakened before a crop is pasted.

internal import Faces
internal import Pixels

extension Plane {
    /// The element-wise minimum of masks of `side`×`side` pixels (ones where there is none), times a strength of 0…1.
    static func minimum(of masks: [Plane], strength: Float, side: Int) -> Plane {
        var mask = minimum(of: masks) ?? Plane(width: side, height: side, fill: 1)
        let share = min(max(strength, 0), 1)
        if share < 1 { for i in mask.values.indices { mask.values[i] *= share } }
        return mask
    }
}
