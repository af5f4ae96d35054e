// Polygons filled with smooth edges.

internal import Foundation
package import Pixels

extension Plane {
    /// A plane that is 1 inside a closed polygon, 0 outside, and in between where the edge cuts a pixel: the covered
    /// part of the pixel's area, exactly. Pixel centres lie at whole numbers; parts outside the plane are cut off.
    ///
    /// Signed areas are summed along each row, the way font rasterisers do (R. Levien, "font-rs", 2016). Where the
    /// polygon runs over itself the cover is bounded by 1.
    package static func filled(polygon: [Point], width: Int, height: Int) -> Plane {
        var plane = Plane(width: width, height: height)
        guard polygon.count > 2, polygon.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else { return plane }
        var cover = [Float](repeating: 0, count: (width + 2) * height)
        for (index, start) in polygon.enumerated() {
            let end = polygon[(index + 1) % polygon.count]
            addEdge(
                from: start + Point(0.5, 0.5), to: end + Point(0.5, 0.5), to: &cover, width: width, height: height)
        }
        for row in 0..<height {
            var sum: Float = 0
            for column in 0..<width {
                sum += cover[row * (width + 2) + column]
                plane.values[row * width + column] = min(abs(sum), 1)
            }
        }
        return plane
    }

    /// Adds one edge: in each row it crosses, the height it covers goes to the pixels right of it.
    private static func addEdge(
        from start: Point, to end: Point, to cover: inout [Float], width: Int, height: Int
    ) {
        guard start.y != end.y else { return }
        let direction: Float = start.y < end.y ? 1 : -1
        let (top, bottom) = start.y < end.y ? (start, end) : (end, start)
        let slope = (bottom.x - top.x) / (bottom.y - top.y)
        let limit = Float(width)
        let first = max(top.y, 0)
        let last = min(bottom.y, Float(height))
        guard first < last else { return }
        for row in Int(first)..<min(Int(last.rounded(.up)), height) {
            let y0 = max(first, Float(row)), y1 = min(last, Float(row + 1))
            let dy = y1 - y0
            guard dy > 0 else { continue }
            // Left of the plane counts as its left edge, right of it as its right edge.
            let a = min(max(top.x + (y0 - top.y) * slope, 0), limit)
            let b = min(max(top.x + (y1 - top.y) * slope, 0), limit)
            let x0 = min(a, b), x1 = max(a, b)
            let base = row * (width + 2)
            let firstColumn = Int(x0)
            let signed = direction * dy
            if x1 <= Float(firstColumn + 1) {
                let right = Float(firstColumn + 1) - (x0 + x1) / 2
                cover[base + firstColumn] += signed * right
                cover[base + firstColumn + 1] += signed * (1 - right)
                continue
            }
            // The area right of the edge within columns ..<c grows quadratically while the edge runs through them.
            let inverse = 1 / (x1 - x0)
            var previousArea: Float = 0
            var previousColumnCover: Float = 0
            for column in firstColumn...min(Int(x1), width) {
                let right = Float(column + 1)
                let reach = min(right, x1) - x0
                var area = reach * reach * inverse / 2
                if right > x1 { area += right - x1 }
                let columnCover = area - previousArea
                cover[base + column] += signed * (columnCover - previousColumnCover)
                previousColumnCover = columnCover
                previousArea = area
            }
            let after = min(Int(x1), width) + 1
            cover[base + min(after, width + 1)] += signed * (1 - previousColumnCover)
        }
    }
}
