// A chain of FFmpeg's filters that frames are pushed into and pulled out of.

internal import CFFmpeg
internal import Errors

/// What one end of a filter chain carries.
enum FilterEnd: Hashable {
    /// Pictures of one size and layout.
    case video(
        width: Int32, height: Int32, format: Int32, timeBase: Rational, aspect: Rational, rate: Rational)
    /// Sound of one layout; `layout` is FFmpeg's name, such as "stereo".
    case audio(rate: Int32, format: Int32, layout: String, timeBase: Rational)

    var source: String {
        switch self {
        case .video: "buffer"
        case .audio: "abuffer"
        }
    }

    var sink: String {
        switch self {
        case .video: "buffersink"
        case .audio: "abuffersink"
        }
    }

    var arguments: String {
        switch self {
        case .video(let width, let height, let format, let timeBase, let aspect, let rate):
            "video_size=\(width)x\(height):pix_fmt=\(format):time_base=\(timeBase)"
                + (aspect.isKnown ? ":pixel_aspect=\(aspect)" : "") + (rate.isKnown ? ":frame_rate=\(rate)" : "")
        case .audio(let rate, let format, let layout, let timeBase):
            "sample_rate=\(rate):sample_fmt=\(format):channel_layout=\(layout):time_base=\(timeBase)"
        }
    }
}

/// A chain of FFmpeg's filters. The contexts belong to the graph and go with it.
@safe final class FilterGraph {
    private let graph: UnsafeMutablePointer<AVFilterGraph>
    private let source: UnsafeMutablePointer<AVFilterContext>
    private let sink: UnsafeMutablePointer<AVFilterContext>
    /// Seconds per tick of what comes out.
    let timeBase: Rational

    /// Builds the chain that `filters` describes in FFmpeg's syntax, from a pad "in" to a pad "out".
    ///
    /// - Throws: ``MasqueError/Code/unsupportedMedia`` when the filters cannot take `input`.
    init(_ filters: String, input: FilterEnd) throws(MasqueError) {
        guard let graph = unsafe avfilter_graph_alloc() else { throw LibAV.outOfMemory("a filter") }
        var owned: UnsafeMutablePointer<AVFilterGraph>? = unsafe graph
        func made(_ code: Int32) throws(MasqueError) {
            if code < 0 { unsafe avfilter_graph_free(&owned) }
            try LibAV.check(code, .unsupportedMedia, "FFmpeg cannot convert this video's frames (\(filters)).")
        }
        unsafe graph.pointee.nb_threads = 2
        var source: UnsafeMutablePointer<AVFilterContext>?
        var sink: UnsafeMutablePointer<AVFilterContext>?
        try made(
            unsafe avfilter_graph_create_filter(
                &source, avfilter_get_by_name(input.source), "in", input.arguments, nil, graph))
        try made(
            unsafe avfilter_graph_create_filter(&sink, avfilter_get_by_name(input.sink), "out", nil, nil, graph))
        var outputs = unsafe avfilter_inout_alloc()
        var inputs = unsafe avfilter_inout_alloc()
        defer {
            unsafe avfilter_inout_free(&outputs)
            unsafe avfilter_inout_free(&inputs)
        }
        guard let from = unsafe outputs, let to = unsafe inputs, let source = unsafe source, let sink = unsafe sink
        else {
            try made(-12)
            throw LibAV.outOfMemory("a filter")
        }
        unsafe from.pointee.name = av_strdup("in")
        unsafe from.pointee.filter_ctx = source
        unsafe to.pointee.name = av_strdup("out")
        unsafe to.pointee.filter_ctx = sink
        try made(unsafe avfilter_graph_parse_ptr(graph, filters, &inputs, &outputs, nil))
        try made(unsafe avfilter_graph_config(graph, nil))
        unsafe self.graph = graph
        unsafe self.source = source
        unsafe self.sink = sink
        timeBase = unsafe Rational(av_buffersink_get_time_base(sink))
    }

    deinit {
        var graph: UnsafeMutablePointer<AVFilterGraph>? = unsafe graph
        unsafe avfilter_graph_free(&graph)
    }

    /// Hands a frame in; the planes are shared, not copied. nil says that nothing more comes.
    func push(_ frame: OwnedFrame?) throws(MasqueError) {
        let code = unsafe av_buffersrc_add_frame_flags(source, frame?.pointer, Int32(AV_BUFFERSRC_FLAG_KEEP_REF))
        try LibAV.check(code, .failed, "A video frame could not be converted.")
    }

    /// The next frame that is ready, or nil when the chain waits for more or has ended.
    func pull() throws(MasqueError) -> OwnedFrame? {
        let frame = try OwnedFrame()
        let code = unsafe av_buffersink_get_frame(sink, frame.pointer)
        if code == MASQUE_EAGAIN || code == MASQUE_EOF { return nil }
        try LibAV.check(code, .failed, "A video frame could not be converted.")
        return frame
    }
}
