// Where a reader's frames come from, for the writer that copies the rest of the file.

/// The file and the part of it that a reader's frames come from: what a writer needs for sound, subtitles and tags.
package struct VideoSource: Sendable {
    /// The file.
    package let path: String
    /// What the file says about itself.
    package let info: VideoInfo
    /// The timestamp that became 0, in ticks of `info.timeBase`.
    let start: Int64
    /// The first timestamp that is left out, in the same ticks; nil at the end of the file.
    let end: Int64?
    /// Whether the rotation was turned into the pixels.
    let turned: Bool
    /// Whether `start` was asked for, so that sound before it is cut.
    var isTrimmed = false
    /// Whether HDR became standard range.
    var toneMapped = false
    /// Another file whose sound takes the place of this one's, from its beginning to this one's end.
    package var sound: String?
}
