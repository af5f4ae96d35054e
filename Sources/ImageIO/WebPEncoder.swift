// WebP out, through libwebp.

internal import CWebP
internal import Errors
internal import Files
internal import Pixels

/// Encodes a WebP picture with its alpha; lossy unless the options ask for lossless.
func encodeWebP(_ picture: Picture, options: EncodeOptions) throws(MasqueError) -> [UInt8] {
    guard picture.width <= Int(WEBP_MAX_DIMENSION), picture.height <= Int(WEBP_MAX_DIMENSION) else {
        throw MasqueError(
            .tooLarge, "A WebP picture cannot have more than \(WEBP_MAX_DIMENSION) pixels a side.",
            advice: "Use PNG or JPEG.")
    }
    var config = WebPConfig()
    guard unsafe WebPConfigInit(&config) != 0 else { throw failure("the library has another version") }
    config.quality = options.lossless ? 70 : Float(options.quality)
    config.lossless = options.lossless ? 1 : 0
    config.exact = options.lossless ? 1 : 0
    config.method = 4
    config.thread_level = 1
    config.low_memory = picture.width * picture.height > 16_000_000 ? 1 : 0
    var writer = unsafe WebPMemoryWriter()
    unsafe WebPMemoryWriterInit(&writer)
    defer { unsafe WebPMemoryWriterClear(&writer) }
    var target = unsafe WebPPicture()
    guard unsafe WebPPictureInit(&target) != 0 else { throw failure("the library has another version") }
    defer { unsafe WebPPictureFree(&target) }
    unsafe target.width = Int32(picture.width)
    unsafe target.height = Int32(picture.height)
    unsafe target.use_argb = options.lossless ? 1 : 0
    let done = unsafe withUnsafeMutablePointer(to: &writer) { writer in
        unsafe target.writer = WebPMemoryWrite
        unsafe target.custom_ptr = UnsafeMutableRawPointer(writer)
        let imported = unsafe picture.bytes.withUnsafeBufferPointer {
            let stride = Int32(picture.width * picture.channels)
            return picture.channels == 4
                ? unsafe WebPPictureImportRGBA(&target, $0.baseAddress, stride)
                : unsafe WebPPictureImportRGB(&target, $0.baseAddress, stride)
        }
        return unsafe imported != 0 && WebPEncode(&config, &target) != 0
    }
    guard done else { throw unsafe failure("libwebp error \(target.error_code.rawValue)") }
    let xmp = options.provenance.map { Array($0.xmpPacket.utf8) }
    let chunks = [("ICCP", options.iccProfile), ("XMP ", xmp)].compactMap { name, content in
        content.map { (name, $0) }
    }
    let stream = unsafe UnsafeBufferPointer(start: writer.mem, count: writer.size)
    return chunks.isEmpty ? unsafe Array(stream) : try unsafe wrap(stream, chunks: chunks)
}

/// Puts `chunks` (four-letter name, content) beside a bitstream.
private func wrap(
    _ stream: UnsafeBufferPointer<UInt8>, chunks: [(name: String, content: [UInt8])]
) throws(MasqueError) -> [UInt8] {
    var data = unsafe WebPData(bytes: stream.baseAddress, size: stream.count)
    guard let mux = unsafe WebPMuxCreate(&data, 0) else { throw failure("its own output cannot be read") }
    defer { unsafe WebPMuxDelete(mux) }
    for (name, content) in chunks {
        let status = unsafe content.withUnsafeBufferPointer {
            var chunk = unsafe WebPData(bytes: $0.baseAddress, size: $0.count)
            return unsafe WebPMuxSetChunk(mux, name, &chunk, 1)
        }
        guard status == WEBP_MUX_OK else { throw failure("mux error \(status.rawValue)") }
    }
    var assembled = unsafe WebPData()
    defer { unsafe WebPDataClear(&assembled) }
    let status = unsafe WebPMuxAssemble(mux, &assembled)
    guard status == WEBP_MUX_OK else { throw failure("mux error \(status.rawValue)") }
    return unsafe Array(UnsafeBufferPointer(start: assembled.bytes, count: assembled.size))
}

private func failure(_ reason: String) -> MasqueError {
    MasqueError(.failed, "The WebP picture could not be written: \(reason).")
}
