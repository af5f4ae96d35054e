// The source's skin freed from hair that lies over it.

internal import Foundation
internal import Pixels

/// Replaces what is not skin on the forehead and along the cheeks' edges by skin from around it. The band of the eyes
/// is left alone, so that spectacles stay whole, and so is the lower face, where beards grow.
enum SourceRepair {
    /// The repaired texture.
    ///
    /// - Parameters:
    ///   - lit: log colour of lit skin per vertex.
    ///   - points: the mesh in the crop's pixels.
    static func repaired(
        _ crop: Crop, lit: [[Float]], points: [Point], layout: FaceLayout, regions: MeshRegions
    ) -> Crop {
        // A quarter of the size finds things; the repair is written at full size through a soft mask.
        let small = crop.halved().halved()
        let count = small.width * small.height
        let scale = Float(small.width) / Float(crop.width)
        let open = layout.places.indices.map { i -> Float in
            let place = layout.places[i]
            let line = layout.browLine(at: place.x)
            guard regions.skin[i] > 0, regions.depth[i] > 0 || place.y < line else { return 0 }
            let side = (1 - fall(abs(place.x), from: 0.75, to: 0.9)) * (1 - fall(place.y, from: 0.0, to: 0.1))
            return max(
                fall(place.y, from: line - 0.1, to: line - 0.02),
                side * fall(place.y, from: 0.35, to: 0.5))
        }
        let attributes = (0..<3).map { channel in regions.collared(lit.map { $0[channel] }) } + [regions.collared(open)]
        let (fields, cover) = regions.triangles.rasterize(
            attributes, at: regions.collared(points).map { $0 * scale }, width: small.width, height: small.height)
        var doubt = Plane(width: small.width, height: small.height)
        var difference = (0..<3).map { _ in doubt }
        for i in 0..<count where cover.values[i] > 0 {
            for channel in 0..<3 {
                difference[channel].values[i] =
                    SkinLight.log(small.values[channel * count + i]) - fields[channel].values[i]
            }
            let like = skinLikeness(
                red: difference[0].values[i], green: difference[1].values[i], blue: difference[2].values[i])
            doubt.values[i] = min(1, 1.5 * (1 - like)) * fields[3].values[i]
        }
        guard doubt.values.contains(where: { $0 > 0.3 }) else { return crop }
        let wide = max(1, Float(small.width) / 110)
        var mask = doubt.blurred(sigma: wide)
        for i in mask.values.indices {
            mask.values[i] = min(1, 2.2 * mask.values[i]) * (fields[3].values[i] > 0 ? 1 : 0)
        }
        mask = mask.blurred(sigma: 0.8)
        var trust = Plane(width: small.width, height: small.height)
        for i in 0..<count where cover.values[i] > 0 {
            trust.values[i] = fields[3].values[i] * max(0, 1 - 3 * mask.values[i])
        }
        let fill = filled(difference.map { $0.blurred(sigma: 0.8) }, weight: trust)
        var result = crop
        let full = mask.resized(width: crop.width, height: crop.height)
        for channel in 0..<3 {
            var wanted = fields[channel]
            for i in wanted.values.indices {
                wanted.values[i] =
                    exp(wanted.values[i] + min(max(fill[channel].values[i], -0.3), 0.3))
                    - SkinLight.offset
            }
            let large = wanted.resized(width: crop.width, height: crop.height)
            let base = channel * crop.width * crop.height
            for i in full.values.indices where full.values[i] > 0 {
                result.values[base + i] += full.values[i] * (large.values[i] - result.values[base + i])
            }
        }
        return result
    }
}
