// How far what is seen trembles from frame to frame.

import Faces
import Pixels

/// Measures small movements of parts of a still picture against the mean of all frames.
enum Drift {
    /// The root mean square, over frames and five parts of the face (eyes, nose, mouth corners), of how far the part
    /// lies from where it lies in the mean frame, in pixels.
    ///
    /// Each part's shift solves the linear optical-flow equations over a window, two passes. Source: Lucas and Kanade,
    /// "An iterative image registration technique", IJCAI 1981.
    static func jitter(of frames: [Picture], mesh: FaceMesh) -> Float {
        let planes = frames.map { $0.luma.blurred(sigma: 1.2) }
        guard let first = planes.first else { return 0 }
        var mean = Plane(width: first.width, height: first.height)
        for plane in planes {
            for i in mean.values.indices { mean.values[i] += plane.values[i] / Float(planes.count) }
        }
        let points = mesh.fivePoints
        let reach = Int(points.size * 0.35)
        var sum: Float = 0, n: Float = 0
        for plane in planes {
            for point in points.all {
                let shift = shift(of: plane, from: mean, at: point, reach: reach)
                sum += shift.x * shift.x + shift.y * shift.y
                n += 1
            }
        }
        return (sum / n).squareRoot()
    }

    /// Where the window about `point` of `mean` lies in `plane`, less `point`.
    static func shift(of plane: Plane, from mean: Plane, at point: Point, reach: Int) -> Point {
        var shift = Point(0, 0)
        for _ in 0..<3 {
            var (xx, xy, yy, xt, yt): (Float, Float, Float, Float, Float) = (0, 0, 0, 0, 0)
            for dy in -reach...reach {
                for dx in -reach...reach {
                    let p = Point(point.x + Float(dx), point.y + Float(dy))
                    let gx = (mean.value(at: p + Point(1, 0)) - mean.value(at: p - Point(1, 0))) / 2
                    let gy = (mean.value(at: p + Point(0, 1)) - mean.value(at: p - Point(0, 1))) / 2
                    let t = plane.value(at: p + shift) - mean.value(at: p)
                    xx += gx * gx
                    xy += gx * gy
                    yy += gy * gy
                    xt += gx * t
                    yt += gy * t
                }
            }
            let determinant = xx * yy - xy * xy
            guard determinant > 1e-3 else { break }
            let step = Point((yy * xt - xy * yt) / determinant, (xx * yt - xy * xt) / determinant)
            shift = shift - step
            if step.length < 0.002 { break }
        }
        return shift
    }
}
