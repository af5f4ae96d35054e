// The masks of a swapped crop, together.

package import Faces
package import Pixels

/// Which parts of a crop may change, and the models that tell.
package struct FaceMasks: Sendable {
    package let settings: MaskSettings
    private let occluders: [OcclusionModel]
    private let parser: FaceParser?

    /// Makes masks: the occluders find hands and hair before the face, the parser the parts that the settings name.
    package init(settings: MaskSettings = MaskSettings(), occluders: [OcclusionModel] = [], parser: FaceParser? = nil) {
        self.settings = settings
        self.occluders = occluders
        self.parser = parser
    }

    /// The element-wise minimum of the masks that are wanted, at the crops' size. Hands are looked for in the target,
    /// parts of the face in the result, as FaceFusion does.
    ///
    /// - Parameters:
    ///   - face: the target face in the frame.
    ///   - transform: from the crop to the frame.
    ///   - others: further masks of the same size.
    /// - Throws: ``MasqueError`` when a model fails.
    package func mask(
        target: Crop, result: Crop, face: FaceShape, transform: Affine, others: [Plane] = [], strength: Float = 1
    ) throws -> Plane {
        let side = target.width
        var all = others
        if settings.hasBox { all.append(.boxMask(side: side, blur: settings.blur, padding: settings.padding)) }
        if !settings.areas.isEmpty {
            all.append(
                .areaMask(of: face.landmarks, areas: settings.areas, transform: transform, size: side))
        }
        for occluder in occluders { all.append(try occluder.mask(of: target)) }
        if let parser, !settings.regions.isEmpty {
            all.append(try parser.mask(of: result, regions: settings.regions))
        }
        all += kept(face.mesh, transform, side: side)
        return .minimum(of: all, strength: strength, side: side)
    }

    /// Masks that are 0 over what stays the target's, with edges as soft as the part is small.
    private func kept(_ mesh: FaceMesh, _ transform: Affine, side: Int) -> [Plane] {
        let inverse = transform.inverse
        let loops =
            (settings.keepsEyes ? [MeshIndex.leftEyeLoop, MeshIndex.rightEyeLoop] : [])
            + (settings.keepsMouth ? [MeshIndex.outerLips] : [])
        return loops.map { loop in
            let outline = loop.map { inverse(mesh.points[$0]) }
            let middle = outline.reduce(Point(0, 0)) { $0 + $1 } * (1 / Float(outline.count))
            // A tenth beyond the lids and lips, so that lashes and the lips' edge are kept whole.
            let wide = outline.map { middle + ($0 - middle) * 1.1 }
            let soft = Plane.filled(polygon: wide, width: side, height: side)
                .blurred(sigma: max(0.8, Box(around: outline).width / 30))
            return Plane(width: side, height: side, values: soft.values.map { 1 - min($0, 1) })
        }
    }
}
