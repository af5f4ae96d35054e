// Opens a media file and hands out its packets.

internal import CFFmpeg
internal import Errors
internal import Foundation

/// An open media file. Only local files of the listed containers are opened: playlists and other formats that
/// name further files are not.
@safe final class Demuxer {
    let pointer: UnsafeMutablePointer<AVFormatContext>
    let path: String

    private static let formats = [
        "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "gif", "mpegts", "mpeg", "mpegvideo", "flv", "ogg", "asf",
        "mxf", "h264", "hevc", "m4v", "yuv4mpegpipe", "nut", "ivf", "apng", "mp3", "wav", "flac", "aac",
    ].joined(separator: ",")

    /// Opens `path` and reads enough of it to know its streams.
    ///
    /// - Throws: ``MasqueError/Code/badInput`` when the file is not there or empty,
    ///   ``MasqueError/Code/unsupportedMedia`` when it is not a video.
    init(path: String, isSound: Bool = false) throws(MasqueError) {
        _ = LibAV.silenced
        self.path = path
        let name = (path as NSString).lastPathComponent
        try FileSniff.checkPlainFile(path)
        guard let fresh = unsafe avformat_alloc_context() else { throw LibAV.outOfMemory("a demuxer") }
        unsafe fresh.pointee.max_streams = Int32(VideoLimits.streams)
        var context: UnsafeMutablePointer<AVFormatContext>? = unsafe fresh
        let options = OwnedDictionary([
            "protocol_whitelist": "file,pipe", "format_whitelist": Self.formats, "probesize": "5000000",
            "analyzeduration": "5000000", "fflags": "+genpts",
        ])
        let code = unsafe avformat_open_input(&context, LibAV.url(path), nil, &options.pointer)
        guard code >= 0, let opened = unsafe context else {
            throw FileSniff.refusal(
                path, isSound: isSound, cause: LibAVError(code: code, description: LibAV.text(code)))
        }
        unsafe pointer = opened
        try LibAV.check(
            unsafe avformat_find_stream_info(opened, nil), .unsupportedMedia,
            "“\(name)” is damaged: its streams cannot be read.")
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = unsafe pointer
        unsafe avformat_close_input(&context)
    }

    var name: String { (path as NSString).lastPathComponent }
    var streamCount: Int { unsafe Int(pointer.pointee.nb_streams) }

    func stream(_ index: Int) -> UnsafeMutablePointer<AVStream>? {
        guard index >= 0, index < streamCount, let streams = unsafe pointer.pointee.streams else { return nil }
        return unsafe streams[index]
    }

    func kind(_ index: Int) -> AVMediaType {
        unsafe stream(index)?.pointee.codecpar.pointee.codec_type ?? AVMEDIA_TYPE_UNKNOWN
    }

    func isCover(_ index: Int) -> Bool {
        guard let stream = unsafe stream(index) else { return false }
        return unsafe stream.pointee.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS) != 0
    }

    /// The picture stream that a player would show.
    ///
    /// - Throws: ``MasqueError/Code/unsupportedMedia`` when there is none, in words that say what there is instead.
    func bestVideoStream() throws(MasqueError) -> Int {
        let best = unsafe Int(av_find_best_stream(pointer, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0))
        let all = (0..<streamCount).filter { kind($0) == AVMEDIA_TYPE_VIDEO }
        if best >= 0, !isCover(best) { return best }
        if let other = all.first(where: { !isCover($0) }) { return other }
        let hasSound = (0..<streamCount).contains { kind($0) == AVMEDIA_TYPE_AUDIO }
        let what =
            !all.isEmpty
            ? "holds only a cover picture" + (hasSound ? " and sound" : "")
            : hasSound ? "holds only sound" : "holds no pictures"
        throw MasqueError(
            .unsupportedMedia, "“\(name)” \(what): it has no video stream.",
            advice: "Give a video with moving pictures.")
    }

    /// Keeps only the packets of the streams that `wanted` accepts.
    func select(_ wanted: (Int) -> Bool) {
        for i in 0..<streamCount where !wanted(i) { unsafe stream(i)?.pointee.discard = AVDISCARD_ALL }
    }

    /// Reads the next packet into `packet`; false at the end of the file or where its damage ends it.
    func read(_ packet: OwnedPacket) -> (more: Bool, damaged: Bool) {
        packet.clear()
        let code = unsafe av_read_frame(pointer, packet.pointer)
        if code >= 0 { return (true, false) }
        return (false, code != MASQUE_EOF)
    }
}
