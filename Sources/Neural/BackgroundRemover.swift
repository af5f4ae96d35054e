// Cuts a picture's subject out: transparency in the background's place, or a colour.

package import Faces
package import Inference
package import Pixels

/// What takes the background's place.
package struct GroundColour: Sendable, Hashable {
    package var red: UInt8
    package var green: UInt8
    package var blue: UInt8
    /// 0 leaves nothing but transparency.
    package var alpha: UInt8

    /// Makes a colour (`--background-remover-color`).
    package init(red: UInt8 = 0, green: UInt8 = 0, blue: UInt8 = 0, alpha: UInt8 = 0) {
        (self.red, self.green, self.blue, self.alpha) = (red, green, blue, alpha)
    }

    /// Nothing at all.
    package static let transparent = GroundColour()
}

/// A way to tell the subject from the background. Safe to share; calls block for as long as the graph takes.
package struct BackgroundRemover: Sendable {
    private enum Source: Sendable {
        case published(RemoverModel, any InferenceSession)
        case people(PersonSegmenter)
    }

    private let source: Source
    /// Whether the mask is of Masque's own segmenter, which is coarse; published masks are taken as they are.
    private var isOwn: Bool { if case .people = source { true } else { false } }

    /// Takes a loaded published model.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is another model.
    package init(model: RemoverModel, session: any InferenceSession) throws {
        let size = model.size
        try session.requireInput(ExpectedTensor(name: "input", shape: [1, 3, size, size]), of: model.name)
        guard let shape = session.outputs.first?.shape else { throw unexpectedTensor(model.name, "gives no output") }
        // Some exports leave the plane's dimension of one out.
        let due = shape.count == 3 && model.classes == 1 ? [1, size, size] : [1, model.classes, size, size]
        try session.requireOutput(shape: due, of: model.name)
        source = .published(model, session)
    }

    /// Uses the segmenter of people that comes with Masque; its edges are drawn along those of the picture.
    package init(people: PersonSegmenter) {
        source = .people(people)
    }

    /// 1 on the subject, 0 on the background, at a size of the model's own; see ``alpha(of:)``.
    private func mask(of picture: Picture) throws -> Plane {
        switch source {
        case .people(let segmenter):
            return try picture.segmented(by: segmenter)
        case .published(let model, let session):
            let input = picture.fitted(to: model.size).normalised(mean: model.mean, deviation: model.deviation)
            let count = model.size * model.size
            guard let values = try session.run(["input": input]).first?.floats, values.count == model.classes * count
            else { throw unexpectedTensor(model.name, "gives another number of pixels than it takes") }
            let mask: [Float]
            if model.classes == 1 {
                mask = values.map { $0 > 0 ? min($0, 1) : 0 }
            } else {
                mask = (0..<count).map { i in
                    (1..<model.classes).contains { values[$0 * count + i] > values[i] } ? 1 : 0
                }
            }
            return Plane(width: model.size, height: model.size, values: mask)
        }
    }

    /// 1 on the subject, 0 on the background, at the picture's size.
    ///
    /// - Parameter memory: in a video, the frames before; Masque's own segmenter is held steady by them.
    /// - Throws: what the model throws.
    package func alpha(of picture: Picture, memory: inout MaskMemory) throws -> Plane {
        let mask = try mask(of: picture)
        if isOwn { return picture.refined(memory.follow(mask).settled()) }
        let (x, y) = (Float(mask.width) / Float(picture.width), Float(mask.height) / Float(picture.height))
        var result = Plane(width: picture.width, height: picture.height)
        for row in 0..<picture.height {
            for column in 0..<picture.width {
                result.values[row * picture.width + column] = mask.value(
                    at: Point((Float(column) + 0.5) * x - 0.5, (Float(row) + 0.5) * y - 0.5))
            }
        }
        return result
    }

    /// The same for a single picture.
    package func alpha(of picture: Picture) throws -> Plane {
        var memory = MaskMemory()
        return try alpha(of: picture, memory: &memory)
    }

    /// The same for a single picture.
    package func removed(
        from picture: Picture, ground: GroundColour = .transparent, check: () throws -> Void = {}
    ) throws -> Picture {
        var memory = MaskMemory()
        return try removed(from: picture, ground: ground, memory: &memory, check: check)
    }

    /// The picture with another ground: with transparency (the picture's own is kept), or without when `ground` is
    /// opaque. With Masque's own segmenter nothing of the ground is left in the colours of transparent pixels.
    ///
    /// - Parameters:
    ///   - memory: in a video, the frames before.
    ///   - check: called before and after the model; what it throws ends the work.
    /// - Throws: what the model or `check` throws.
    package func removed(
        from picture: Picture, ground: GroundColour = .transparent, memory: inout MaskMemory,
        check: () throws -> Void = {}
    ) throws -> Picture {
        try check()
        let alpha = try alpha(of: picture, memory: &memory)
        try check()
        let channels = ground.alpha == 255 ? 3 : 4
        let colours = isOwn ? picture.foreground(alpha: alpha) : nil
        let behind = [Float(ground.red), Float(ground.green), Float(ground.blue)]
        var bytes = [UInt8](repeating: 0, count: picture.width * picture.height * channels)
        for i in 0..<picture.width * picture.height {
            let own: Float = picture.channels == 4 ? Float(picture.bytes[4 * i + 3]) / 255 : 1
            let front = alpha.values[i] * own
            let back = (1 - front) * Float(ground.alpha) / 255
            let whole = front + back
            for channel in 0..<3 {
                let value = Float(colours?[3 * i + channel] ?? picture.bytes[i * picture.channels + channel])
                // Where nothing shows there are colours too: a viewer that scales the picture mixes them in.
                let mixed = whole > 0 ? (value * front + behind[channel] * back) / whole : value
                bytes[i * channels + channel] = UInt8(min(max(mixed + 0.5, 0), 255))
            }
            if channels == 4 { bytes[4 * i + 3] = UInt8(min(max(whole * 255 + 0.5, 0), 255)) }
        }
        return Picture(width: picture.width, height: picture.height, channels: channels, bytes: bytes)
    }
}

extension Picture {
    /// The mask of people, 256 pixels on the longer side (the shorter has fewer).
    ///
    /// The segmenter looks at a square. A wide picture squeezed into it makes people narrow, and it then takes ground
    /// beside them for theirs; so the square is filled up with repeats of the picture's edges, above a wide picture (where
    /// people stand on the lower edge) and on both sides of a high one. A picture more than twice as long as it is wide is
    /// squeezed all the same, so that something is left of its short side.
    fileprivate func segmented(by segmenter: PersonSegmenter) throws -> Plane {
        let side = PersonSegmenter.side, longest = max(width, height)
        func share(_ length: Int) -> Int { max(Int((Float(side * length) / Float(longest)).rounded()), side / 2) }
        let columns = share(width), rows = share(height)
        let left = (side - columns) / 2, top = side - rows
        let x = Float(width) / Float(columns), y = Float(height) / Float(rows)
        let view = Affine(
            a: x, b: 0, tx: (0.5 - Float(left)) * x - 0.5, c: 0, d: y, ty: (0.5 - Float(top)) * y - 0.5)
        let square = try segmenter.mask(of: view, in: self)
        return Plane(
            width: columns, height: rows,
            values: (top..<side).flatMap { square.values[$0 * side + left..<$0 * side + left + columns] })
    }
}

extension NeuralModels {
    /// A background remover by name; the segmenter of people that comes with Masque when `nil`.
    ///
    /// - Throws: ``MasqueError`` (`missingModel`, `damagedModel`).
    package func backgroundRemover(_ model: RemoverModel? = nil) throws -> BackgroundRemover {
        guard let model else {
            return BackgroundRemover(people: try FaceModels(library, policy: policy).personSegmenter())
        }
        return try BackgroundRemover(model: model, session: session(model.name))
    }
}
