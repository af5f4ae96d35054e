// Filling triangles with vertex attributes, and warping an image by a map of positions.

internal import CPixels

/// Triangles over numbered vertices: three indices each.
package struct TriangleMesh: Sendable {
    /// `3 * triangleCount` vertex indices.
    package let indices: [Int32]
    /// The highest index; -1 without triangles.
    private let highest: Int
    /// How many triangles there are.
    package var triangleCount: Int { indices.count / 3 }

    /// Makes a mesh from vertex indices, three per triangle.
    package init(indices: [Int32]) {
        precondition(indices.count % 3 == 0 && indices.allSatisfy { $0 >= 0 })
        highest = Int(indices.max() ?? -1)
        self.indices = indices
    }

    /// Interpolates `attributes` (one array of `points.count` values per attribute) linearly over the triangles laid
    /// out at `points`, onto planes of `width`×`height`.
    ///
    /// - Returns: one plane per attribute, 0 where no triangle lies, and the cover: 1 where one does.
    package func rasterize(
        _ attributes: [[Float]], at points: [Point], width: Int, height: Int
    ) -> (planes: [Plane], cover: Plane) {
        let (stack, cover) = stack(attributes, at: points, width: width, height: height)
        return ((0..<stack.count).map { stack[$0] }, cover)
    }

    /// As ``rasterize(_:at:width:height:)``, with the planes in one piece.
    package func stack(
        _ attributes: [[Float]], at points: [Point], width: Int, height: Int
    ) -> (planes: PlaneStack, cover: Plane) {
        let k = attributes.count, count = width * height
        precondition(attributes.allSatisfy { $0.count == points.count })
        precondition(highest < points.count)
        var packed = [Float](repeating: 0, count: k * points.count)
        for (j, attribute) in attributes.enumerated() {
            for (i, value) in attribute.enumerated() { packed[i * k + j] = value }
        }
        var xy = [Float](repeating: 0, count: 2 * points.count)
        for (i, point) in points.enumerated() {
            xy[2 * i] = point.x.isFinite ? point.x : 0
            xy[2 * i + 1] = point.y.isFinite ? point.y : 0
        }
        var values = [Float](repeating: 0, count: k * count)
        var cover = Plane(width: width, height: height)
        unsafe values.withUnsafeMutableBufferPointer { out in
            unsafe cover.values.withUnsafeMutableBufferPointer { covered in
                unsafe cpx_raster(
                    xy, indices, Int32(triangleCount), packed, Int32(k), out.baseAddress, covered.baseAddress,
                    Int32(width), Int32(height))
            }
        }
        return (PlaneStack(width: width, height: height, count: k, values: values), cover)
    }
}

extension Crop {
    /// The crop looked up at positions (x, y) in its own pixels, one per output pixel; edge pixels repeat.
    ///
    /// - Parameter cubic: Catmull-Rom (sharper) instead of bilinear.
    package func remapped(x: Plane, y: Plane, cubic: Bool) -> Crop {
        var result = Crop(width: x.width, height: x.height)
        precondition(x.width == y.width && x.height == y.height)
        unsafe result.values.withUnsafeMutableBufferPointer { out in
            unsafe cpx_remap(
                values, Int32(width), Int32(height), 3, x.values, y.values, out.baseAddress,
                Int32(x.width * x.height), cubic)
        }
        return result
    }
}

extension Plane {
    /// The plane looked up bilinearly at positions (x, y) in its own pixels, one per output pixel.
    package func remapped(x: Plane, y: Plane) -> Plane {
        precondition(x.width == y.width && x.height == y.height)
        var result = Plane(width: x.width, height: x.height)
        unsafe result.values.withUnsafeMutableBufferPointer { out in
            unsafe cpx_remap(
                values, Int32(width), Int32(height), 1, x.values, y.values, out.baseAddress,
                Int32(x.width * x.height), false)
        }
        return result
    }
}
