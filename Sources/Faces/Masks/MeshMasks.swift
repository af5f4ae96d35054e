// Masks drawn from a face's mesh, at the size of a crop.

internal import Foundation
package import Pixels

/// A part of the face for the area mask; names are FaceFusion's (`--face-mask-areas`).
package enum FaceArea: String, Sendable, CaseIterable {
    case upperFace = "upper-face"
    case lowerFace = "lower-face"
    case mouth = "mouth"

    /// The iBUG points whose convex hull is the area (FaceFusion's subsets).
    fileprivate var points: [Int] {
        switch self {
        case .upperFace: [0, 1, 2] + Array(31...35) + [14, 15, 16] + Array(17...26)
        case .lowerFace: Array(3...13) + Array(31...35)
        case .mouth: Array(48...67)
        }
    }
}

extension Plane {
    /// The inside of a loop of mesh points, for a crop of `size`×`size` pixels that `transform` (crop → frame) cuts.
    ///
    /// - Parameters:
    ///   - feather: the width in crop pixels over which the edge falls off to the inside; 0 leaves a sharp edge.
    ///     Outside the loop the mask stays 0.
    package static func meshMask(
        of mesh: FaceMesh, loop: [Int] = MeshIndex.faceOval, transform: Affine, size: Int, feather: Float = 0
    ) -> Plane {
        let inverse = transform.inverse
        let polygon = loop.map { inverse(mesh.points[$0]) }
        let sharp = filled(polygon: polygon, width: size, height: size)
        return feather > 0 ? sharp.featheredInside(feather) : sharp
    }

    /// FaceFusion's area mask: each area's convex hull, softened inside its edge; several areas add up.
    package static func areaMask(
        of mesh: FaceMesh, areas: [FaceArea] = FaceArea.allCases, transform: Affine, size: Int
    ) -> Plane {
        let inverse = transform.inverse
        let points = mesh.points68.map { inverse($0) }
        var sum = Plane(width: size, height: size)
        for area in areas {
            let hull = convexHull(of: area.points.map { points[$0] })
            let filled = filled(polygon: hull, width: size, height: size)
            for i in sum.values.indices { sum.values[i] = max(sum.values[i], filled.values[i]) }
        }
        // FaceFusion blurs with sigma 5 and keeps the upper half of the fall, so the mask ends at the hull's edge.
        return sum.upperHalf(blurredBy: 5)
    }

    /// The mask with its edge softened towards the inside over about `width` pixels.
    package func featheredInside(_ width: Float) -> Plane {
        // A Gaussian falls from 0.98 to 0.5 over two sigmas.
        upperHalf(blurredBy: min(width / 2, 42))
    }

    /// The mask blurred, its values from 0.5 to 1 spread over 0…1: what FaceFusion does to all masks but the box, so that
    /// they end where the sharp mask does.
    func upperHalf(blurredBy sigma: Float) -> Plane {
        var soft = blurred(sigma: sigma)
        for i in soft.values.indices { soft.values[i] = (min(max(soft.values[i], 0.5), 1) - 0.5) * 2 }
        return soft
    }

    /// The element-wise minimum of masks of one size: what all of them cover. `nil` when there are none or their sizes
    /// differ.
    package static func minimum(of masks: [Plane]) -> Plane? {
        guard var result = masks.first,
            masks.allSatisfy({ $0.width == result.width && $0.height == result.height })
        else { return nil }
        for mask in masks.dropFirst() {
            for i in result.values.indices { result.values[i] = min(result.values[i], mask.values[i]) }
        }
        return result
    }

    /// The convex hull of points, as a closed loop (A. M. Andrew's monotone chain, 1979).
    package static func convexHull(of points: [Point]) -> [Point] {
        let sorted = points.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
        guard sorted.count > 2 else { return sorted }
        func chain(_ points: some Sequence<Point>) -> [Point] {
            var hull: [Point] = []
            for point in points {
                while hull.count > 1 {
                    let a = hull[hull.count - 1] - hull[hull.count - 2]
                    let b = point - hull[hull.count - 2]
                    if a.x * b.y - a.y * b.x > 0 { break }
                    hull.removeLast()
                }
                hull.append(point)
            }
            return hull.dropLast()
        }
        return chain(sorted) + chain(sorted.reversed())
    }
}
