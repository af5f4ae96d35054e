// Compares pictures.

import ImageIO
import MediaSamples
import Pixels

extension Lab {
    func target() async throws -> Picture { try decodePicture(at: Samples.path("astronaut.png")).0 }

    /// The mean difference per channel within a part of two pictures.
    func difference(_ a: Picture, _ b: Picture, x: Range<Int>, y: Range<Int>) -> Double {
        var sum = 0, count = 0
        for row in y {
            for column in x {
                for channel in 0..<3 {
                    let i = (row * a.width + column) * a.channels + channel
                    let j = (row * b.width + column) * b.channels + channel
                    sum += abs(Int(a.bytes[i]) - Int(b.bytes[j]))
                    count += 1
                }
            }
        }
        return Double(sum) / Double(max(count, 1))
    }
}
