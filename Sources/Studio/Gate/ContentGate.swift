// The check that sources and targets pass before anything is made of them.

package import Errors
package import Faces
internal import Foundation
package import Inference
package import Pixels

/// Refuses sexual imagery. It is on everywhere; no option, request or setting switches it off, and without its model
/// nothing is made.
///
/// Model: Yahoo's open-nsfw (BSD-2), a ResNet-50-thin that gives the probability that a picture is not safe for work;
/// input 224×224, B G R minus (104, 117, 123).
package struct ContentGate: Sendable {
    /// A picture is refused when the model's probability is at least this.
    package static let threshold: Float = 0.8
    /// A video is refused when more than this share of its samples is at or over the threshold.
    package static let videoShare = 0.1
    /// The model's id in the manifest.
    package static let model = "open_nsfw"

    private let session: any InferenceSession
    private let input: String

    /// Loads the model.
    ///
    /// - Throws: `.missingModel` or `.damagedModel`: the gate fails closed.
    package init(_ library: ModelLibrary = .shared, policy: ExecutionPolicy = ExecutionPolicy()) throws {
        session = try library.session(Self.model, policy: policy)
        guard let first = session.inputs.first else {
            throw MasqueError(
                .damagedModel, "The content gate's model \(Self.model) has no input.", advice: Installation.setupAdvice)
        }
        input = first.name
    }

    /// The probability, 0…1, that a region is not safe for work.
    ///
    /// - Parameter transform: maps 224×224 crop pixels to the frame.
    package func score(of surface: some Surface, through transform: Affine) throws -> Float {
        let size = 224, count = 224 * 224
        let crop = surface.sampleByQuarters(transform, width: size, height: size)
        let means: [Float] = [123, 117, 104]
        var values = [Float](repeating: 0, count: 3 * count)
        for channel in 0..<3 {
            // Crop channels are R, G, B; the model's are B, G, R, last.
            for i in 0..<count { values[3 * i + 2 - channel] = crop.values[channel * count + i] - means[channel] }
        }
        let result = try session.run([input: .float32(values, shape: [1, size, size, 3])], outputs: [])
        guard let probabilities = result.first?.floats, probabilities.count >= 2, probabilities[1].isFinite else {
            throw MasqueError(
                .damagedModel, "The content gate's model gave no probability.", advice: Installation.setupAdvice)
        }
        return probabilities[1]
    }

    /// The highest score of a picture: whole, and around each face.
    ///
    /// - Parameters:
    ///   - boxes: where the faces are; the eight largest count.
    ///   - turn: how far clockwise the frame is turned for showing; the model sees it as a person does.
    package func score(of surface: some Surface, boxes: [Box], turn: QuarterTurn = .upright) throws -> Float {
        var highest = try score(of: surface, through: Self.whole(surface, turn: turn))
        for box in boxes.sorted(by: { $0.area > $1.area }).prefix(8) {
            highest = max(highest, try score(of: surface, through: Self.neighbourhood(of: box, turn: turn)))
        }
        return highest
    }

    /// Lets a picture pass or refuses it.
    ///
    /// A picture with transparent pixels shows something else on every ground, and what its colours say may not be
    /// what people see: it is looked at as stored, on black and on white.
    ///
    /// - Parameter role: `source`, `target` or `reference`, as the sentence names it.
    /// - Throws: ``MasqueError`` `.refusedContent`.
    package func check(_ picture: Picture, faces: [Face], role: String, name: String) throws {
        try check(picture, boxes: faces.map(\.box), role: role, name: name)
    }

    /// As ``check(_:faces:role:name:)``, with the boxes of faces.
    package func check(_ picture: Picture, boxes: [Box], role: String, name: String) throws {
        let views = picture.isTransparent ? [picture, picture.laid(on: 0), picture.laid(on: 255)] : [picture]
        for view in views {
            guard try score(of: view, boxes: boxes) < Self.threshold else {
                throw Self.refusal(role: role, name: name)
            }
        }
    }

    /// The refusal, as a person reads it.
    package static func refusal(role: String, name: String) -> MasqueError {
        MasqueError(
            .refusedContent, "The \(role) “\(name)” looks like sexual imagery, which Masque does not work on.",
            advice: "Use another file; docs/policy.md says what is checked and how.")
    }

    /// The whole frame squeezed to a square, as the model was trained.
    static func whole(_ surface: some Surface, turn: QuarterTurn) -> Affine {
        let sx = Float(surface.width) / 224, sy = Float(surface.height) / 224
        let squeezed = Affine(a: sx, b: 0, tx: sx / 2 - 0.5, c: 0, d: sy, ty: sy / 2 - 0.5)
        return squeezed.after(.crop(center: Point(111.5, 111.5), side: 224, angle: angle(turn), size: 224))
    }

    /// A square four times the face, shifted down to take in the body.
    static func neighbourhood(of box: Box, turn: QuarterTurn) -> Affine {
        let side = max(box.width, box.height)
        let angle = angle(turn)
        let center = Point(box.center.x - sin(angle) * side, box.center.y + cos(angle) * side)
        return .crop(center: center, side: side * 4, angle: angle, size: 224)
    }

    /// The direction, in the stored frame, of what is shown as a line to the right; in radians.
    private static func angle(_ turn: QuarterTurn) -> Float { -Float(turn.rawValue) * .pi / 180 }
}
