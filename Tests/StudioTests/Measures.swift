// What tests measure on pictures.

import Faces
import Foundation
import Pixels

/// Where a face lies in a picture, as masks.
struct FaceRegions {
    let width: Int
    let height: Int
    /// 1 on the face within its outline.
    let face: Plane
    /// 1 on the inner face: the outline at three fifths of its size.
    let inner: Plane
    /// 1 on a band about the outline.
    let ring: Plane
    /// The box about the mesh, a quarter larger: nothing outside may change.
    let box: Box
    let mesh: FaceMesh

    init(_ mesh: FaceMesh, width: Int, height: Int) {
        self.mesh = mesh
        self.width = width
        self.height = height
        let oval = MeshIndex.faceOval.map { mesh.points[$0] }
        let middle = oval.reduce(Point(0, 0), +) * (1 / Float(oval.count))
        func outline(_ scale: Float) -> Plane {
            Plane.filled(polygon: oval.map { middle + ($0 - middle) * scale }, width: width, height: height)
        }
        face = outline(1)
        inner = outline(0.6)
        var band = outline(1.08)
        let hole = outline(0.84)
        for i in band.values.indices { band.values[i] -= hole.values[i] }
        ring = band
        let box = mesh.box
        self.box = Box(
            x: box.x - box.width / 8, y: box.y - box.height / 8, width: box.width * 1.25, height: box.height * 1.25)
    }

    /// Whether a pixel lies outside ``box``.
    func isOutside(_ x: Int, _ y: Int) -> Bool {
        Float(x) < box.x || Float(y) < box.y || Float(x) > box.x + box.width || Float(y) > box.y + box.height
    }
}

extension Picture {
    /// The brightness, 0…255.
    var luma: Plane { crop.luma }

    /// The colours as planes.
    var crop: Crop { sample(.identity, width: width, height: height) }

    /// How many pixels outside all boxes differ at all.
    func changed(from other: Picture, outside regions: [FaceRegions]) -> Int {
        var count = 0
        for y in 0..<height {
            for x in 0..<width where regions.allSatisfy({ $0.isOutside(x, y) }) {
                let i = (y * width + x) * channels
                if (0..<channels).contains(where: { bytes[i + $0] != other.bytes[i + $0] }) { count += 1 }
            }
        }
        return count
    }

    /// The mean absolute difference of the colours where `mask` is over a half.
    func difference(from other: Picture, where mask: Plane) -> Float {
        var sum: Float = 0, n: Float = 0
        for i in mask.values.indices where mask.values[i] > 0.5 {
            for channel in 0..<3 {
                sum += abs(Float(bytes[i * channels + channel]) - Float(other.bytes[i * other.channels + channel]))
            }
            n += 3
        }
        return n > 0 ? sum / n : 0
    }

    /// The mean Cb and Cr (BT.601, about 0) where `mask` is over a half.
    func chroma(where mask: Plane) -> Point {
        var cb: Float = 0, cr: Float = 0, n: Float = 0
        for i in mask.values.indices where mask.values[i] > 0.5 {
            let (r, g, b) = (
                Float(bytes[i * channels]), Float(bytes[i * channels + 1]), Float(bytes[i * channels + 2])
            )
            let y = 0.299 * r + 0.587 * g + 0.114 * b
            cb += 0.564 * (b - y)
            cr += 0.713 * (r - y)
            n += 1
        }
        return n > 0 ? Point(cb / n, cr / n) : Point(0, 0)
    }

    /// The mean gradient magnitude of the brightness, a little smoothed, where `mask` is over a half.
    func gradient(where mask: Plane) -> Float {
        let soft = luma.blurred(sigma: 1)
        var sum: Float = 0, n: Float = 0
        for y in 1..<height - 1 {
            for x in 1..<width - 1 where mask.values[y * width + x] > 0.5 {
                let i = y * width + x
                let dx = soft.values[i + 1] - soft.values[i - 1], dy = soft.values[i + width] - soft.values[i - width]
                sum += (dx * dx + dy * dy).squareRoot() / 2
                n += 1
            }
        }
        return n > 0 ? sum / n : 0
    }

    /// How the brightness steps across the face's outline, at each of its points: a little inside less a little outside,
    /// both averaged over a spot; 0…255.
    func steps(across mesh: FaceMesh) -> [Float] {
        let oval = MeshIndex.faceOval.map { mesh.points[$0] }
        let middle = oval.reduce(Point(0, 0), +) * (1 / Float(oval.count))
        let soft = luma.blurred(sigma: max(1, mesh.box.width / 40))
        return oval.map { point in
            let out = point - middle
            return soft.value(at: middle + out * 0.86) - soft.value(at: middle + out * 1.12)
        }
    }

    /// The mean brightness where `mask` is over a half.
    func brightness(where mask: Plane) -> Float {
        let luma = self.luma
        var sum: Float = 0, n: Float = 0
        for i in mask.values.indices where mask.values[i] > 0.5 {
            sum += luma.values[i]
            n += 1
        }
        return n > 0 ? sum / n : 0
    }

    /// The mean squared difference of the colours outside the boxes.
    func squaredError(to other: Picture, outside regions: [FaceRegions]) -> Double {
        var sum = 0.0, n = 0.0
        for y in 0..<height {
            for x in 0..<width where regions.allSatisfy({ $0.isOutside(x, y) }) {
                for channel in 0..<3 {
                    let d =
                        Double(bytes[(y * width + x) * channels + channel])
                        - Double(other.bytes[(y * width + x) * other.channels + channel])
                    sum += d * d
                }
                n += 3
            }
        }
        return n > 0 ? sum / n : 0
    }
}

/// The peak signal-to-noise ratio of a mean squared error of 8-bit samples, in dB.
func psnr(_ squaredError: Double) -> Double { 10 * log10(255 * 255 / max(squaredError, 1e-6)) }

/// The mean distance of two meshes' points in hundredths of the distance between the eyes.
func meshError(_ a: FaceMesh, _ b: FaceMesh) -> Float {
    let eyes = (a.fivePoints.rightEye - a.fivePoints.leftEye).length
    let sum = zip(a.points, b.points).reduce(Float(0)) { $0 + ($1.0 - $1.1).length }
    return 100 * sum / Float(FaceMesh.count) / eyes
}
