// Turns the status of a codec into a sentence.

internal import CImageCodecs
internal import Errors

/// The error for a decoder that ended with `error` on the file called `name`.
func decodingError(_ error: mq_error, format: PictureFormat, name: String) -> MasqueError {
    let cause = LibraryMessage(text: error.text)
    return switch Int(error.status) {
    case MQ_TRUNCATED: cutShort(format, name: name, cause: cause)
    case MQ_UNSUPPORTED:
        MasqueError(
            .unsupportedMedia, "\(name) is a \(format.label) picture of a kind that Masque does not read.",
            advice: "Save it as an ordinary \(format.label) first.", cause: cause)
    case MQ_NO_MEMORY: MasqueError(.failed, "There is not enough memory to read \(name).", cause: cause)
    default: damaged(format, name: name, cause: cause)
    }
}

/// The error for an encoder that ended with `error`.
func encodingError(_ error: mq_error, format: PictureFormat) -> MasqueError {
    let cause = LibraryMessage(text: error.text)
    if Int(error.status) == MQ_NO_MEMORY {
        return MasqueError(.failed, "There is not enough memory to write a \(format.label) picture.", cause: cause)
    }
    return MasqueError(.failed, "The \(format.label) picture could not be written: \(error.text).", cause: cause)
}

/// The error for a file that ends before its picture does.
func cutShort(_ format: PictureFormat, name: String, cause: (any Error)? = nil) -> MasqueError {
    MasqueError(
        .unsupportedMedia, "\(name) is a \(format.label) picture that is cut short: its end is missing.",
        advice: "Copy or download it again.", cause: cause)
}

/// The error for a file whose content contradicts its format.
func damaged(_ format: PictureFormat, name: String, cause: (any Error)? = nil) -> MasqueError {
    MasqueError(
        .unsupportedMedia, "\(name) is a damaged \(format.label) picture.", advice: "Copy or download it again.",
        cause: cause)
}

/// A C library's own words, as the cause of an error.
struct LibraryMessage: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}

extension mq_error {
    /// The library's own words.
    var text: String {
        unsafe withUnsafeBytes(of: message) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
