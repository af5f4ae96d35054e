// Pictures out: from pixels to a file's bytes.

package import Errors
package import Files
package import Pixels

/// How a picture is written.
package struct EncodeOptions: Sendable, Hashable {
    /// 0 (smallest) … 100 (best), for JPEG and lossy WebP. From 90 on a JPEG keeps its colour at full resolution
    /// (4:4:4), below it at half (4:2:0).
    package var quality: Int
    /// Whether WebP is written without loss. PNG always is, JPEG never.
    package var lossless: Bool
    /// The ICC profile of the pixels, written as it is.
    package var iccProfile: [UInt8]?
    /// Dots per inch, for JPEG and PNG.
    package var dpi: Int?
    /// The statement of origin, written as XMP.
    package var provenance: Provenance?

    /// Makes options; a quality outside 0…100 takes the nearest end.
    package init(
        quality: Int = 92, lossless: Bool = false, iccProfile: [UInt8]? = nil, dpi: Int? = nil,
        provenance: Provenance? = nil
    ) {
        self.quality = min(max(quality, 0), 100)
        self.lossless = lossless
        self.iccProfile = iccProfile
        self.dpi = dpi
        self.provenance = provenance
    }

    /// Makes options that keep the ICC profile and the resolution of a decoded picture.
    package init(quality: Int = 92, keeping metadata: PictureMetadata, provenance: Provenance?) {
        self.init(
            quality: quality, iccProfile: metadata.iccProfile, dpi: metadata.dpi, provenance: provenance)
    }
}

/// Encodes a picture.
///
/// PNG and WebP keep alpha; a JPEG shows the picture over white.
///
/// - Throws: ``MasqueError`` `.tooLarge` when the format cannot hold so large a picture, `.failed` otherwise.
package func encodePicture(
    _ picture: Picture, as format: PictureFormat, options: EncodeOptions = EncodeOptions()
) throws(MasqueError) -> [UInt8] {
    switch format {
    case .jpeg: try encodeJPEG(picture, options: options)
    case .png: try encodePNG(picture, options: options)
    case .webp: try encodeWebP(picture, options: options)
    }
}

/// Encodes a picture in the format that `path`'s extension names and writes it there, whole or not at all.
///
/// - Throws: also ``MasqueError`` `.outputExists`, `.badInput`, `.outOfSpace` as ``AtomicFile`` says.
package func writePicture(
    _ picture: Picture, to path: String, options: EncodeOptions = EncodeOptions(), overwrite: Bool
) throws(MasqueError) {
    let format = try PictureFormat(outputPath: path)
    // Opened first, so that a path that cannot be written costs no encoding.
    let file = try AtomicFile(path: path, overwrite: overwrite)
    try file.write(encodePicture(picture, as: format, options: options))
    try file.commit()
}
