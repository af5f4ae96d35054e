// Pictures in: from bytes or a file to pixels.

internal import CImageCodecs
package import Errors
internal import Files
package import Pixels

/// Decodes a JPEG, PNG or WebP picture, whatever it is called.
///
/// The pixels are 8-bit RGB, or RGBA where the file has alpha, upright (the EXIF orientation is applied), and not
/// converted between colour spaces: the ICC profile comes beside them. 16-bit samples are rounded to 8 bits, grey and
/// CMYK become RGB, of an animation the first frame is taken. At its peak the work holds less than four times the
/// picture (`width * height * channels` bytes).
///
/// - Parameters:
///   - limits: checked on the file's header, before memory is allocated.
///   - name: what error messages call the file.
/// - Throws: ``MasqueError`` `.unsupportedMedia` for anything that is not a whole picture of these formats, `.tooLarge`
///   beyond the limits, `.failed` without enough memory.
package func decodePicture(
    _ bytes: [UInt8], name: String, limits: PictureLimits = .default
) throws(MasqueError) -> (picture: Picture, metadata: PictureMetadata) {
    try limits.check(bytes: bytes.count, name: name)
    let (stored, metadata) =
        switch PictureFormat(sniffing: bytes) {
        case .jpeg: try decodeJPEG(bytes, limits: limits, name: name)
        case .png: try decodePNG(bytes, limits: limits, name: name)
        case .webp: try decodeWebP(bytes, limits: limits, name: name)
        case nil: throw notAPicture(bytes, name: name)
        }
    return (upright(stored, orientation: metadata.orientation), metadata)
}

/// Decodes the picture in the file at `path`; see ``decodePicture(_:name:limits:)``.
///
/// - Throws: also ``MasqueError`` `.badInput` when there is no such file or it may not be read.
package func decodePicture(
    at path: String, limits: PictureLimits = .default
) throws(MasqueError) -> (picture: Picture, metadata: PictureMetadata) {
    try decodePicture(readFile(at: path, maxBytes: limits.maxBytes), name: path, limits: limits)
}

/// Turns a picture as its EXIF orientation (1…8) says.
func upright(_ picture: Picture, orientation: Int) -> Picture {
    guard (2...8).contains(orientation) else { return picture }
    let count = picture.bytes.count
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        unsafe picture.bytes.withUnsafeBufferPointer {
            unsafe mq_orient(
                $0.baseAddress, picture.width, picture.height, picture.channels, Int32(orientation),
                buffer.baseAddress)
        }
        initialized = count
    }
    let isTurned = orientation >= 5
    return Picture(
        width: isTurned ? picture.height : picture.width, height: isTurned ? picture.width : picture.height,
        channels: picture.channels, bytes: bytes)
}
