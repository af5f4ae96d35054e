// The source's texture warped onto the target's mesh.

internal import Pixels

/// The source laid over the target's crop, pixel by pixel.
struct WarpedSource: Sendable {
    /// The texture at the crop's size; outside the face it continues a little past the oval, then it is the target.
    private(set) var texture: Crop
    /// How much the source looks like plain skin at each pixel, at a quarter of the crop's size.
    let skinLikeness: Plane

    /// Warps.
    ///
    /// The map from target to source positions is linear within each triangle, then smoothed a little, so that
    /// triangle edges do not show as creases. Where the source's own side is turned away, the other side serves.
    init(source: SwapSource, points: [Point], target: Crop, regions: MeshRegions) {
        let size = target.width
        // The texture level whose pixels are about as fine as the target's.
        let targetHeight = (points[152] - points[10]).length,
            sourceHeight = (source.points[152] - source.points[10]).length
        var level = 0
        while level + 1 < source.levels.count, sourceHeight / Float(2 << level) > targetHeight * 0.85 { level += 1 }
        let texture = source.levels[level]
        let scale = Float(texture.width) / Float(source.levels[0].width)
        let from = regions.inset(source.points.map { $0 * scale })
        let at = regions.collared(points)
        var attributes = [from.map(\.x), from.map(\.y)]
        if source.usesTwin {
            let twins = regions.inset(
                (0..<MeshRegions.vertexCount).map { source.points[regions.mirror[$0]] * scale })
            attributes += [twins.map(\.x), twins.map(\.y), regions.collared(source.twinShare)]
        }
        // Half the crop's size is enough for a map that is smooth.
        let half = size / 2
        let (map, cover) = regions.triangles.stack(attributes, at: at.map { $0 * 0.5 }, width: half, height: half)
        let smooth = map.blurred(sigma: max(0.7, Float(half) / 160))
        self.texture = texture.laid(over: target, map: smooth, where: cover)
        let likenessScale = Float(source.skinLikeness.width) / Float(texture.width)
        let quarter = size / 4
        func coarse(_ plane: Plane) -> Plane {
            var result = plane.resized(width: quarter, height: quarter)
            for i in result.values.indices { result.values[i] *= likenessScale }
            return result
        }
        skinLikeness = source.skinLikeness.remapped(x: coarse(smooth[0]), y: coarse(smooth[1]))
    }

    /// Hands the texture over, to be changed in place; none is left.
    mutating func takeTexture() -> Crop {
        let taken = texture
        texture = Crop(width: 0, height: 0)
        return taken
    }
}
