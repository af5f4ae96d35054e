// What a cut-out remembers of a video from frame to frame, so that its edge does not tremble.

internal import Foundation
internal import Pixels

/// The coarse mask of the frames before, in steps of 1 / 255. Empty at the beginning.
package struct MaskMemory: Sendable, Codable {
    private var mask = Data()

    /// No frames before.
    package init() {}

    /// The mask of the next frame: the memory follows it slowly where they differ little, which is the segmenter's noise,
    /// and at once where they differ by half, which is movement. Where a tenth of the picture differs there was a cut, and
    /// nothing is remembered.
    mutating func follow(_ next: Plane) -> Plane {
        var result = next
        let difference = zip(mask, next.values).reduce(Float(0)) { $0 + abs(Float($1.0) / 255 - $1.1) }
        if mask.count == next.values.count, difference < Float(mask.count) / 10 {
            for (i, byte) in mask.enumerated() {
                let before = Float(byte) / 255, change = next.values[i] - before
                result.values[i] = before + change * min(max(2 * abs(change), 0.25), 1)
            }
        }
        mask = Data(result.values.map { UInt8(min(max($0, 0), 1) * 255 + 0.5) })
        return result
    }
}
