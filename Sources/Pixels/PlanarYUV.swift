// A video frame's planes, as the decoder laid them out.

/// How Y′CbCr relates to R′G′B′: the luma weights of red and blue (Kr, Kb) and whether codes span the full range.
package struct YUVColor: Sendable, Hashable {
    package let redWeight: Float
    package let blueWeight: Float
    package let fullRange: Bool

    /// Makes a colour relation from Kr, Kb (ITU-T H.273 table 4) and the range flag.
    package init(redWeight: Float, blueWeight: Float, fullRange: Bool) {
        self.redWeight = redWeight
        self.blueWeight = blueWeight
        self.fullRange = fullRange
    }

    /// BT.601: standard definition, and JPEG with `fullRange`.
    package static func bt601(fullRange: Bool) -> YUVColor {
        YUVColor(redWeight: 0.299, blueWeight: 0.114, fullRange: fullRange)
    }
    /// BT.709: high definition.
    package static func bt709(fullRange: Bool) -> YUVColor {
        YUVColor(redWeight: 0.2126, blueWeight: 0.0722, fullRange: fullRange)
    }
    /// BT.2020 with non-constant luminance.
    package static func bt2020(fullRange: Bool) -> YUVColor {
        YUVColor(redWeight: 0.2627, blueWeight: 0.0593, fullRange: fullRange)
    }
}

/// The planes of one planar YUV frame, borrowed from whoever owns the memory; valid only inside the closure that
/// lends it. Sampling and pasting work on the planes in place.
///
/// `bytesPerSample` is 1 (8 bit) or 2 (9…16 bit, little endian, value in the low `bitDepth` bits). Chroma planes are
/// smaller by `chromaShiftX`/`chromaShiftY` powers of two (1,1 is 4:2:0; 1,0 is 4:2:2; 0,0 is 4:4:4), sited left
/// (MPEG-2 style: horizontally on even luma columns, vertically between rows) when `chromaSitedLeft`, else centred.
@safe package struct PlanarYUV {
    package let width: Int
    package let height: Int
    package let bitDepth: Int
    package let chromaShiftX: Int
    package let chromaShiftY: Int
    package let chromaSitedLeft: Bool
    package let color: YUVColor
    package let y: UnsafeMutablePointer<UInt8>
    package let u: UnsafeMutablePointer<UInt8>
    package let v: UnsafeMutablePointer<UInt8>
    /// Bytes from one luma row to the next.
    package let yStride: Int
    /// Bytes from one chroma row to the next, the same for both planes.
    package let uvStride: Int

    /// Borrows planes; pointers must stay valid while this value is used.
    package init(
        width: Int, height: Int, bitDepth: Int, chromaShiftX: Int, chromaShiftY: Int, chromaSitedLeft: Bool,
        color: YUVColor, y: UnsafeMutablePointer<UInt8>, u: UnsafeMutablePointer<UInt8>,
        v: UnsafeMutablePointer<UInt8>, yStride: Int, uvStride: Int
    ) {
        unsafe self.y = y
        unsafe self.u = u
        unsafe self.v = v
        self.width = width
        self.height = height
        self.bitDepth = bitDepth
        self.chromaShiftX = chromaShiftX
        self.chromaShiftY = chromaShiftY
        self.chromaSitedLeft = chromaSitedLeft
        self.color = color
        self.yStride = yStride
        self.uvStride = uvStride
    }
}
