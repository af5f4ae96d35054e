// Tone and contrast of a crop changed by smooth fields, and the logarithms such fields are made in.

internal import CPixels

/// How a crop's tone changes; planes of a quarter of the crop's size.
package struct ToneFields {
    let stack: PlaneStack

    /// Names the fields.
    ///
    /// - Parameters:
    ///   - brightness: the factor of all channels.
    ///   - lit: the luma at which a pixel takes all of the tint, from three quarters on.
    ///   - tint: what each channel's factor beside brightness is more than 1; R, G, B.
    package init(brightness: Plane, lit: Plane, tint: [Plane]) {
        precondition(tint.count == 3)
        stack = PlaneStack([brightness, lit] + tint)
    }
}

/// A luma plane and what two Gaussian blurs and a coarse one leave of it: the borders of three bands of detail.
package struct LumaBands {
    package let luma: Plane
    package let fine: Plane
    package let middle: Plane
    /// A quarter of the size.
    package let broad: Plane

    /// Splits a luma plane; `broad` is its coarse blur at a quarter of the size.
    package init(luma: Plane, fine: Float, middle: Float, broad: Plane) {
        precondition(luma.width == 4 * broad.width && luma.height == 4 * broad.height)
        self.luma = luma
        self.fine = luma.blurred(sigma: fine)
        self.middle = luma.blurred(sigma: middle)
        self.broad = broad
    }

    /// The weighted sums of the bands' magnitudes, finest first, over every second row and column; a pixel counts by
    /// the cell of `weight` (a quarter of the size) it lies in, if above `least`.
    package func energies(weight: Plane, above least: Float) -> [Float] {
        precondition(weight.width == broad.width && weight.height == broad.height)
        var sums = [Float](repeating: 0, count: 3)
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * luma.width) { scratch in
            unsafe cpx_energies(
                luma.values, fine.values, middle.values, broad.values, Int32(luma.width), Int32(luma.height),
                weight.values, least, &sums, scratch.baseAddress)
        }
        return sums
    }
}

/// How a crop's bands and colour contrast change.
package struct DetailChange {
    /// The factor of each band, finest first.
    package var gains: [Float]
    /// How much of the target's finest band is lent; what exceeds `most` is an edge and not lent at all.
    package var grain: Float, most: Float
    /// The factor of what each pixel's colour differs from that of its surroundings.
    package var colour: Float

    /// Makes a change.
    package init(gains: [Float], grain: Float, most: Float, colour: Float) {
        precondition(gains.count == 3)
        self.gains = gains
        self.grain = grain
        self.most = most
        self.colour = colour
    }
}

extension Crop {
    /// Changes the tone: (value + offset)·brightness·(1 + share·tint) − offset, cut to 0…255, where the share grows
    /// from 0 to 1 as a pixel's luma grows from 0.18 to 0.58 of `lit`.
    ///
    /// - Returns: the result's luma.
    package mutating func tone(by fields: ToneFields, offset: Float) -> Plane {
        let (width, height) = (self.width, self.height)
        precondition(width == 4 * fields.stack.width && height == 4 * fields.stack.height)
        let luma = unsafe [Float](unsafeUninitializedCapacity: width * height) { out, filled in
            unsafe values.withUnsafeMutableBufferPointer { pixels in
                unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 6 * width) { scratch in
                    unsafe cpx_tone(
                        pixels.baseAddress, out.baseAddress, Int32(width), Int32(height), fields.stack.values, offset,
                        scratch.baseAddress)
                }
            }
            filled = width * height
        }
        return Plane(width: width, height: height, values: luma)
    }

    /// Changes detail and colour contrast.
    ///
    /// - Parameters:
    ///   - own: the crop's luma bands.
    ///   - target: the target's, whose finest band is lent by the square of `lending`.
    ///   - low: what R, G and B differ from luma in the surroundings; with `lips` (where colour stays), `lending` and
    ///     the bands' `broad` of a quarter of the crop's size.
    ///   - skin: 1 on plain skin; elsewhere, on eyes and brows, bands are hardly turned down.
    package mutating func finish(
        _ change: DetailChange, own: LumaBands, target: LumaBands, lending: Plane, low: [Plane], lips: Plane,
        skin: Plane
    ) {
        precondition(low.count == 3 && own.luma.width == width && target.luma.width == width)
        precondition(own.luma.height == height && target.luma.height == height)
        let fields = PlaneStack([own.broad, lending] + low + [lips, skin])
        let (width, height) = (self.width, self.height)
        unsafe values.withUnsafeMutableBufferPointer { pixels in
            unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 8 * width) { scratch in
                unsafe cpx_finish(
                    pixels.baseAddress, own.luma.values, own.fine.values, own.middle.values, target.luma.values,
                    target.fine.values, Int32(width), Int32(height), fields.values, change.gains, change.grain,
                    change.most, change.colour, scratch.baseAddress)
            }
        }
    }

    /// The natural logarithm of every value (at least 0) plus `offset`.
    package func logarithms(offset: Float) -> Crop {
        Crop(
            width: width, height: height,
            values: unsafe [Float](unsafeUninitializedCapacity: values.count) { out, filled in
                unsafe cpx_log(values, Int32(values.count), offset, out.baseAddress)
                filled = values.count
            })
    }
}

extension Plane {
    /// The exponential of every value; values are within ±80.
    package var exponentials: Plane {
        Plane(
            width: width, height: height,
            values: unsafe [Float](unsafeUninitializedCapacity: values.count) { out, filled in
                unsafe cpx_exp(values, Int32(values.count), out.baseAddress)
                filled = values.count
            })
    }
}
