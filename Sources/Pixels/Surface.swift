// What a face is read from and written back to: a picture in RGB or a video frame in YUV.

/// Pixels that crops are sampled from and pasted back to, whatever their layout in memory.
package protocol Surface {
    /// Columns of the full-resolution plane.
    var width: Int { get }
    /// Rows of the full-resolution plane.
    var height: Int { get }

    /// Samples a crop of `width`×`height` pixels: crop pixel p shows frame position `transform(p)`.
    ///
    /// Bilinear where the crop is as fine as the frame or finer, averaged over the covered area where it is
    /// coarser. Positions outside the frame take the nearest edge pixel, or black when `outsideIsBlack`.
    func sample(_ transform: Affine, width: Int, height: Int, outsideIsBlack: Bool) -> Crop

    /// Blends `crop` over the frame with `mask` (0 keeps the frame, 1 takes the crop; both of one size), the crop
    /// lying in the frame as `transform` (crop → frame) says. Pixels where the mask is 0 stay bit for bit.
    mutating func paste(_ crop: Crop, mask: Plane, through transform: Affine)
}

extension Surface {
    /// Samples a crop whose outside repeats the frame's edge.
    package func sample(_ transform: Affine, width: Int, height: Int) -> Crop {
        sample(transform, width: width, height: height, outsideIsBlack: false)
    }
}
