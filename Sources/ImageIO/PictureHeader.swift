// What a picture file's header says, read without decoding its pixels.

internal import CWebP
package import Errors
internal import Files

/// Size and format of a picture, as its header says.
package struct PictureHeader: Sendable, Hashable {
    /// The format by content.
    package let format: PictureFormat
    /// Columns as people see it, after the EXIF orientation.
    package let width: Int
    /// Rows as people see it, after the EXIF orientation.
    package let height: Int

    /// Reads the header of the file at `path`; the pixels are not looked at, so their damage is not seen.
    ///
    /// - Throws: as ``decodePicture(at:limits:)`` does for a file that is no picture, has a damaged header, or is beyond
    ///   the limits.
    package init(path: String, limits: PictureLimits = .default) throws(MasqueError) {
        try self.init(readFile(at: path, maxBytes: limits.maxBytes), name: path, limits: limits)
    }

    /// Reads the header of a picture in memory.
    package init(_ bytes: [UInt8], name: String, limits: PictureLimits = .default) throws(MasqueError) {
        let size: (width: Int, height: Int)
        var orientation = 1
        switch PictureFormat(sniffing: bytes) {
        case .jpeg:
            let segments = JPEGSegments(bytes)
            guard segments.frame != nil else {
                throw segments.isCut ? cutShort(.jpeg, name: name) : damaged(.jpeg, name: name)
            }
            (format, size) = (.jpeg, (segments.width, segments.height))
            orientation = segments.exif?.orientation ?? 1
        case .png:
            guard let chunks = PNGChunks(bytes) else {
                throw bytes.count < 33 ? cutShort(.png, name: name) : damaged(.png, name: name)
            }
            (format, size) = (.png, (chunks.width, chunks.height))
            orientation = chunks.exif?.orientation ?? 1
        case .webp:
            var features = WebPBitstreamFeatures()
            let status = unsafe bytes.withUnsafeBufferPointer {
                unsafe WebPGetFeatures($0.baseAddress, $0.count, &features)
            }
            guard status == VP8_STATUS_OK else {
                throw status == VP8_STATUS_NOT_ENOUGH_DATA ? cutShort(.webp, name: name) : damaged(.webp, name: name)
            }
            let chunks = WebPChunks(bytes)
            guard !chunks.isCut else { throw cutShort(.webp, name: name) }
            (format, size) = (.webp, (Int(features.width), Int(features.height)))
            orientation = chunks.exif?.orientation ?? 1
        case nil: throw notAPicture(bytes, name: name)
        }
        try limits.check(width: size.width, height: size.height, name: name)
        let isTurned = (5...8).contains(orientation)
        width = isTurned ? size.height : size.width
        height = isTurned ? size.width : size.height
    }
}
