// What every encoder of one output video is opened with.

internal import CFFmpeg
internal import Errors

/// Opens encoders that make parts of one video: they agree in all that the file's header says.
struct EncoderRecipe {
    let options: EncodeOptions
    /// A frame of the size, layout and colour that all frames have.
    let like: OwnedFrame
    /// Seconds per tick of the packets' times.
    let timeBase: Rational
    /// Frames a second.
    let rate: Rational
    let isVariable: Bool
    let globalHeader: Bool

    /// Opens an encoder that knows nothing of other frames: its first frame stands by itself.
    func open() throws(MasqueError) -> FrameEncoder {
        try FrameEncoder(
            options, like: like, timeBase: timeBase, rate: rate, isVariable: isVariable, globalHeader: globalHeader)
    }
}
