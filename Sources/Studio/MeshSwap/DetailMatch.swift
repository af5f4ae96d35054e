// Contrast and sharpness of the swapped skin made like the target's, band by band.

internal import Pixels

/// Matches fine detail so that the face is neither crisper nor duller than its surroundings.
enum DetailMatch {
    private static let bandCount = 3
    /// How far each band may be turned down and up.
    private static let limits: [ClosedRange<Float>] = [0.35...1.6, 0.4...1.5, 0.45...1.25]

    /// Scales the luma bands of `crop` towards the target's, measured where `weight` (a quarter of the size) is high,
    /// and lends the target's own finest grain where the source has too little.
    static func apply(to crop: inout Crop, target: Crop, weight: Plane, grain places: Plane, memory: inout SwapMemory) {
        let size = crop.width, count = size * crop.height
        let (bands, targetBands) = (split(crop.luma), split(target.luma))
        var measured = [Float](repeating: 0, count: 2 * bandCount)
        var total: Float = 1e-3
        for y in stride(from: 0, to: size, by: 2) {
            for x in stride(from: 0, to: size, by: 2) {
                let w = weight.values[min(y / 4, weight.height - 1) * weight.width + min(x / 4, weight.width - 1)]
                guard w > 0.3 else { continue }
                total += w
                for k in 0..<bandCount {
                    measured[k] += w * abs(bands[k].values[y * size + x])
                    measured[bandCount + k] += w * abs(targetBands[k].values[y * size + x])
                }
            }
        }
        var energies = measured.map { $0 / total }
        if let before = memory.detail {
            for k in energies.indices { energies[k] = before[k] + memory.rate * (energies[k] - before[k]) }
        }
        memory.detail = energies
        let gains = (0..<bandCount).map { k -> Float in
            let wanted = (energies[bandCount + k] + 0.15) / (energies[k] + 0.15)
            // A source with more character keeps some of it.
            let softened = wanted < 1 ? wanted.squareRoot() * 0.5 + wanted * 0.5 : wanted
            return min(max(softened, limits[k].lowerBound), limits[k].upperBound)
        }
        let had = gains[0] * energies[0], wants = energies[bandCount]
        let grain = wants > had ? min(0.8, (wants * wants - had * had).squareRoot() / max(wants, 0.05)) : 0
        // Only grain: an edge in the target, such as a rim of spectacles, is no grain.
        let most = 2.5 * max(wants, 0.05)
        let lending = places.resized(width: size, height: crop.height)
        for i in 0..<count {
            let lent = min(max(targetBands[0].values[i], -most), most)
            var change: Float = grain * lending.values[i] * lending.values[i] * lent
            for k in 0..<bandCount { change += (gains[k] - 1) * bands[k].values[i] }
            crop.values[i] += change
            crop.values[count + i] += change
            crop.values[2 * count + i] += change
        }
    }

    /// Scales what each pixel's colour differs from that of its surroundings by `share`, except on the lips (a plane
    /// of a quarter of the size).
    static func calmColour(of crop: inout Crop, share: Float, lips: Plane) {
        guard share < 0.95 else { return }
        let size = crop.width, count = size * crop.height
        let luma = crop.luma
        var chroma = crop
        for channel in 0..<3 {
            for i in 0..<count { chroma.values[channel * count + i] -= luma.values[i] }
        }
        let low = chroma.halved().halved().blurred(sigma: max(0.8, Float(size) / 160)).resized(
            width: size, height: crop.height)
        let places = lips.resized(width: size, height: crop.height)
        for channel in 0..<3 {
            for i in 0..<count {
                let k = channel * count + i
                let fine = chroma.values[k] - low.values[k]
                crop.values[k] += (share - 1) * fine * (1 - places.values[i])
            }
        }
    }

    /// The luma's bands, finest first. The coarsest, which grows with the face, is blurred at a quarter of the size.
    private static func split(_ luma: Plane) -> [Plane] {
        let (fine, middle) = (luma.blurred(sigma: 0.9), luma.blurred(sigma: 2.2))
        let broad = luma.halved().halved().blurred(sigma: max(4.5, Float(luma.width) / 28) / 4)
            .resized(width: luma.width, height: luma.height)
        var bands = [luma, fine, middle]
        for (k, below) in [fine, middle, broad].enumerated() {
            for i in luma.values.indices { bands[k].values[i] -= below.values[i] }
        }
        return bands
    }
}
