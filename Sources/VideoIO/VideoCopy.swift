// Puts finished pictures of one file beside the sound of another, without encoding them again.

internal import CFFmpeg
internal import Errors

/// Copies the pictures of the video at `pictures` into a new file at `path`, with how they are turned, sound, subtitles,
/// chapters and tags of `source`, and the statement of origin. Blocks.
///
/// - Parameters:
///   - source: The ``VideoReader/source`` of a reader that was prepared with the part that the pictures show.
///   - check: called now and then; what it throws ends the work.
/// - Throws: ``MasqueError``: `.unsupportedMedia` when `pictures` is no video or its codec does not fit into the container,
///   `.failed`, `.outOfSpace`; the file is deleted then.
package func copyVideo(
    pictures: String, source: VideoSource, to path: String, options: EncodeOptions, provenance: VideoProvenance,
    check: () throws -> Void
) throws -> VideoSummary {
    let demuxer = try Demuxer(path: pictures)
    let index = try demuxer.bestVideoStream()
    demuxer.select { $0 == index }
    guard let from = unsafe demuxer.stream(index) else { throw LibAV.outOfMemory("a stream") }
    let muxer = try Muxer(path: path, container: options.container)
    let to = unsafe try muxer.addStream()
    let codec = unsafe LibAV.name(avcodec_get_name(from.pointee.codecpar.pointee.codec_id))
    guard options.container.codecs.contains(where: { $0.rawValue == codec }) else {
        throw MasqueError(
            .unsupportedMedia,
            "The made video has \(codec) pictures, which .\(options.container.rawValue) cannot hold here.")
    }
    try LibAV.check(
        unsafe avcodec_parameters_copy(to.pointee.codecpar, from.pointee.codecpar), .failed,
        "A stream could not be copied.")
    unsafe to.pointee.codecpar.pointee.codec_tag = 0
    let base = unsafe Rational(from.pointee.time_base)
    unsafe to.pointee.time_base = from.pointee.time_base
    unsafe to.pointee.avg_frame_rate = from.pointee.avg_frame_rate
    unsafe to.pointee.sample_aspect_ratio = from.pointee.sample_aspect_ratio
    // As they are turned in their own file, whatever the source's tag says: they were made from its pictures as shown.
    unsafe SideData.copy(
        [AV_PKT_DATA_DISPLAYMATRIX, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, AV_PKT_DATA_CONTENT_LIGHT_LEVEL], of: from,
        to: to)
    let rotation = unsafe options.container.holdsRotation ? 0 : VideoInfo.rotation(from.pointee)
    let companions = try CompanionStreams(source, into: muxer, options: options)
    provenance.state(in: muxer, container: options.container)
    let settings = OwnedDictionary()
    if options.container.isQuickTime, options.fastStart { settings.set("movflags", "+faststart") }
    try muxer.writeHeader(settings)
    guard let written = unsafe muxer.pointer.pointee.streams[Int(to.pointee.index)]?.pointee.time_base else {
        throw LibAV.outOfMemory("a stream")
    }
    let start = unsafe from.pointee.start_time
    let shift = start == MASQUE_NOPTS ? 0 : start
    let packet = try OwnedPacket()
    var frames = 0, end = 0.0
    while demuxer.read(packet).more {
        let p = unsafe packet.pointer
        guard unsafe Int(p.pointee.stream_index) == index else { continue }
        if unsafe p.pointee.pts == MASQUE_NOPTS { unsafe p.pointee.pts = p.pointee.dts }
        if unsafe p.pointee.dts == MASQUE_NOPTS { unsafe p.pointee.dts = p.pointee.pts }
        if unsafe p.pointee.pts == MASQUE_NOPTS { continue }
        unsafe p.pointee.pts = p.pointee.pts &- shift
        unsafe p.pointee.dts = p.pointee.dts &- shift
        end = unsafe max(end, base.seconds(p.pointee.pts &+ p.pointee.duration))
        try companions.write(until: unsafe base.seconds(p.pointee.dts))
        unsafe av_packet_rescale_ts(p, base.av, written)
        unsafe p.pointee.stream_index = to.pointee.index
        unsafe p.pointee.pos = -1
        try muxer.write(packet)
        frames += 1
        if frames % 100 == 0 { try check() }
    }
    guard frames > 0 else { throw MasqueError(.unsupportedMedia, "“\(demuxer.name)” has no frames.") }
    try companions.write(until: nil)
    try muxer.close()
    do { try provenance.append(to: path, container: options.container) } catch {
        Muxer.remove(path)
        throw error
    }
    var warnings = companions.warnings
    if rotation != 0 {
        warnings.append(
            "The made video is turned by \(rotation)° when it is shown, which .\(options.container.rawValue) cannot hold."
        )
    }
    return VideoSummary(frames: frames, duration: end, bytes: Int64(FileSize.bytes(path)), warnings: warnings)
}
