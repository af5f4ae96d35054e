// Brings decoded frames into the layout that is worked on, by FFmpeg's filters where needed.

internal import CFFmpeg
internal import Errors

/// Carries out a ``ConversionPlan``, and makes a new one where the video changes its size or layout on the way:
/// what comes out stays of one size and layout.
struct FrameShaper {
    private let info: VideoInfo
    private let options: EncodeOptions?
    private let upright: Bool
    private var first: (shape: FrameShape, plan: ConversionPlan)?
    private var current: (shape: FrameShape, plan: ConversionPlan)?
    private var graph: FilterGraph?
    private var ready: [TimedFrame] = []
    private var readyHead = 0
    private var outSize: (width: Int32, height: Int32)?
    private var keys: Set<Int64> = []
    private var lastDuration: Int64 = 1
    /// Frames that could not be converted.
    private(set) var dropped = 0

    init(info: VideoInfo, options: EncodeOptions?, upright: Bool) {
        self.info = info
        self.options = options
        self.upright = upright
    }

    /// Sentences about what is not kept; complete after the first frame.
    var notes: [String] { first?.plan.notes ?? [] }
    /// Clockwise degrees turned into the pixels.
    var turned: Int { first?.plan.turned ?? 0 }
    /// Whether HDR becomes standard range.
    var toneMaps: Bool { first?.plan.toneMaps ?? false }
    /// Whether a frame may come out later than it went in.
    var delays: Bool { current?.shape.isInterlaced ?? true }

    mutating func push(_ timed: TimedFrame) throws(MasqueError) {
        let shape = shape(of: timed.frame)
        if current?.shape != shape { try change(to: shape, timed.frame) }
        guard let plan = current?.plan else { return }
        lastDuration = timed.duration
        guard let graph else {
            var out = timed
            out.layout = plan.layout
            return try emit(out, plan)
        }
        if timed.isKey { keys.insert(timed.pts) }
        unsafe timed.frame.pointer.pointee.pkt_duration = timed.duration
        do throws(MasqueError) {
            try graph.push(timed.frame)
            try collect(graph, plan)
        } catch {
            // A damaged frame that no filter takes is left out; the next one gets a fresh chain.
            dropped += 1
            if dropped > VideoLimits.barrenPackets { throw error }
            self.graph = nil
            current = nil
        }
    }

    /// Says that nothing more comes, so that held-back frames come out.
    mutating func finish() throws(MasqueError) {
        guard let graph, let plan = current?.plan else { return }
        self.graph = nil
        current = nil
        do throws(MasqueError) {
            try graph.push(nil)
            try collect(graph, plan)
        } catch { dropped += 1 }
    }

    mutating func pop() throws(MasqueError) -> TimedFrame? {
        guard readyHead < ready.count else { return nil }
        defer {
            readyHead += 1
            if readyHead == ready.count {
                ready.removeAll(keepingCapacity: true)
                readyHead = 0
            }
        }
        return ready[readyHead]
    }

    /// Forgets what is on the way, after a jump.
    mutating func reset() {
        ready = []
        readyHead = 0
        graph = nil
        current = nil
        keys = []
    }

    private func shape(of frame: OwnedFrame) -> FrameShape {
        let f = unsafe frame.pointer.pointee
        let trc = unsafe f.color_trc
        let isHDR = trc == AVCOL_TRC_SMPTE2084 || trc == AVCOL_TRC_ARIB_STD_B67
        // A stream with some interlaced frames keeps its deinterlacer: whole frames pass through it.
        let interlaced = unsafe f.interlaced_frame != 0 || (current?.shape.isInterlaced ?? info.isInterlaced)
        return unsafe FrameShape(
            width: Int(f.width), height: Int(f.height), format: f.format, isInterlaced: interlaced, isHDR: isHDR,
            isFullRange: f.color_range == AVCOL_RANGE_JPEG, hasMatrixTag: f.colorspace != AVCOL_SPC_UNSPECIFIED,
            hasPrimariesTag: f.color_primaries != AVCOL_PRI_UNSPECIFIED)
    }

    private mutating func change(to shape: FrameShape, _ frame: OwnedFrame) throws(MasqueError) {
        try finish()
        var plan = ConversionPlan(shape, info: info, options: options, upright: upright)
        if let first {
            // Later changes end in the first frame's size and layout.
            plan.layout = first.plan.layout
            plan.cropsToEven = false
            if let outSize, !first.plan.filters.isEmpty || shape != first.shape {
                plan.filters.append("scale=\(outSize.width):\(outSize.height):flags=bicubic,format=\(plan.layout.name)")
            }
            if shape == first.shape { plan = first.plan }
        } else {
            first = (shape, plan)
        }
        current = (shape, plan)
        graph = nil
        if !plan.filters.isEmpty {
            let aspect = unsafe Rational(frame.pointer.pointee.sample_aspect_ratio)
            graph = try FilterGraph(
                plan.filters.joined(separator: ","),
                input: .video(
                    width: Int32(shape.width), height: Int32(shape.height), format: shape.format,
                    timeBase: info.timeBase, aspect: aspect, rate: info.frameRate))
        }
    }

    private mutating func collect(_ graph: FilterGraph, _ plan: ConversionPlan) throws(MasqueError) {
        while let frame = try graph.pull() {
            let f = unsafe frame.pointer
            let pts = unsafe graph.timeBase.rescale(f.pointee.pts, to: info.timeBase)
            let duration = unsafe f.pointee.pkt_duration > 0 ? f.pointee.pkt_duration : lastDuration
            unsafe f.pointee.pict_type = AV_PICTURE_TYPE_NONE
            if plan.fromRGB, !plan.toneMaps {
                unsafe f.pointee.colorspace = AVCOL_SPC_BT709
                unsafe f.pointee.color_primaries = AVCOL_PRI_BT709
                unsafe f.pointee.color_trc = AVCOL_TRC_IEC61966_2_1
                unsafe f.pointee.color_range = AVCOL_RANGE_MPEG
            }
            if plan.toneMaps {
                unsafe av_frame_remove_side_data(f, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA)
                unsafe av_frame_remove_side_data(f, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL)
            }
            unsafe f.pointee.interlaced_frame = 0
            try emit(
                TimedFrame(
                    frame: frame, layout: plan.layout, pts: pts, duration: duration,
                    isKey: keys.remove(pts) != nil, timeBase: nil), plan)
        }
    }

    private mutating func emit(_ timed: TimedFrame, _ plan: ConversionPlan) throws(MasqueError) {
        var timed = timed
        let sound = unsafe timed.frame.pointer.pointee
        if unsafe sound.linesize.0 <= 0 || sound.linesize.1 <= 0 || sound.linesize.1 != sound.linesize.2 {
            timed = TimedFrame(
                frame: try copied(timed.frame), layout: timed.layout, pts: timed.pts, duration: timed.duration,
                isKey: timed.isKey, timeBase: nil)
        }
        let f = unsafe timed.frame.pointer
        if plan.cropsToEven {
            unsafe f.pointee.width &= ~1
            unsafe f.pointee.height &= ~1
        }
        if outSize == nil { outSize = unsafe (f.pointee.width, f.pointee.height) }
        if let scale = options?.scale, plan.turned == 0 {
            // Rounding to even sides is no reason for odd pixel shapes.
            if case .size = scale {} else { unsafe f.pointee.sample_aspect_ratio = info.pixelAspect.av }
        }
        ready.append(timed)
    }

    /// A copy with rows from the top and equal chroma strides.
    private func copied(_ frame: OwnedFrame) throws(MasqueError) -> OwnedFrame {
        let copy = try OwnedFrame()
        let from = unsafe frame.pointer, to = unsafe copy.pointer
        unsafe to.pointee.format = from.pointee.format
        unsafe to.pointee.width = from.pointee.width
        unsafe to.pointee.height = from.pointee.height
        var code = unsafe av_frame_get_buffer(to, 0)
        if code >= 0 { code = unsafe av_frame_copy(to, from) }
        if code >= 0 { code = unsafe av_frame_copy_props(to, from) }
        try LibAV.check(code, .failed, "A video frame could not be copied.")
        return copy
    }
}
