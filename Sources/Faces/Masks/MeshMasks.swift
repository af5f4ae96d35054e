// Masks drawn from a face's mesh, at the size of a crop.

internal import Foundation
package import Pixels

/// A part of the face for the area mask; names are FaceFusion's (`--face-mask-areas`).
package enum FaceArea: String, Sendable, CaseIterable {
    case upperFace = "upper-face"
    case lowerFace = "lower-face"
    case mouth = "mouth"

    /// The iBUG points that the area's convex hull is about (FaceFusion's subsets).
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

    /// FaceFusion's area mask: the convex hull of all areas' points, softened inside its edge.
    ///
    /// One hull about all of them: hulls of each would leave gaps in the cheeks, between the areas' outermost points.
    ///
    /// - Parameter landmarks: 68 points of the iBUG scheme in the frame.
    package static func areaMask(
        of landmarks: [Point], areas: [FaceArea] = FaceArea.allCases, transform: Affine, size: Int
    ) -> Plane {
        let inverse = transform.inverse
        let points = landmarks.map { inverse($0) }
        let hull = convexHull(of: areas.flatMap(\.points).map { points[$0] })
        let sharp = hull.isEmpty ? Plane(width: size, height: size) : filled(polygon: hull, width: size, height: size)
        // FaceFusion blurs with sigma 5 and keeps the upper half of the fall, so the mask ends at the hull's edge.
        return sharp.upperHalf(blurredBy: 5)
    }

    /// The mask with its edge softened towards the inside over about `width` pixels.
    package func featheredInside(_ width: Float) -> Plane {
        // A Gaussian falls from 0.98 to 0.5 over two sigmas.
        blurred(sigma: min(width / 2, 42)).upperHalf
    }

    /// What FaceFusion does to all masks but the box: blurred with `sigma`, mirrored at the plane's edges as OpenCV does,
    /// and held to the upper half of the fall, so that they end where the sharp mask does.
    func upperHalf(blurredBy sigma: Float) -> Plane {
        let margin = Int((4 * sigma).rounded(.up))
        let wide = Plane(width: width + 2 * margin, height: height + 2 * margin, values: mirrored(margin: margin))
        let soft = wide.blurred(sigma: sigma)
        var result = self
        for y in 0..<height {
            let from = (y + margin) * soft.width + margin
            result.values.replaceSubrange(y * width..<(y + 1) * width, with: soft.values[from..<from + width])
        }
        return result.upperHalf
    }

    /// The values with `margin` more at each side, mirrored about the outermost ones.
    private func mirrored(margin: Int) -> [Float] {
        func places(_ count: Int) -> [Int] {
            (-margin..<count + margin).map { place in
                guard count > 1 else { return 0 }
                let turn = (place % (2 * count - 2) + 2 * count - 2) % (2 * count - 2)
                return min(turn, 2 * count - 2 - turn)
            }
        }
        let columns = places(width)
        return places(height).flatMap { row in columns.map { values[row * width + $0] } }
    }

    /// The values from 0.5 to 1 spread over 0…1.
    private var upperHalf: Plane {
        var result = self
        for i in result.values.indices { result.values[i] = (min(max(result.values[i], 0.5), 1) - 0.5) * 2 }
        return result
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
