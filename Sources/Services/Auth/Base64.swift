// base64 and base64url (RFC 4648), as keys, tokens, links and signatures use them.

internal import Foundation

/// base64url without padding (RFC 4648, 5).
func base64URLEncoded(_ bytes: some Sequence<UInt8>) -> String {
    let text = Data(bytes).base64EncodedString()
    return String(
        decoding: text.utf8.compactMap { letter -> UInt8? in
            switch letter {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: letter
            }
        }, as: UTF8.self)
}

/// The bytes of a text; nil when it has other characters, padding, or bits that mean nothing.
func base64URLDecoded(_ text: some StringProtocol) -> [UInt8]? {
    var letters = text.utf8.map { letter in
        switch letter {
        case UInt8(ascii: "-"): UInt8(ascii: "+")
        case UInt8(ascii: "_"): UInt8(ascii: "/")
        case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): UInt8(ascii: "!")
        default: letter
        }
    }
    letters += Array(repeating: UInt8(ascii: "="), count: (4 - letters.count % 4) % 4)
    guard let data = Data(base64Encoded: Data(letters)), base64URLEncoded(data).utf8.elementsEqual(text.utf8) else {
        return nil
    }
    return Array(data)
}

/// Plain base64 with padding (RFC 4648, 4).
func base64Encoded(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }

/// The bytes of plain base64; nil when it is something else.
func base64Decoded(_ text: some StringProtocol) -> [UInt8]? { Data(base64Encoded: String(text)).map(Array.init) }
