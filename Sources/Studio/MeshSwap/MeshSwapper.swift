// The built-in swap: the source's face texture on the target's mesh, in the target's light.

internal import Faces
internal import Foundation
internal import Pixels

/// Settings of the mesh swap.
package struct MeshSwapSettings: Sendable {
    /// Keep the target's eyes (gaze, lids) instead of the source's.
    package var keepEyes = false
    /// Keep the target's whole mouth with its lips.
    package var keepMouth = false
    /// How far nose, eyes and mouth move to where the source has them, 0…1.
    package var shape: Float = 0.5
    /// How strongly the source replaces the target, 0…1.
    package var strength: Float = 1
    /// The longest side of the working crop in pixels: larger keeps more detail of large faces and costs more.
    package var largestCrop = 512

    /// Makes the default settings.
    package init() {}
}

/// Puts prepared source faces on target faces.
///
/// Per target: the source's texture is warped triangle by triangle onto the target's mesh; a smooth light model of
/// both faces gives the gain that carries the source's light to the target's; what remains of the difference in low
/// frequencies, and all of it at the seam, is closed by a pull–push membrane; contrast and sharpness are matched band
/// by band; hair, hats and whatever else covers the target's forehead and temples stays; the inside of an open mouth
/// stays the target's.
struct MeshSwapper: Sendable {
    let regions: MeshRegions
    var settings: MeshSwapSettings

    init(regions: MeshRegions, settings: MeshSwapSettings) {
        self.regions = regions
        self.settings = settings
    }

    /// Swaps one face in place.
    ///
    /// - Parameters:
    ///   - surface: the picture or frame.
    ///   - mesh: the target's 468 points in it.
    ///   - source: who the face becomes.
    ///   - strength: 0…1, on top of the settings': fades a swap in or out.
    ///   - memory: what is carried from frame to frame of one track; a fresh one for a picture.
    func swap(
        on surface: inout some Surface, mesh faceMesh: FaceMesh, source: SwapSource, strength: Float,
        memory: inout SwapMemory
    ) {
        let mesh = faceMesh.points
        let placement = CropPlacement(mesh: mesh, margin: 1.16, largest: settings.largestCrop)
        let target = surface.sample(placement.transform, width: placement.size, height: placement.size)
        let inverse = placement.transform.inverse
        let points = mesh.prefix(MeshRegions.vertexCount).map { inverse($0) }
        let inside = mesh.prefix(MeshRegions.vertexCount).map {
            $0.x >= 0 && $0.y >= 0 && $0.x <= Float(surface.width - 1) && $0.y <= Float(surface.height - 1)
        }
        let shape = zip(faceMesh.points, faceMesh.depths).map { Point3(x: $0.x, y: $0.y, z: $1) }
        let shaped = ShapeTransfer.points(
            target: shape, source: source.shape, regions: regions, amount: settings.shape
        ).map { inverse($0) }
        var (crop, mask) = render(
            target: target, points: points, shaped: shaped, inside: inside, source: source, memory: &memory)
        let share = strength * settings.strength
        if share < 1 {
            for i in mask.values.indices { mask.values[i] *= share }
        }
        surface.paste(crop, mask: mask, through: placement.transform)
    }

    /// The swapped crop and the mask to paste it with.
    func render(
        target: Crop, points: [Point], shaped: [Point], inside: [Bool], source: SwapSource, memory: inout SwapMemory
    ) -> (Crop, Plane) {
        let size = target.width
        let coarse = size / 4
        var warp = WarpedSource(source: source, points: shaped, target: target, regions: regions)
        let targetSmall = target.halved().halved()
        let light = TargetLight(
            target: targetSmall, size: size, points: points, inside: inside, source: source, regions: regions,
            memory: &memory)
        let targetLogs = targetSmall.logarithms(offset: SkinLight.offset)
        let warpedLogs = warp.texture.halved().halved().logarithms(offset: SkinLight.offset)
        let fields = light.fields(size: coarse, points: points, regions: regions)

        let mask = SwapMask(target: targetLogs, light: fields, warp: warp)
        let carried = seamlessGain(target: targetLogs, warped: warpedLogs, ratio: fields.ratio, mask: mask)
        let limited = ToneLimits.limited(
            carried, target: targetLogs, warped: warpedLogs, light: fields, statistics: mask.statistics)
        var gain = limited.gain
        holdColour(of: &gain, at: fields.eyes)
        var result = warp.takeTexture()
        let luma = result.tone(by: toneFields(gain, sourceLuma: fields.sourceLuma), offset: SkinLight.offset)
        DetailMatch.apply(
            to: &result, luma: luma, target: target, targetSmall: targetSmall, mask: mask, colour: limited.colour,
            lips: fields.lips, skin: fields.skin, memory: &memory)
        Monochrome.match(&result, toSmall: targetSmall)
        KeptParts.restore(
            in: &result, from: target, points: points, shaped: shaped, source: source, regions: regions,
            settings: settings)
        return (result, mask.alpha(size: size))
    }

    /// Log gain per channel (R, G, B) at a quarter of the crop's size: light ratio, low-frequency remainder, seam.
    /// The crops hold log colours.
    private func seamlessGain(target: Crop, warped: Crop, ratio: [Plane], mask: SwapMask) -> [Plane] {
        let count = target.width * target.height
        var difference = (0..<3).map { channel in
            var plane = Plane(width: target.width, height: target.height)
            for i in 0..<count {
                let value =
                    target.values[channel * count + i] - warped.values[channel * count + i] - ratio[channel].values[i]
                plane.values[i] = min(max(value, -1), 1)
            }
            return plane
        }
        let sigma = Float(target.width) / 16
        var carried = smoothed(difference, weight: mask.statistics, sigma: sigma)
        for channel in 0..<3 {
            for i in 0..<count {
                carried[channel].values[i] = 0.85 * min(max(carried[channel].values[i], -0.7), 0.7)
                difference[channel].values[i] = min(
                    max(difference[channel].values[i] - carried[channel].values[i], -0.6), 0.6)
            }
        }
        // What remains is closed along the seam and fades inwards.
        let soft = difference.map { $0.blurred(sigma: max(0.8, Float(target.width) / 64)) }
        let seam = filled(soft, weight: mask.seam)
        return (0..<3).map { channel in
            var plane = ratio[channel]
            for i in 0..<count {
                let closing = seam[channel].values[i] * mask.seamReach.values[i]
                plane.values[i] = min(max(plane.values[i] + carried[channel].values[i] + closing, -1.8), 1.6)
            }
            return plane
        }
    }

    /// Takes back most of the gain's colour where the source's own colour counts: the whites of the eyes were white.
    private func holdColour(of gain: inout [Plane], at places: Plane) {
        for i in places.values.indices where places.values[i] > 0 {
            let mean = (gain[0].values[i] + 2 * gain[1].values[i] + gain[2].values[i]) / 4
            for channel in 0..<3 {
                gain[channel].values[i] += 0.75 * places.values[i] * (mean - gain[channel].values[i])
            }
        }
    }

    /// The change of tone that a coarse log gain asks for: the factor of brightness, and each channel's factor beside
    /// it, for brows, lashes and pupils, darker than skin, take less of the colour that is meant for skin.
    ///
    /// - Parameter sourceLuma: how bright the source's skin is here by its light model.
    private func toneFields(_ gain: [Plane], sourceLuma: Plane) -> ToneFields {
        var mean = gain[1]
        for i in mean.values.indices {
            mean.values[i] = (gain[0].values[i] + 2 * gain[1].values[i] + gain[2].values[i]) / 4
        }
        let tint = gain.map { channel in
            var beside = channel
            for i in beside.values.indices { beside.values[i] -= mean.values[i] }
            beside = beside.exponentials
            for i in beside.values.indices { beside.values[i] -= 1 }
            return beside
        }
        return ToneFields(brightness: mean.exponentials, lit: sourceLuma, tint: tint)
    }
}

/// What the swap of one tracked face carries from frame to frame, so that light and contrast do not flicker.
package struct SwapMemory: Sendable, Codable {
    /// The share of a new frame's measurement, 1 for the first frame.
    package var rate: Float = 1
    var light: SkinLight?
    var detail: [Float]?

    /// Makes an empty memory: the first frame is taken as it is.
    package init() {}
}
