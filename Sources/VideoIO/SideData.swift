// Carries what belongs to a picture stream as a whole from source to output.

internal import CFFmpeg

enum SideData {
    /// Copies rotation and HDR metadata where they still hold, and the stream's own tags.
    static func copy(_ source: VideoSource, to stream: UnsafeMutablePointer<AVStream>) {
        guard let demuxer = try? Demuxer(path: source.path), let index = try? demuxer.bestVideoStream(),
            let from = unsafe demuxer.stream(index)
        else { return }
        var kinds: [AVPacketSideDataType] = []
        if !source.turned { kinds.append(AV_PKT_DATA_DISPLAYMATRIX) }
        if !source.toneMapped {
            kinds += [AV_PKT_DATA_MASTERING_DISPLAY_METADATA, AV_PKT_DATA_CONTENT_LIGHT_LEVEL]
        }
        unsafe copy(kinds, of: from, to: stream)
        for key in ["language", "title"] {
            if let value = unsafe LibAV.value(key, in: from.pointee.metadata) {
                _ = unsafe av_dict_set(&stream.pointee.metadata, key, value, 0)
            }
        }
    }

    /// Copies what one stream has of some kinds to another.
    static func copy(
        _ kinds: [AVPacketSideDataType], of from: UnsafeMutablePointer<AVStream>,
        to stream: UnsafeMutablePointer<AVStream>
    ) {
        for kind in kinds {
            var size = 0
            guard let data = unsafe av_stream_get_side_data(from, kind, &size), size > 0,
                let room = unsafe av_stream_new_side_data(stream, kind, size)
            else { continue }
            unsafe room.update(from: data, count: size)
        }
    }
}
