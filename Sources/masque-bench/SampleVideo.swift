// Videos and pictures with faces of known size and motion, made from the sample portrait.
internal import Errors
internal import Faces
internal import Foundation
internal import ImageIO
internal import Inference
internal import Pixels
internal import VideoIO

/// The stage on which the bench's targets play: a panning ground without faces, and one or more heads that move.
///
/// The ground is the lower part of the portrait (suit, flag, shuttle), mirrored over the whole frame. Head k of n
/// sways around the middle of the k-th of n columns by up to 6 % of the face's height, turns by ±5° and grows and
/// shrinks by 4 %, each with its own period; the ground pans by ±24 pixels.
struct SampleStage {
    /// The picture that is the source of all swaps.
    static var source: String { Installation().samples.appendingPathComponent("grace_hopper.jpg").path }
    private static var portraitPath: String { Installation().samples.appendingPathComponent("astronaut.png").path }
    private static let margin = 32

    let width: Int
    let height: Int
    private let ground: Crop
    private let groundMask: Plane
    private let head: Crop
    private let headMask: Plane
    private let faceHeight: Float
    private let faces: Int

    /// Sets the stage.
    ///
    /// - Parameter faceHeight: pixels from the mesh's top to its chin.
    init(width: Int, height: Int, faces: Int = 1, faceHeight: Float = 240) throws {
        let (portrait, _) = try decodePicture(at: Self.portraitPath)
        guard let face = try FaceModels().finder(embeddings: false).faces(in: portrait).first else {
            throw MasqueError(.noFace, "The sample portrait shows no face.", advice: Installation.setupAdvice)
        }
        let box = face.mesh.box
        self.width = width
        self.height = height
        self.faces = faces
        self.faceHeight = faceHeight
        // Pixels of the portrait for one of the frame.
        let scale = box.height / faceHeight
        let headWidth = Int(faceHeight * 1.3), headHeight = Int(faceHeight * 1.7)
        head = portrait.sample(
            Affine(
                a: scale, b: 0, tx: box.center.x - scale * Float(headWidth) / 2, c: 0, d: scale,
                ty: box.center.y - scale * Float(headHeight) / 2), width: headWidth, height: headHeight)
        headMask = Self.oval(headWidth, headHeight, feather: faceHeight * 0.06)
        let top = min(portrait.height - 2, Int(box.y + box.height * 2))
        (ground, groundMask) = Self.mirrored(portrait, from: top, width: width, height: height)
    }

    private static func mirrored(_ picture: Picture, from top: Int, width: Int, height: Int) -> (Crop, Plane) {
        let (w, h) = (width + 2 * margin, height + 2 * margin)
        let rows = picture.height - top
        var crop = Crop(width: w, height: h)
        func folded(_ value: Int, _ size: Int) -> Int {
            let place = value % (2 * size)
            return place < size ? place : 2 * size - 1 - place
        }
        let columns = (0..<w).map { folded($0, picture.width) * picture.channels }
        for y in 0..<h {
            let row = (top + folded(y, rows)) * picture.width * picture.channels
            for channel in 0..<3 {
                let start = channel * w * h + y * w
                for x in 0..<w { crop.values[start + x] = Float(picture.bytes[row + columns[x] + channel]) }
            }
        }
        return (crop, Plane(width: w, height: h, fill: 1))
    }

    /// 1 inside an oval that touches the sides, falling to 0 over `feather` pixels.
    private static func oval(_ width: Int, _ height: Int, feather: Float) -> Plane {
        var mask = Plane(width: width, height: height)
        let (rx, ry) = (Float(width) / 2, Float(height) / 2)
        for y in 0..<height {
            for x in 0..<width {
                let u = (Float(x) + 0.5 - rx) / rx, v = (Float(y) + 0.5 - ry) / ry
                mask.values[y * width + x] = min(1, max(0, (1 - (u * u + v * v).squareRoot()) * rx / feather))
            }
        }
        return mask
    }

    /// Draws the frame of a time in seconds.
    func draw(_ time: Float, on surface: inout some Surface) {
        let pan = Point(24 * sin(0.9 * time) - Float(Self.margin), 18 * sin(0.7 * time) - Float(Self.margin))
        surface.paste(
            ground, mask: groundMask, through: Affine(a: 1, b: 0, tx: pan.x, c: 0, d: 1, ty: pan.y))
        for k in 0..<faces {
            let phase = 1.7 * Float(k)
            let middle = Point(
                Float(width) * (Float(k) + 0.5) / Float(faces) + 0.06 * faceHeight * sin(1.9 * time + phase),
                Float(height) / 2 + 0.05 * faceHeight * sin(1.3 * time + 2 * phase))
            let growth = 1 + 0.04 * sin(0.8 * time + phase), angle = 0.09 * sin(1.1 * time + phase)
            let (c, s) = (growth * cos(angle), growth * sin(angle))
            let (cx, cy) = (Float(head.width) / 2, Float(head.height) / 2)
            surface.paste(
                head, mask: headMask,
                through: Affine(
                    a: c, b: -s, tx: middle.x - c * cx + s * cy, c: s, d: c, ty: middle.y - s * cx - c * cy))
        }
    }

    /// Writes a video of 30 frames a second: H.264 at quality 60 (rate factor 20), `veryfast`, without sound.
    func write(frames: Int, to path: String) throws {
        let writer = try VideoWriter(path: path, source: nil, options: EncodeOptions(container: .mp4, quality: 60))
        for index in 0..<frames {
            let frame = try VideoFrame.blank(width: width, height: height, index: index, rate: Rational(30, 1))
            try frame.withWritablePlanes { planes in
                var planes = planes
                draw(Float(index) / 30, on: &planes)
            }
            try writer.write(frame)
        }
        try writer.finish()
    }
}
