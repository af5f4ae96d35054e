// Where the swapped face shows, and which pixels may be compared with the target's.

internal import Pixels

/// Masks of one swap, at a quarter of the crop's size until ``alpha(size:)``.
struct SwapMask: Sendable {
    /// Where the swapped face shows, 0…1.
    let shown: Plane
    /// Which pixels are plain skin in both faces: the light and contrast of those are compared.
    let statistics: Plane
    /// How much the target looks like plain skin.
    let targetSkin: Plane
    /// Where skin contrast is measured: like ``statistics``, but whatever the source has there counts.
    let contrast: Plane
    /// The band along the mask's edge where both faces show skin.
    let seam: Plane
    /// How far the seam's closing reaches at each pixel: 1 on the edge, falling inwards.
    let seamReach: Plane

    /// Finds the masks; `target` holds the target's log colours at a quarter of the crop's size.
    init(
        target: Crop, light: TargetLight.Fields, warp: WarpedSource
    ) {
        let count = target.width * target.height
        var targetSkin = Plane(width: target.width, height: target.height)
        for i in 0..<count {
            targetSkin.values[i] = skinLikeness(
                red: target.values[i] - light.lit[0].values[i],
                green: target.values[count + i] - light.lit[1].values[i],
                blue: target.values[2 * count + i] - light.lit[2].values[i])
        }
        let blur = max(0.7, Float(target.width) / 100)
        let hair = targetSkin.blurred(sigma: blur)
        let fringe = warp.skinLikeness.blurred(sigma: blur)
        let things = Self.things(before: target, light: light)
        var shown = Plane(width: target.width, height: target.height)
        var statistics = shown, contrast = shown, seam = shown, reach = shown
        for i in 0..<count {
            let inner = 1 - fall(light.inner.values[i], from: 0.08, to: 0.8)
            let covered = light.exposed.values[i]
            // Strict: half a doubt is enough to leave the target alone where hair is likely.
            let clear = 1 - fall(hair.values[i], from: 0.35, to: 0.9)
            let clean = 1 - fall(fringe.values[i], from: 0.35, to: 0.9)
            shown.values[i] =
                inner * (1 - covered * (1 - clear)) * (1 - covered * (1 - clean)) * (1 - things.values[i])
        }
        var soft = shown.blurred(sigma: max(0.8, Float(target.width) / 90))
        for i in 0..<count { soft.values[i] *= 1 - fall(light.inner.values[i], from: 0, to: 0.2) }
        for i in 0..<count {
            let both = targetSkin.values[i] * warp.skinLikeness.values[i]
            let inside = light.cover.values[i] > 0.5 ? Float(1) : 0
            let m = min(soft.values[i], light.inner.values[i] > 0 ? 1 : 0)
            statistics.values[i] = m * m * light.skin.values[i] * both
            contrast.values[i] = m * m * light.skin.values[i] * targetSkin.values[i]
            seam.values[i] = min(1, 4 * m * (1 - m)) * both * inside
            reach.values[i] = 0.35 + 0.65 * (1 - m * m)
        }
        self.shown = soft
        self.statistics = statistics
        self.targetSkin = hair
        self.contrast = contrast
        self.seam = seam
        seamReach = reach
    }

    /// Where something of a hue that skin never has lies before the face — a cloth mask, a sleeve, a balloon — over
    /// more than a few hundredths of it, 0…1. Its hold reaches over the features that it frames.
    private static func things(before target: Crop, light: TargetLight.Fields) -> Plane {
        let count = target.width * target.height
        var foreign = Plane(width: target.width, height: target.height), plain = foreign
        var any = false
        for i in 0..<count where light.cover.values[i] > 0.5 && light.skin.values[i] > 0.5 {
            let red = target.values[i] - light.lit[0].values[i]
            let green = target.values[count + i] - light.lit[1].values[i]
            let blue = target.values[2 * count + i] - light.lit[2].values[i]
            foreign.values[i] = 1 - fall(max(abs(red - green), abs(blue - green), abs(red - blue)), from: 0.4, to: 0.6)
            plain.values[i] = 1
            any = any || foreign.values[i] > 0.5
        }
        guard any else { return foreign }
        var near = foreign.blurred(sigma: max(1, Float(target.width) / 40))
        let reach = max(1.5, Float(target.width) / 12)
        let (wide, looked) = (foreign.blurred(sigma: reach), plain.blurred(sigma: reach))
        for i in 0..<count {
            let large = 1 - fall(wide.values[i], from: 0.12, to: 0.25)
            // Eyes and lips were not looked at; what is all about them is over them too.
            let framed = large * (1 - fall(wide.values[i] / (looked.values[i] + 0.02), from: 0.45, to: 0.7))
            near.values[i] = max((1 - fall(near.values[i], from: 0.3, to: 0.6)) * large, framed)
        }
        return near
    }

    /// The mask at the crop's full size.
    func alpha(size: Int) -> Plane {
        shown.resized(width: size, height: size)
    }
}
