// Owns an output file that FFmpeg writes.

internal import CFFmpeg
internal import Errors
internal import Foundation

/// An output file. It is deleted when its owner goes before ``close()``.
@safe final class Muxer {
    let pointer: UnsafeMutablePointer<AVFormatContext>
    let path: String
    private var isFinished = false
    private var hasHeader = false

    /// Creates the file at `path`, replacing one that is there.
    init(path: String, container: VideoContainer) throws(MasqueError) {
        _ = LibAV.silenced
        self.path = path
        var context: UnsafeMutablePointer<AVFormatContext>?
        let url = LibAV.url(path)
        let code = unsafe avformat_alloc_output_context2(&context, nil, container.muxer, url)
        try LibAV.check(code, .failed, "FFmpeg here cannot write .\(container.rawValue) files.")
        guard let made = unsafe context else { throw LibAV.outOfMemory("an output file") }
        unsafe pointer = made
        unsafe made.pointee.strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL
        try LibAV.check(
            unsafe avio_open(&made.pointee.pb, url, AVIO_FLAG_WRITE), .failed, "“\(path)” cannot be written.",
            advice: "Check that its folder exists and may be written to.")
    }

    deinit {
        let wasOpen = unsafe pointer.pointee.pb != nil
        unsafe avio_closep(&pointer.pointee.pb)
        unsafe avformat_free_context(pointer)
        if wasOpen, !isFinished { Muxer.remove(path) }
    }

    /// Deletes a plain file; devices and links that someone named as output stay.
    static func remove(_ path: String) {
        let manager = FileManager.default
        guard (try? manager.attributesOfItem(atPath: path))?[.type] as? FileAttributeType == .typeRegular else {
            return
        }
        try? manager.removeItem(atPath: path)
    }

    var wantsGlobalHeader: Bool { unsafe pointer.pointee.oformat.pointee.flags & AVFMT_GLOBALHEADER != 0 }

    func addStream() throws(MasqueError) -> UnsafeMutablePointer<AVStream> {
        guard let stream = unsafe avformat_new_stream(pointer, nil) else { throw LibAV.outOfMemory("a stream") }
        return unsafe stream
    }

    func writeHeader(_ options: OwnedDictionary) throws(MasqueError) {
        try LibAV.check(
            unsafe avformat_write_header(pointer, &options.pointer), .failed,
            "The beginning of “\(path)” could not be written.")
        hasHeader = true
    }

    /// Writes a packet at once; its timestamps are in its stream's time base. The packet is empty afterwards.
    func write(_ packet: OwnedPacket) throws(MasqueError) {
        let code = unsafe av_write_frame(pointer, packet.pointer)
        packet.clear()
        try LibAV.check(code, .failed, "“\(path)” could not be written.")
        if let pb = unsafe pointer.pointee.pb {
            try LibAV.check(unsafe pb.pointee.error, .failed, "“\(path)” could not be written.")
        }
    }

    /// Writes a packet that may be damaged.
    ///
    /// - Returns: false when the container refused what is in it.
    func writeIfSound(_ packet: OwnedPacket) throws(MasqueError) -> Bool {
        do throws(MasqueError) {
            try write(packet)
            return true
        } catch {
            let code = (error.cause as? LibAVError)?.code
            guard code == MASQUE_EINVAL || code == MASQUE_INVALIDDATA else { throw error }
            return false
        }
    }

    /// Writes the index and closes the file, which then stays.
    func close() throws(MasqueError) {
        if hasHeader {
            try LibAV.check(unsafe av_write_trailer(pointer), .failed, "The end of “\(path)” could not be written.")
        }
        try LibAV.check(unsafe avio_closep(&pointer.pointee.pb), .failed, "“\(path)” could not be written.")
        isFinished = true
    }
}
