// What stays the target's own: the inside of an open mouth, and eyes or mouth on request.

internal import Pixels

/// Puts parts of the target back into the swapped crop.
enum KeptParts {
    /// Blends the kept parts over `crop`, moved as the face's features moved.
    ///
    /// - Parameters:
    ///   - target: the target's crop.
    ///   - points: the target's mesh in it.
    ///   - shaped: where the swapped face's mesh lies.
    static func restore(
        in crop: inout Crop, from target: Crop, points: [Point], shaped: [Point], source: SwapSource,
        regions: MeshRegions, settings: MeshSwapSettings
    ) {
        let width = max((points[291] - points[61]).length, 1)
        let open = (points[14] - points[13]).length / width
        // A closed mouth keeps the line of its lips when the source shows teeth that would smear over it.
        let teeth = 1 - fall(source.mouthOpenness, from: 0.05, to: 0.12)
        let mouth = settings.keepMouth ? 1 : max(1 - fall(open, from: 0.02, to: 0.07), teeth)
        let now = openness(of: points, regions: regions)
        let shut = min(source.eyeOpenness.0, source.eyeOpenness.1) < 0.12 && min(now.0, now.1) > 0.18
        let eyes: Float = settings.keepEyes || shut ? 1 : 0
        guard mouth > 0 || eyes > 0 else { return }

        let half = crop.width / 2
        let at = shaped.map { $0 * 0.5 }
        var keep = Plane(width: half, height: half)
        func add(_ mesh: TriangleMesh, _ share: Float, _ softness: Float, _ gain: Float) {
            let ones = [[Float](repeating: 1, count: at.count)]
            let (_, cover) = mesh.rasterize(ones, at: at, width: half, height: half)
            let soft = cover.blurred(sigma: max(0.8, softness))
            for i in keep.values.indices { keep.values[i] = max(keep.values[i], min(1, gain * soft.values[i]) * share) }
        }
        if mouth > 0 { add(settings.keepMouth ? regions.lips : regions.mouth, mouth, width / 120, 1.2) }
        if eyes > 0 { add(regions.eyes, eyes, width / 40, 1.6) }

        let attributes = [points.map(\.x), points.map(\.y)]
        let (map, _) = regions.face.stack(attributes, at: at, width: half, height: half)
        crop.lay(Texture(target), by: map, opacity: keep)
    }
}
