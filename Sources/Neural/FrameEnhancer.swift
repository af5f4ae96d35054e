// Upscales whole pictures through a published or built-in network, tile by tile.

internal import Errors
internal import Faces
package import Inference
package import Pixels

/// A loaded upscaler and how it is used. Safe to share; calls block for as long as the graph takes.
///
/// Beside the result itself only one tile is in memory. Each tile sees more than it answers for and fades into its
/// neighbours, so that seams do not show; beyond the picture's border the edge repeats.
package struct FrameEnhancer: Sendable {
    package let model: FrameEnhancerModel
    /// How much of the network's result shows over the picture scaled up plainly, 0…1 (`--frame-enhancer-blend`).
    package let blend: Float
    private let session: any InferenceSession

    /// The most pixels that a result may have.
    package static let mostPixels = 1 << 28

    /// Takes a loaded upscaler.
    ///
    /// - Parameter blend: the model's own when `nil`.
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is another model.
    package init(model: FrameEnhancerModel, session: any InferenceSession, blend: Float? = nil) throws {
        let side = model.tile
        try session.requireInput(ExpectedTensor(name: "input", shape: [1, 3, side, side]), of: model.name)
        try session.requireOutput(shape: [1, 3, side * model.scale, side * model.scale], of: model.name)
        self.model = model
        self.session = session
        self.blend = min(max(blend ?? model.blend, 0), 1)
    }

    /// The picture at ``FrameEnhancerModel/scale`` times its size; transparency is scaled plainly.
    ///
    /// - Parameter check: called before each tile; what it throws ends the work.
    /// - Throws: ``MasqueError`` (`badInput`) for a picture whose result would be too large; what the model or `check`
    ///   throws.
    package func enhanced(_ picture: Picture, check: () throws -> Void = {}) throws -> Picture {
        let scale = model.scale
        let (width, height) = (picture.width * scale, picture.height * scale)
        guard width <= Self.mostPixels / height else {
            throw MasqueError(
                .badInput, "\(scale) times \(picture.width)×\(picture.height) is too large a picture.",
                advice: "Scale the picture down first, or choose a model that scales less.")
        }
        let (tileWidth, tileHeight) = (tileSide(along: picture.width), tileSide(along: picture.height))
        let columns = TileSpan.covering(
            picture.width, length: tileWidth - 2 * model.margin, feather: model.feather)
        let rows = TileSpan.covering(picture.height, length: tileHeight - 2 * model.margin, feather: model.feather)
        var result = Picture(
            width: width, height: height, channels: picture.channels,
            bytes: [UInt8](repeating: 0, count: width * height * picture.channels))
        for row in rows {
            for column in columns {
                try check()
                let tile = picture.tile(
                    x: column.start - model.margin, y: row.start - model.margin, width: tileWidth,
                    height: tileHeight, scale: 1 / 255)
                let output = try session.run(["input": .float32(tile, shape: [1, 3, tileHeight, tileWidth])]).first?
                    .floats
                guard let output, output.count == 3 * tileWidth * tileHeight * scale * scale else {
                    throw unexpectedTensor(model.name, "does not give \(scale) times the size that it takes")
                }
                lay(output, stride: tileWidth * scale, column: column, row: row, of: picture, into: &result)
            }
        }
        return result
    }

    /// How long a tile is along a side of the picture. Our own graphs take tiles of any size: as many as it takes, of one
    /// size and no larger than needed.
    private func tileSide(along side: Int) -> Int {
        guard model.isBuiltIn else { return model.tile }
        let most = model.tile - 2 * model.margin
        let count = TileSpan.covering(side, length: most, feather: model.feather).count
        let length = (side + (count - 1) * model.feather + count - 1) / count
        return min(model.tile, (length + 2 * model.margin + 7) / 8 * 8)
    }

    /// Blends a tile's result with the picture and lays it over what is there.
    private func lay(
        _ output: [Float], stride: Int, column: TileSpan, row: TileSpan, of picture: Picture, into result: inout Picture
    ) {
        let scale = model.scale, inner = model.margin * scale, plane = output.count / 3, blend = blend
        let across = UpscaleTaps(start: column.start, length: column.length, scale: scale, side: picture.width)
        let down = UpscaleTaps(start: row.start, length: row.length, scale: scale, side: picture.height)
        let channels = picture.channels, width = result.width
        result.bytes.withUnsafeMutableBufferPointer { out in
            picture.bytes.withUnsafeBufferPointer { old in
                output.withUnsafeBufferPointer { new in
                    for y in 0..<row.length * scale {
                        let vertical = row.share(at: (Float(y) + 0.5) / Float(scale) - 0.5)
                        let (top, bottom, lower) = down[y]
                        for x in 0..<column.length * scale {
                            let share = vertical * column.share(at: (Float(x) + 0.5) / Float(scale) - 0.5)
                            let (left, right, later) = across[x]
                            let place = ((row.start * scale + y) * width + column.start * scale + x) * channels
                            let from = (y + inner) * stride + x + inner
                            for channel in 0..<channels {
                                func at(_ line: Int, _ pixel: Int) -> Float {
                                    Float(old[(line * picture.width + pixel) * channels + channel])
                                }
                                let upper = at(top, left) + (at(top, right) - at(top, left)) * later
                                let under = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * later
                                var value = upper + (under - upper) * lower
                                if channel < 3 {
                                    let level = new[channel * plane + from]
                                    let cut = level > 0 ? min(level, 1) * 255 : 0
                                    value += (cut - value) * blend
                                }
                                let before = Float(out[place + channel])
                                out[place + channel] = UInt8(min(max(before + (value - before) * share + 0.5, 0), 255))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// For each pixel of a span scaled up: the two pixels of the picture that it lies between, and the share of the second.
private struct UpscaleTaps {
    private let taps: [(Int, Int, Float)]

    init(start: Int, length: Int, scale: Int, side: Int) {
        taps = (0..<length * scale).map { place in
            let position = (Float(start * scale + place) + 0.5) / Float(scale) - 0.5
            let cut = min(max(position, 0), Float(side - 1))
            let first = Int(cut)
            return (first, min(first + 1, side - 1), cut - Float(first))
        }
    }

    subscript(place: Int) -> (Int, Int, Float) { taps[place] }
}

extension NeuralModels {
    /// An upscaler by name.
    ///
    /// - Throws: ``MasqueError`` (`missingModel`, `damagedModel`).
    package func frameEnhancer(_ model: FrameEnhancerModel = .standard, blend: Float? = nil) throws -> FrameEnhancer {
        try FrameEnhancer(model: model, session: session(model.name), blend: blend)
    }
}
