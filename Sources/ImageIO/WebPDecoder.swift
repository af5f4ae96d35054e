// WebP in, through libwebp.

internal import CWebP
internal import Errors
internal import Pixels

/// Decodes a WebP picture, or the first frame of an animation; RGBA when it has alpha.
func decodeWebP(
    _ bytes: [UInt8], limits: PictureLimits, name: String
) throws(MasqueError) -> (picture: Picture, metadata: PictureMetadata) {
    var features = WebPBitstreamFeatures()
    let status = unsafe bytes.withUnsafeBufferPointer {
        unsafe WebPGetFeatures($0.baseAddress, $0.count, &features)
    }
    guard status == VP8_STATUS_OK else { throw error(status, name: name) }
    let width = Int(features.width), height = Int(features.height)
    try limits.check(width: width, height: height, name: name)
    let chunks = WebPChunks(bytes)
    guard !chunks.isCut else { throw cutShort(.webp, name: name) }
    let picture =
        features.has_animation != 0
        ? try decodeFirstFrame(bytes, width: width, height: height, name: name)
        : try decodeStill(bytes, width: width, height: height, hasAlpha: features.has_alpha != 0, name: name)
    var metadata = PictureMetadata(format: .webp, xmp: chunks.xmp)
    if let icc = chunks.icc { metadata.keep(iccProfile: icc) }
    metadata.keep(exif: chunks.exif)
    return (picture, metadata)
}

private func decodeStill(
    _ bytes: [UInt8], width: Int, height: Int, hasAlpha: Bool, name: String
) throws(MasqueError) -> Picture {
    let channels = hasAlpha ? 4 : 3
    let count = width * height * channels
    var status = VP8_STATUS_OK
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        unsafe bytes.withUnsafeBufferPointer { source in
            status = unsafe decode(source, into: buffer, stride: width * channels, hasAlpha: hasAlpha)
        }
        initialized = status == VP8_STATUS_OK ? count : 0
    }
    guard status == VP8_STATUS_OK else { throw error(status, name: name) }
    return Picture(width: width, height: height, channels: channels, bytes: pixels)
}

/// Decodes an animation's first frame onto its canvas, which is transparent where the frame does not reach.
private func decodeFirstFrame(
    _ bytes: [UInt8], width: Int, height: Int, name: String
) throws(MasqueError) -> Picture {
    var status = VP8_STATUS_BITSTREAM_ERROR
    var picture: Picture?
    unsafe bytes.withUnsafeBufferPointer { source in
        var data = unsafe WebPData(bytes: source.baseAddress, size: source.count)
        guard let demuxer = unsafe WebPDemux(&data) else { return }
        defer { unsafe WebPDemuxDelete(demuxer) }
        var frame = unsafe WebPIterator()
        guard unsafe WebPDemuxGetFrame(demuxer, 1, &frame) != 0 else { return }
        defer { unsafe WebPDemuxReleaseIterator(&frame) }
        let left = Int(unsafe frame.x_offset), top = Int(unsafe frame.y_offset)
        let frameWidth = Int(unsafe frame.width), frameHeight = Int(unsafe frame.height)
        guard left >= 0, top >= 0, frameWidth > 0, frameHeight > 0 else { return }
        guard left + frameWidth <= width, top + frameHeight <= height else { return }
        let hasAlpha = unsafe frame.has_alpha != 0 || frameWidth < width || frameHeight < height
        let channels = hasAlpha ? 4 : 3
        var pixels = [UInt8](repeating: 0, count: width * height * channels)
        unsafe pixels.withUnsafeMutableBufferPointer { canvas in
            let start = (top * width + left) * channels
            let room = unsafe UnsafeMutableBufferPointer(rebasing: canvas[start...])
            let fragment = unsafe UnsafeBufferPointer(start: frame.fragment.bytes, count: frame.fragment.size)
            let stride = width * channels
            // The last row ends with the frame, not with the canvas.
            let used = stride * (frameHeight - 1) + frameWidth * channels
            status = unsafe decode(
                fragment, into: UnsafeMutableBufferPointer(rebasing: room[..<used]), stride: stride,
                hasAlpha: hasAlpha)
        }
        if status == VP8_STATUS_OK {
            picture = Picture(width: width, height: height, channels: channels, bytes: pixels)
        }
    }
    guard let picture else { throw error(status, name: name) }
    return picture
}

/// Decodes one bitstream straight into `out`.
private func decode(
    _ source: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<UInt8>, stride: Int, hasAlpha: Bool
) -> VP8StatusCode {
    var config = unsafe WebPDecoderConfig()
    guard unsafe WebPInitDecoderConfig(&config) != 0 else { return VP8_STATUS_INVALID_PARAM }
    unsafe config.output.colorspace = hasAlpha ? MODE_RGBA : MODE_RGB
    unsafe config.output.is_external_memory = 1
    unsafe config.output.u.RGBA.rgba = out.baseAddress
    unsafe config.output.u.RGBA.stride = Int32(stride)
    unsafe config.output.u.RGBA.size = out.count
    let status = unsafe WebPDecode(source.baseAddress, source.count, &config)
    unsafe WebPFreeDecBuffer(&config.output)
    return status
}

private func error(_ status: VP8StatusCode, name: String) -> MasqueError {
    let cause = LibraryMessage(text: "libwebp status \(status.rawValue)")
    return switch status {
    case VP8_STATUS_NOT_ENOUGH_DATA, VP8_STATUS_SUSPENDED: cutShort(.webp, name: name, cause: cause)
    case VP8_STATUS_OUT_OF_MEMORY:
        MasqueError(.failed, "There is not enough memory to read \(name).", cause: cause)
    default: damaged(.webp, name: name, cause: cause)
    }
}
