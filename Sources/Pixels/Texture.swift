// An image laid out for bicubic look-ups.

internal import CPixels

/// An RGB image with four floats a pixel (the fourth is 0), so that four neighbours of a row are one vector.
package struct Texture: Sendable {
    package let width: Int
    package let height: Int
    fileprivate let values: [Float]

    /// Lays a crop out.
    package init(_ crop: Crop) {
        width = crop.width
        height = crop.height
        let count = width * height
        values = unsafe [Float](unsafeUninitializedCapacity: 4 * count) { buffer, filled in
            unsafe cpx_pack(crop.values, Int32(count), buffer.baseAddress)
            filled = 4 * count
        }
    }

    /// The texture laid over `background`, bicubically (Catmull-Rom), edge pixels repeated.
    ///
    /// - Parameters:
    ///   - map: at half the background's size, the place x, y in the texture's pixels; with five planes also a second
    ///     place x, y and how far it counts, 0…1.
    ///   - mask: at half the background's size: the texture shows where it is above zero.
    package func laid(over background: Crop, map: PlaneStack, where mask: Plane) -> Crop {
        let (width, height) = (background.width, background.height)
        precondition(map.count == 2 || map.count == 5)
        precondition(width == 2 * map.width && height == 2 * map.height)
        precondition(mask.width == map.width && mask.height == map.height)
        let result = unsafe [Float](unsafeUninitializedCapacity: 3 * width * height) { buffer, filled in
            unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: (map.count + 2) * width) { scratch in
                unsafe cpx_lay(
                    values, Int32(self.width), Int32(self.height), map.values, Int32(map.count), mask.values, false,
                    background.values, buffer.baseAddress, Int32(width), Int32(height), scratch.baseAddress)
            }
            filled = 3 * width * height
        }
        return Crop(width: width, height: height, values: result)
    }
}

extension Crop {
    /// Lays a texture over the crop in place, as ``Texture/laid(over:map:where:)`` but as opaque as `opacity` says.
    package mutating func lay(_ texture: Texture, by map: PlaneStack, opacity: Plane) {
        let (width, height) = (self.width, self.height)
        precondition(map.count == 2 || map.count == 5)
        precondition(width == 2 * map.width && height == 2 * map.height)
        precondition(opacity.width == map.width && opacity.height == map.height)
        unsafe values.withUnsafeMutableBufferPointer { pixels in
            unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: (map.count + 2) * width) { scratch in
                unsafe cpx_lay(
                    texture.values, Int32(texture.width), Int32(texture.height), map.values, Int32(map.count),
                    opacity.values, true, pixels.baseAddress, pixels.baseAddress, Int32(width), Int32(height),
                    scratch.baseAddress)
            }
        }
    }
}
