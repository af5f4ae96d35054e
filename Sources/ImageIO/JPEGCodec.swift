// JPEG in and out, through libjpeg-turbo.

internal import CImageCodecs
internal import Errors
internal import Files
internal import Pixels

/// Decodes a JPEG: baseline, progressive or arithmetic; grey, YCbCr, RGB, CMYK or YCCK; always three channels.
func decodeJPEG(
    _ bytes: [UInt8], limits: PictureLimits, name: String
) throws(MasqueError) -> (picture: Picture, metadata: PictureMetadata) {
    let segments = JPEGSegments(bytes)
    guard let frame = segments.frame else {
        throw segments.isCut ? cutShort(.jpeg, name: name) : damaged(.jpeg, name: name)
    }
    try limits.check(width: segments.width, height: segments.height, name: name)
    guard [0xC0, 0xC1, 0xC2, 0xC9, 0xCA].contains(frame), segments.precision == 8 else {
        throw MasqueError(
            .unsupportedMedia,
            "\(name) is a \(segments.precision)-bit \(frameName(frame)) JPEG picture, which Masque does not read.",
            advice: "Save it as an ordinary 8-bit JPEG or as PNG.")
    }
    var error = mq_error()
    var report = mq_jpeg_report()
    let count = 3 * segments.width * segments.height
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        unsafe bytes.withUnsafeBufferPointer { source in
            _ = unsafe mq_jpeg_decode(
                source.baseAddress, source.count, UInt32(segments.width), UInt32(segments.height),
                buffer.baseAddress, &report, &error)
        }
        initialized = Int(error.status) == MQ_OK ? count : 0
    }
    guard Int(error.status) == MQ_OK else { throw decodingError(error, format: .jpeg, name: name) }
    var metadata = PictureMetadata(format: .jpeg, xmp: segments.xmp, dpi: segments.dpi)
    metadata.keep(exif: segments.exif)
    if let icc = segments.icc, segments.components == 3 { metadata.keep(iccProfile: icc) }
    return (Picture(width: segments.width, height: segments.height, channels: 3, bytes: pixels), metadata)
}

/// Encodes a JPEG; alpha is laid over white.
func encodeJPEG(_ picture: Picture, options: EncodeOptions) throws(MasqueError) -> [UInt8] {
    guard picture.width <= 65_500, picture.height <= 65_500 else {
        throw MasqueError(.tooLarge, "A JPEG picture cannot have more than 65500 pixels a side.", advice: "Use PNG.")
    }
    // The length field of a segment has 16 bits; a packet of ours is a hundredth of that.
    let segment = options.provenance.map { Array((JPEGSegments.xmpName + $0.xmpPacket).utf8) } ?? []
    let icc = options.iccProfile ?? []
    var settings = unsafe mq_jpeg_settings()
    unsafe settings.width = UInt32(picture.width)
    unsafe settings.height = UInt32(picture.height)
    unsafe settings.channels = Int32(picture.channels)
    unsafe settings.quality = Int32(max(1, options.quality))
    unsafe settings.full_chroma = options.quality >= 90 ? 1 : 0
    // Tables made for the picture save some percent, but need its coefficients in memory at once.
    unsafe settings.optimize = picture.width * picture.height <= 16_000_000 ? 1 : 0
    unsafe settings.dpi = UInt32(clamping: options.dpi ?? 0)
    var error = mq_error()
    var out = unsafe mq_bytes()
    unsafe icc.withUnsafeBufferPointer { icc in
        unsafe segment.withUnsafeBufferPointer { segment in
            unsafe settings.icc = icc.baseAddress
            unsafe settings.icc_count = icc.count
            unsafe settings.xmp_app1 = segment.baseAddress
            unsafe settings.xmp_app1_count = segment.count
            unsafe picture.bytes.withUnsafeBufferPointer {
                _ = unsafe mq_jpeg_encode($0.baseAddress, &settings, &out, &error)
            }
        }
    }
    defer { unsafe mq_bytes_free(&out) }
    guard Int(error.status) == MQ_OK else { throw encodingError(error, format: .jpeg) }
    return unsafe copy(out)
}

/// The bytes of a C buffer as an array; empty for none.
func copy(_ bytes: mq_bytes) -> [UInt8] {
    unsafe Array(UnsafeBufferPointer(start: bytes.data, count: bytes.count))
}

private func frameName(_ frame: UInt8) -> String {
    switch frame {
    case 0xC3, 0xC7, 0xCB, 0xCF: "lossless"
    case 0xC5, 0xC6, 0xCD, 0xCE: "hierarchical"
    case 0xC2, 0xCA: "progressive"
    default: "sequential"
    }
}
