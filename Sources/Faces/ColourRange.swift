// Crops' colours in the ranges that generators take and give.

package import Inference
package import Pixels

extension Crop {
    /// R, G, B as [1, 3, height, width], each (v / 255 - mean) / deviation of its channel.
    package func normalised(mean: [Float], deviation: [Float]) -> Tensor {
        let plane = width * height
        var scaled = values
        for channel in 0..<3 {
            let scale = 1 / (255 * deviation[channel]), shift = -mean[channel] / deviation[channel]
            for i in channel * plane..<(channel + 1) * plane { scaled[i] = scaled[i] * scale + shift }
        }
        return .float32(scaled, shape: [1, 3, height, width])
    }

    /// The crop of a generator's output: `scale` · v + `shift` cut to 0…1, times 255. What is no number becomes black.
    package init(output: [Float], side: Int, scale: Float = 1, shift: Float = 0) {
        self.init(
            width: side, height: side,
            values: output.map { value in
                let level = value * scale + shift
                return level > 0 ? min(level, 1) * 255 : 0
            })
    }
}
