// The one place where FFmpeg's return codes become errors.

internal import CFFmpeg
internal import Errors

/// A return code of FFmpeg with the library's own words, kept as the cause of a ``MasqueError``.
struct LibAVError: Error, CustomStringConvertible {
    /// The negative return code.
    let code: Int32
    /// FFmpeg's words for it.
    let description: String
}

/// Helpers around FFmpeg's conventions.
enum LibAV {
    /// Silences FFmpeg's own logging once; errors reach people through ``MasqueError`` only.
    static let silenced: Void = av_log_set_level(AV_LOG_QUIET)

    /// FFmpeg's words for a return code.
    static func text(_ code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        _ = unsafe av_strerror(code, &buffer, buffer.count)
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Passes a non-negative return code through and throws `sentence` for a negative one.
    ///
    /// A full disk becomes ``MasqueError/Code/outOfSpace`` whatever `kind` says.
    @discardableResult
    static func check(
        _ code: Int32, _ kind: MasqueError.Code, _ sentence: @autoclosure () -> String, advice: String? = nil
    ) throws(MasqueError) -> Int32 {
        if code >= 0 { return code }
        let cause = LibAVError(code: code, description: text(code))
        if code == MASQUE_ENOSPC || code == MASQUE_EDQUOT || code == MASQUE_EFBIG {
            throw MasqueError(
                .outOfSpace, "The disk is full: \(sentence())", advice: "Free some space and try again.", cause: cause)
        }
        throw MasqueError(kind, sentence(), advice: advice, cause: cause)
    }

    /// The error for an allocation that FFmpeg refused.
    static func outOfMemory(_ what: String) -> MasqueError {
        MasqueError(.failed, "There was not enough memory for \(what).")
    }

    /// A Swift string from one of FFmpeg's static names, or `fallback` for a null pointer.
    static func name(_ pointer: UnsafePointer<CChar>?, _ fallback: String = "unknown") -> String {
        guard let pointer = unsafe pointer else { return fallback }
        return unsafe String(cString: pointer)
    }

    /// The value of a metadata key, if there is one.
    static func value(_ key: String, in metadata: OpaquePointer?) -> String? {
        guard let entry = unsafe av_dict_get(metadata, key, nil, 0) else { return nil }
        return unsafe String(cString: entry.pointee.value)
    }

    /// FFmpeg's file protocol and nothing else, so that a name such as `http://…` is only ever a file's name.
    static func url(_ path: String) -> String { "file:" + path }
}
