// Pictures with transparency as they look on a ground.

extension Picture {
    /// Whether any pixel lets the ground through.
    package var isTransparent: Bool {
        channels == 4 && stride(from: 3, to: bytes.count, by: 4).contains { bytes[$0] < 255 }
    }

    /// The picture laid on a grey ground, without transparency.
    package func laid(on grey: UInt8) -> Picture {
        guard channels == 4 else { return self }
        var opaque = [UInt8](repeating: 0, count: 3 * width * height)
        for pixel in 0..<width * height {
            let alpha = Int(bytes[4 * pixel + 3])
            for channel in 0..<3 {
                let mixed = Int(bytes[4 * pixel + channel]) * alpha + Int(grey) * (255 - alpha)
                opaque[3 * pixel + channel] = UInt8((mixed + 127) / 255)
            }
        }
        return Picture(width: width, height: height, channels: 3, bytes: opaque)
    }
}
