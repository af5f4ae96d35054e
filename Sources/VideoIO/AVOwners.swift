// One owner for each kind of FFmpeg object: it is freed when its owner goes.

internal import CFFmpeg
internal import Errors

/// Owns a frame structure and the references in it.
@safe final class OwnedFrame {
    let pointer: UnsafeMutablePointer<AVFrame>

    init() throws(MasqueError) {
        guard let frame = unsafe av_frame_alloc() else { throw LibAV.outOfMemory("a video frame") }
        unsafe pointer = frame
    }

    /// Takes over a frame that the caller owned.
    init(owning frame: UnsafeMutablePointer<AVFrame>) {
        unsafe pointer = frame
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = unsafe pointer
        unsafe av_frame_free(&frame)
    }

    /// Another frame structure that shares this one's planes.
    func reference() throws(MasqueError) -> OwnedFrame {
        guard let copy = unsafe av_frame_clone(pointer) else { throw LibAV.outOfMemory("a video frame") }
        return unsafe OwnedFrame(owning: copy)
    }
}

/// Owns a packet structure and the data in it.
@safe final class OwnedPacket {
    let pointer: UnsafeMutablePointer<AVPacket>

    init() throws(MasqueError) {
        guard let packet = unsafe av_packet_alloc() else { throw LibAV.outOfMemory("a packet") }
        unsafe pointer = packet
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = unsafe pointer
        unsafe av_packet_free(&packet)
    }

    /// Drops the data, keeps the structure.
    func clear() { unsafe av_packet_unref(pointer) }
}

/// Owns a decoder or encoder.
@safe final class OwnedCodec {
    let pointer: UnsafeMutablePointer<AVCodecContext>

    init(_ codec: UnsafePointer<AVCodec>?) throws(MasqueError) {
        guard let context = unsafe avcodec_alloc_context3(codec) else { throw LibAV.outOfMemory("a codec") }
        unsafe pointer = context
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = unsafe pointer
        unsafe avcodec_free_context(&context)
    }
}

/// Owns a dictionary of options or metadata.
@safe final class OwnedDictionary {
    var pointer: OpaquePointer?

    init(_ entries: KeyValuePairs<String, String> = [:]) {
        for (key, value) in entries { set(key, value) }
    }

    deinit { unsafe av_dict_free(&pointer) }

    func set(_ key: String, _ value: String?) {
        _ = unsafe av_dict_set(&pointer, key, value, 0)
    }
}
