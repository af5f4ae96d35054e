// Ordinary pictures from video frames, and pictures at other sizes, by FFmpeg's scaler.

internal import CFFmpeg
package import Errors
package import Pixels

extension VideoFrame {
    /// The frame as an RGB picture, turned clockwise by `rotation` degrees (a multiple of 90) and shrunk until no side
    /// is longer than `longest`; each new pixel is the mean of those that it covers.
    ///
    /// - Throws: ``MasqueError`` when there is no memory for it.
    package func picture(longest: Int = .max, rotation: Int = 0) throws(MasqueError) -> Picture {
        let size = FilteredPicture.fitted(width: width, height: height, longest: longest)
        let f = unsafe frame.pointer
        // Untagged frames count as the engine counts them.
        let isUntagged = unsafe f.pointee.colorspace == AVCOL_SPC_UNSPECIFIED && height >= 720
        var filters = "scale=\(size.width):\(size.height):flags=area+accurate_rnd+full_chroma_int"
        if isUntagged { filters += ":in_color_matrix=bt709" }
        filters += ",format=\(hasAlpha ? "rgba" : "rgb24")"
        switch ((rotation % 360) + 360) % 360 {
        case 90: filters += ",transpose=clock"
        case 180: filters += ",hflip,vflip"
        case 270: filters += ",transpose=cclock"
        default: break
        }
        return try FilteredPicture.make(frame, filters)
    }
}

extension Picture {
    /// The picture at another size: shrunk by the mean over the covered area, enlarged by Lanczos' filter.
    ///
    /// - Throws: ``MasqueError`` when there is no memory for it.
    package func resized(width newWidth: Int, height newHeight: Int) throws(MasqueError) -> Picture {
        if newWidth == width, newHeight == height { return self }
        let frame = try OwnedFrame(picture: self)
        let filter = newWidth < width || newHeight < height ? "area" : "lanczos"
        return try FilteredPicture.make(
            frame,
            "scale=\(newWidth):\(newHeight):flags=\(filter)+accurate_rnd,format=\(channels == 4 ? "rgba" : "rgb24")")
    }

    /// The picture with no side longer than `longest`.
    package func shrunk(longest: Int) throws(MasqueError) -> Picture {
        let size = FilteredPicture.fitted(width: width, height: height, longest: longest)
        return try resized(width: size.width, height: size.height)
    }
}

enum FilteredPicture {
    /// The size with no side longer than `longest`, at least 1×1.
    static func fitted(width: Int, height: Int, longest: Int) -> (width: Int, height: Int) {
        let side = max(width, height)
        guard side > longest else { return (width, height) }
        let factor = Double(max(1, longest)) / Double(side)
        return (max(1, Int((Double(width) * factor).rounded())), max(1, Int((Double(height) * factor).rounded())))
    }

    /// Runs one frame through filters.
    static func filtered(_ frame: OwnedFrame, _ filters: String) throws(MasqueError) -> OwnedFrame {
        let shared = try frame.reference()
        let f = unsafe shared.pointer
        let graph = try FilterGraph(
            filters,
            input: unsafe .video(
                width: f.pointee.width, height: f.pointee.height, format: f.pointee.format, timeBase: Rational(1, 25),
                aspect: Rational(1, 1), rate: Rational(25, 1)))
        unsafe f.pointee.pts = 0
        try graph.push(shared)
        try graph.push(nil)
        guard let out = try graph.pull() else { throw LibAV.outOfMemory("a picture") }
        return out
    }

    /// Runs one frame through filters that end in rgb24 or rgba.
    static func make(_ frame: OwnedFrame, _ filters: String) throws(MasqueError) -> Picture {
        let out = try filtered(frame, filters)
        guard let rows = unsafe out.pointer.pointee.data.0 else { throw LibAV.outOfMemory("a picture") }
        let o = unsafe out.pointer.pointee
        let width = unsafe Int(o.width), height = unsafe Int(o.height), stride = unsafe Int(o.linesize.0)
        let channels = unsafe o.format == AV_PIX_FMT_RGBA.rawValue ? 4 : 3
        let count = width * height * channels
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            guard let base = buffer.baseAddress else { return }
            let length = width * channels
            for y in 0..<height { unsafe (base + y * length).update(from: rows + y * stride, count: length) }
            filled = count
        }
        return Picture(width: width, height: height, channels: channels, bytes: bytes)
    }
}

extension OwnedFrame {
    /// A frame that holds a copy of a picture.
    convenience init(picture: Picture) throws(MasqueError) {
        try self.init()
        unsafe pointer.pointee.format = (picture.channels == 4 ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24).rawValue
        unsafe pointer.pointee.width = Int32(picture.width)
        unsafe pointer.pointee.height = Int32(picture.height)
        try LibAV.check(unsafe av_frame_get_buffer(pointer, 0), .failed, "There was not enough memory for a picture.")
        guard let rows = unsafe pointer.pointee.data.0 else { throw LibAV.outOfMemory("a picture") }
        let stride = unsafe Int(pointer.pointee.linesize.0), length = picture.width * picture.channels
        unsafe picture.bytes.withUnsafeBufferPointer { from in
            guard let base = from.baseAddress else { return }
            for y in 0..<picture.height {
                unsafe (rows + y * stride).update(from: base + y * length, count: length)
            }
        }
    }
}
