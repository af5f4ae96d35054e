// Refuses JSON that nests deeply before any decoder sees it, because decoders recurse and take their time with it.

internal import Errors

/// How deep lists and objects may stand in one another; no call needs more than four levels.
package let mostJSONLevels = 32

/// Looks once through the bytes, whatever else is wrong with them.
/// - Parameter what: names the text in sentences, e.g. “The body”.
/// - Throws: `.badInput` when lists and objects nest deeper than ``mostJSONLevels``.
package func checkJSONNesting(_ bytes: some Sequence<UInt8>, what: String) throws {
    var (level, isText, isEscaped) = (0, false, false)
    for byte in bytes {
        if isText {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isText = false
            }
            continue
        }
        switch byte {
        case UInt8(ascii: "\""): isText = true
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            level += 1
            guard level <= mostJSONLevels else {
                throw MasqueError(
                    .badInput, "\(what) nests lists and objects deeper than \(mostJSONLevels) levels.",
                    advice: "Send the fields that /docs shows.")
            }
        case UInt8(ascii: "]"), UInt8(ascii: "}"): level -= 1
        default: break
        }
    }
}
