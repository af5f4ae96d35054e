// Gives colour to black-and-white pictures: lightness stays, a network says the colours.

internal import Faces
package import Inference
package import Pixels

/// One published colouriser, by the name of its file.
///
/// Source: FaceFusion 3.5.2's model table.
package struct ColorizerModel: Sendable, Hashable {
    /// What goes in and comes out.
    package enum Kind: Sendable, Hashable {
        /// Grey as R, G, B 0…1 in; a* and b* out (Kang et al., "DDColor", 2023).
        case opponents
        /// Grey as R, G, B 0…255 in; R, G, B 0…255 out (J. Antic, "DeOldify", 2019).
        case colours
    }

    /// The file's name without its suffix, as `--frame-colorizer-model` takes it.
    package let name: String
    package let kind: Kind

    /// All of them.
    package static let all: [ColorizerModel] =
        ["ddcolor", "ddcolor_artistic"].map { ColorizerModel(name: $0, kind: .opponents) }
        + ["deoldify", "deoldify_artistic", "deoldify_stable"].map { ColorizerModel(name: $0, kind: .colours) }

    /// The sides in pixels at which the network may look (`--frame-colorizer-size`); 256 is FaceFusion's default.
    package static let sizes = [192, 256, 384, 512]

    /// The model of a name, if there is one.
    package init?(named name: String) {
        guard let model = Self.all.first(where: { $0.name == name }) else { return nil }
        self = model
    }

    private init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }

    /// The files that must be there.
    package var files: [String] { [name] }
}

/// A loaded colouriser and how it is used. Safe to share; calls block for as long as the graph takes.
package struct FrameColorizer: Sendable {
    package let model: ColorizerModel
    /// How much of the colour shows, 0…1 (`--frame-colorizer-blend` in hundredths).
    package let blend: Float
    /// The side at which the network looks.
    package let size: Int
    private let session: any InferenceSession

    /// Takes a loaded colouriser.
    ///
    /// - Parameter size: one of ``ColorizerModel/sizes``.
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is another model.
    package init(model: ColorizerModel, session: any InferenceSession, size: Int = 256, blend: Float = 1) throws {
        precondition(ColorizerModel.sizes.contains(size))
        try session.requireInput(ExpectedTensor(name: "input", shape: [1, 3, size, size]), of: model.name)
        try session.requireOutput(shape: [1, model.kind == .opponents ? 2 : 3, size, size], of: model.name)
        self.model = model
        self.session = session
        self.size = size
        self.blend = min(max(blend, 0), 1)
    }

    /// The picture in colour; its lightness and transparency stay.
    ///
    /// - Parameter check: called now and then; what it throws ends the work.
    /// - Throws: what the model or `check` throws.
    package func colorized(_ picture: Picture, check: () throws -> Void = {}) throws -> Picture {
        try check()
        let colours = try colours(of: picture)
        var result = picture
        let (width, channels) = (picture.width, picture.channels)
        let across = (0..<width).map { (Float($0) + 0.5) * Float(size) / Float(width) - 0.5 }
        for y in 0..<picture.height {
            if y % 64 == 63 { try check() }
            let row = (Float(y) + 0.5) * Float(size) / Float(picture.height) - 0.5
            for x in 0..<width {
                let place = (y * width + x) * channels
                let red = Float(picture.bytes[place]), green = Float(picture.bytes[place + 1])
                let blue = Float(picture.bytes[place + 2])
                let at = Point(across[x], row)
                var lab = Lab(red: red, green: green, blue: blue)
                switch model.kind {
                case .opponents:
                    lab.a = colours[0].value(at: at)
                    lab.b = colours[1].value(at: at)
                case .colours:
                    let new = Lab(
                        red: colours[0].value(at: at), green: colours[1].value(at: at), blue: colours[2].value(at: at))
                    lab.a = new.a
                    lab.b = new.b
                }
                let rgb = lab.rgb
                func mixed(_ old: Float, _ new: Float) -> UInt8 {
                    UInt8(min(max(old + (new - old) * blend + 0.5, 0), 255))
                }
                result.bytes[place] = mixed(red, rgb.red)
                result.bytes[place + 1] = mixed(green, rgb.green)
                result.bytes[place + 2] = mixed(blue, rgb.blue)
            }
        }
        return result
    }

    /// What the network says of a picture, as planes of ``size``×``size``.
    private func colours(of picture: Picture) throws -> [Plane] {
        let grey = picture.fitted(to: size).luma
        let scale: Float = model.kind == .opponents ? 1 / 255 : 1
        let values = grey.values.map { $0 * scale }
        let planes = model.kind == .opponents ? 2 : 3, count = size * size
        guard
            let output = try session.run(["input": .float32(values + values + values, shape: [1, 3, size, size])])
                .first?.floats, output.count == planes * count
        else { throw unexpectedTensor(model.name, "gives another number of pixels than it takes") }
        return (0..<planes).map { plane in
            let part = output[plane * count..<(plane + 1) * count].map { $0.isFinite ? $0 : 0 }
            return Plane(
                width: size, height: size,
                values: model.kind == .opponents ? part : part.map { min(max($0, 0), 255) })
        }
    }
}

extension Picture {
    /// The whole picture as a square crop, each axis scaled on its own.
    func fitted(to side: Int) -> Crop {
        let (x, y) = (Float(width) / Float(side), Float(height) / Float(side))
        return sample(
            Affine(a: x, b: 0, tx: (x - 1) / 2, c: 0, d: y, ty: (y - 1) / 2), width: side, height: side)
    }
}

extension NeuralModels {
    /// A colouriser by name.
    ///
    /// - Throws: ``MasqueError`` (`missingModel`, `damagedModel`).
    package func frameColorizer(_ model: ColorizerModel, size: Int = 256, blend: Float = 1) throws -> FrameColorizer {
        try FrameColorizer(model: model, session: session(model.name), size: size, blend: blend)
    }
}
