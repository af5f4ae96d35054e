// Where a video swap's frames go: straight into the output, or into parts that are joined at the end.

internal import Errors
internal import Inference
internal import VideoIO

/// Takes finished frames in order. One thread at a time.
final class VideoSink {
    private let writer: VideoWriter
    private let checkpoint: VideoCheckpoint?
    private let tally: VideoTally
    private let stop: CancellationFlag
    private let warnings: () -> [String]
    private var segment: SegmentWriter?
    /// The number of the part that is written.
    private var number: Int

    /// Makes a sink that goes on behind `done` finished parts.
    init(
        writer: VideoWriter, checkpoint: VideoCheckpoint?, done: Int, tally: VideoTally, stop: CancellationFlag,
        warnings: @escaping () -> [String]
    ) {
        self.writer = writer
        self.checkpoint = checkpoint
        number = done
        self.tally = tally
        self.stop = stop
        self.warnings = warnings
    }

    /// Takes a frame.
    ///
    /// - Parameter state: the memory before this frame, where a new part begins with it.
    func write(_ frame: VideoFrame, state: VideoState?) throws {
        guard let checkpoint else { return try writer.write(frame) }
        if let state { try finishSegment(checkpoint, next: state) }
        let segment = try self.segment ?? writer.segment(path: checkpoint.packets(number))
        self.segment = segment
        try segment.write(frame)
    }

    /// Says that the video ended.
    func finish() throws {
        if let checkpoint { try finishSegment(checkpoint, next: nil) }
    }

    private func finishSegment(_ checkpoint: VideoCheckpoint, next: VideoState?) throws {
        guard let segment else { return }
        self.segment = nil
        let summary = try segment.finish()
        try checkpoint.finished(
            number, summary, next: next, tally: next?.swapping.tally ?? tally.swapped,
            seen: next?.analysis.seen ?? tally.seen, frames: tally.frames, warnings: warnings())
        number += 1
    }

    /// Joins all parts and closes the output.
    func join() throws -> VideoSummary {
        if let checkpoint {
            for part in 0..<number {
                try stop.check()
                try writer.append(segmentAt: checkpoint.packets(part))
            }
        }
        return try writer.finish()
    }
}
