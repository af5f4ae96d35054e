// Contrast and sharpness of the swapped skin made like the target's, band by band.

internal import Pixels

/// Matches fine detail so that the face is neither crisper nor duller than its surroundings.
enum DetailMatch {
    private static let bandCount = 3
    /// How far each band may be turned down and up.
    private static let limits: [ClosedRange<Float>] = [0.35...1.6, 0.4...1.5, 0.45...1.25]

    /// Scales the luma bands of `crop` towards the target's, measured where both show plain skin, lends the target's
    /// own finest grain where the source has too little, and scales what each pixel's colour differs from that of its
    /// surroundings, except on the lips.
    ///
    /// - Parameters:
    ///   - luma: the crop's luma.
    ///   - targetSmall: the target at a quarter of the size.
    ///   - share: the factor of colour contrast.
    ///   - lips: where the lips are, at a quarter of the size.
    ///   - skin: where plain skin is, at a quarter of the size.
    static func apply(
        to crop: inout Crop, luma: Plane, target: Crop, targetSmall: Crop, mask: SwapMask, colour share: Float,
        lips: Plane, skin: Plane, memory: inout SwapMemory
    ) {
        let small = crop.halved().halved()
        let smallLuma = small.luma
        let own = bands(of: luma, small: smallLuma)
        let theirs = bands(of: target.luma, small: targetSmall.luma)
        var total: Float = 1e-3
        for w in mask.contrast.values where w > least { total += 4 * w }
        var energies = [own, theirs].flatMap { bands in
            bands.energies(weight: mask.contrast, above: least).map { $0 / total }
        }
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
        // Lent is only grain: an edge in the target, such as a rim of spectacles, is no grain.
        let change = DetailChange(
            gains: gains, grain: grain, most: 3.5 * max(wants, 0.05), colour: share < 0.95 ? share : 1)
        let low = (0..<3).map { channel in
            var chroma = small.plane(channel)
            for i in chroma.values.indices { chroma.values[i] -= smallLuma.values[i] }
            return chroma.blurred(sigma: max(0.8, Float(crop.width) / 160))
        }
        crop.finish(
            change, own: own, target: theirs, lending: mask.targetSkin, low: low, lips: lips,
            skin: skin.blurred(sigma: 0.8))
    }

    /// Pixels of less weight are not measured.
    private static let least: Float = 0.3

    /// The luma's bands. The coarsest, which grows with the face, is blurred at a quarter of the size.
    private static func bands(of luma: Plane, small: Plane) -> LumaBands {
        LumaBands(
            luma: luma, fine: 0.9, middle: 2.2, broad: small.blurred(sigma: max(4.5, Float(luma.width) / 28) / 4))
    }
}
