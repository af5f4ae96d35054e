// Faces in the decoder's planes are the faces of the picture.

import Faces
import Pixels
import Testing

extension Picture {
    /// Lends the picture as an 8-bit 4:2:0 frame, BT.709, limited range.
    func withFrame<R>(_ body: (PlanarYUV) throws -> R) rethrows -> R {
        let chromaWidth = (width + 1) / 2, chromaHeight = (height + 1) / 2
        var y = [UInt8](repeating: 16, count: width * height)
        var u = [UInt8](repeating: 128, count: chromaWidth * chromaHeight)
        var v = u
        func code(_ value: Float) -> UInt8 { UInt8(min(max(value.rounded(), 0), 255)) }
        for row in 0..<height {
            for column in 0..<width {
                let i = (row * width + column) * channels
                let r = Float(bytes[i]), g = Float(bytes[i + 1]), b = Float(bytes[i + 2])
                let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
                y[row * width + column] = code(16 + luma * 219 / 255)
                if row % 2 == 0, column % 2 == 0 {
                    let k = row / 2 * chromaWidth + column / 2
                    u[k] = code(128 + (b - luma) / 1.8556 * 224 / 255)
                    v[k] = code(128 + (r - luma) / 1.5748 * 224 / 255)
                }
            }
        }
        return try y.withUnsafeMutableBufferPointer { y in
            try u.withUnsafeMutableBufferPointer { u in
                try v.withUnsafeMutableBufferPointer { v in
                    guard let y = y.baseAddress, let u = u.baseAddress, let v = v.baseAddress else {
                        preconditionFailure("A picture has at least one pixel.")
                    }
                    return try body(
                        PlanarYUV(
                            width: width, height: height, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1,
                            chromaSitedLeft: true, color: .bt709(fullRange: false), y: y, u: u, v: v, yStride: width,
                            uvStride: chromaWidth))
                }
            }
        }
    }
}

@Suite struct FrameTests {
    @Test(arguments: ["samples/astronaut.png", "samples/grace_hopper.jpg"])
    func `A frame's planes give the mesh and identity that the picture gives`(name: String) throws {
        let picture = try Samples.picture(name)
        let finder = try Samples.models.finder()
        let inPicture = try finder.faces(in: picture)
        let inFrame = try picture.withFrame { try finder.faces(in: $0) }
        #expect(inPicture.count == 1 && inFrame.count == 1)
        for (a, b) in zip(inPicture, inFrame) {
            let size = a.points.size
            let offset = zip(a.mesh.points, b.mesh.points).reduce(Float(0)) { $0 + ($1.0 - $1.1).length } / 468
            #expect(offset < 0.015 * size)
            let distance = try #require(a.embedding).distance(to: try #require(b.embedding))
            #expect(distance < 0.15)
        }
    }
}
