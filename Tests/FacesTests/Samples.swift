// The pictures that tests look at, and the models they look with.

import Faces
import Foundation
import Inference
import Pixels
import Testing

/// Pictures in the cache that `scripts/setup` fills.
enum Samples {
    static let installation = Installation()
    static let models = FaceModels()

    /// The models on another number of threads.
    static func models(threads: Int) -> FaceModels { FaceModels(policy: ExecutionPolicy(threads: threads)) }

    /// A sample picture, such as `samples/astronaut.png`, scaled so that its longest side is at most `longest`.
    static func picture(_ name: String, longest: Int? = nil) throws -> Picture {
        let file = installation.cache.appendingPathComponent(name)
        try #require(FileManager.default.fileExists(atPath: file.path), "Run scripts/setup: \(name) is missing.")
        var arguments = ["-v", "error", "-i", file.path]
        if let longest {
            let size = "min(\(longest),iw)"
            let high = "min(\(longest),ih)"
            arguments += ["-vf", "scale='\(size)':'\(high)':force_original_aspect_ratio=decrease:flags=area"]
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ffmpeg"] + arguments + ["-f", "image2pipe", "-vcodec", "ppm", "-pix_fmt", "rgb24", "-"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try #require(Picture(ppm: data))
    }

    /// A test face, such as `biden.jpg`, at most 1000 pixels long.
    static func testFace(_ name: String) throws -> Picture { try picture("test-faces/\(name)", longest: 1000) }
    static func astronaut() throws -> Picture { try picture("samples/astronaut.png") }
    static func hopper() throws -> Picture { try picture("samples/grace_hopper.jpg") }
}

extension Picture {
    /// Reads a binary PPM.
    init?(ppm data: Data) {
        var fields: [Int] = []
        var index = data.startIndex + 2
        guard data.starts(with: [0x50, 0x36]) else { return nil }
        while fields.count < 3, index < data.endIndex {
            var digits = 0
            while index < data.endIndex, data[index] <= 32 { index += 1 }
            while index < data.endIndex, (48...57).contains(data[index]) {
                digits = digits * 10 + Int(data[index] - 48)
                index += 1
            }
            fields.append(digits)
        }
        guard fields.count == 3, data.endIndex - index - 1 == fields[0] * fields[1] * 3 else { return nil }
        self.init(width: fields[0], height: fields[1], channels: 3, bytes: [UInt8](data[(index + 1)...]))
    }

    /// The picture as seen through `transform` (new pixel → old pixel), black outside.
    func seen(through transform: Affine, width: Int, height: Int) -> Picture {
        sample(transform, width: width, height: height, outsideIsBlack: true).picture
    }

    /// The picture scaled by `factor`.
    func scaled(_ factor: Float) -> Picture {
        let s = 1 / factor
        return seen(
            through: Affine(a: s, b: 0, tx: (s - 1) / 2, c: 0, d: s, ty: (s - 1) / 2),
            width: max(1, Int(Float(width) * factor)), height: max(1, Int(Float(height) * factor)))
    }

    /// The transform (new → old) of a turn by `degrees` clockwise about the middle, and the picture turned.
    func turned(_ degrees: Float) -> (picture: Picture, transform: Affine) {
        let angle = -degrees * .pi / 180
        let side = Int((Float(width * width + height * height)).squareRoot())
        let transform = Affine.crop(
            center: Point(Float(width - 1) / 2, Float(height - 1) / 2), side: Float(side), angle: angle, size: side)
        return (seen(through: transform, width: side, height: side), transform)
    }
}
