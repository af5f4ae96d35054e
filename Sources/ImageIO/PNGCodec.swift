// PNG in and out, through libpng.

internal import CImageCodecs
internal import Errors
internal import Files
internal import Pixels

/// Decodes a PNG of any colour type and depth, interlaced or not; RGBA when it has alpha or a transparent colour.
func decodePNG(
    _ bytes: [UInt8], limits: PictureLimits, name: String
) throws(MasqueError) -> (picture: Picture, metadata: PictureMetadata) {
    guard let chunks = PNGChunks(bytes) else {
        throw bytes.count < 33 ? cutShort(.png, name: name) : damaged(.png, name: name)
    }
    try limits.check(width: chunks.width, height: chunks.height, name: name)
    let maxSide = UInt32(clamping: limits.maxSide)
    var error = mq_error()
    var header = unsafe mq_png_header()
    unsafe bytes.withUnsafeBufferPointer {
        _ = unsafe mq_png_read_header($0.baseAddress, $0.count, maxSide, &header, &error)
    }
    defer { unsafe mq_bytes_free(&header.icc) }
    let channels = Int(unsafe header.channels)
    guard Int(error.status) == MQ_OK, channels == 3 || channels == 4 else {
        throw decodingError(error, format: .png, name: name)
    }
    let count = channels * chunks.width * chunks.height
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        unsafe bytes.withUnsafeBufferPointer {
            _ = unsafe mq_png_decode($0.baseAddress, $0.count, maxSide, count, buffer.baseAddress, &error)
        }
        initialized = Int(error.status) == MQ_OK ? count : 0
    }
    guard Int(error.status) == MQ_OK else { throw decodingError(error, format: .png, name: name) }
    let dpi = Int(unsafe header.dpi)
    var metadata = PictureMetadata(format: .png, xmp: chunks.xmp, dpi: dpi > 0 ? dpi : nil)
    unsafe metadata.keep(iccProfile: copy(header.icc))
    metadata.keep(exif: chunks.exif)
    return (Picture(width: chunks.width, height: chunks.height, channels: channels, bytes: pixels), metadata)
}

/// Encodes a PNG, without loss and with its alpha.
func encodePNG(_ picture: Picture, options: EncodeOptions) throws(MasqueError) -> [UInt8] {
    let icc = options.iccProfile ?? []
    let packet = options.provenance.map { $0.xmpPacket.utf8CString } ?? []
    var settings = unsafe mq_png_settings()
    unsafe settings.width = UInt32(picture.width)
    unsafe settings.height = UInt32(picture.height)
    unsafe settings.channels = Int32(picture.channels)
    // Beyond a screenful the last percents cost seconds.
    unsafe settings.level = picture.width * picture.height <= 8_000_000 ? 6 : 3
    unsafe settings.dpi = UInt32(clamping: options.dpi ?? 0)
    var error = mq_error()
    var out = unsafe mq_bytes()
    unsafe icc.withUnsafeBufferPointer { icc in
        unsafe packet.withUnsafeBufferPointer { packet in
            unsafe settings.icc = icc.baseAddress
            unsafe settings.icc_count = icc.count
            unsafe settings.xmp = packet.isEmpty ? nil : packet.baseAddress
            unsafe picture.bytes.withUnsafeBufferPointer {
                _ = unsafe mq_png_encode($0.baseAddress, &settings, &out, &error)
            }
        }
    }
    defer { unsafe mq_bytes_free(&out) }
    guard Int(error.status) == MQ_OK else { throw encodingError(error, format: .png) }
    return unsafe copy(out)
}
