// Reads JSON (RFC 8259) in one pass: Foundation's decoder can read a value of unknown kind only by trying every kind.

/// What is wrong with a text that should be JSON.
struct JSONFault: Error {
    /// The byte at which it went wrong, from 0.
    let offset: Int
}

/// A reader over the bytes of one document. Its time is linear in the bytes; its recursion is bounded by
/// `checkJSONNesting`, which the caller runs first.
struct JSONText {
    private let bytes: [UInt8]
    private var at = 0

    /// The document's value.
    static func value(of bytes: [UInt8]) throws -> JSONValue {
        // A byte order mark may be ignored (RFC 8259, 8.1).
        var text = JSONText(bytes: bytes, at: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
        let value = try text.value()
        text.skipSpace()
        guard text.at == bytes.count else { throw text.fault }
        return value
    }

    private init(bytes: [UInt8], at: Int) {
        self.bytes = bytes
        self.at = at
    }

    private var fault: JSONFault { JSONFault(offset: at) }
    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    /// Whether `letter` came, after spaces; it is then behind.
    private mutating func takes(_ letter: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: letter) else { return false }
        at += 1
        return true
    }

    private mutating func value() throws -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws -> JSONValue {
        guard bytes[at...].starts(with: word.utf8) else { throw fault }
        at += word.utf8.count
        return value
    }

    private mutating func object() throws -> [String: JSONValue] {
        at += 1
        var fields: [String: JSONValue] = [:]
        if takes("}") { return fields }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw fault }
            let name = try string()
            guard takes(":") else { throw fault }
            fields[name] = try value()
        } while takes(",")
        guard takes("}") else { throw fault }
        return fields
    }

    private mutating func array() throws -> [JSONValue] {
        at += 1
        var items: [JSONValue] = []
        if takes("]") { return items }
        repeat { items.append(try value()) } while takes(",")
        guard takes("]") else { throw fault }
        return items
    }

    private mutating func number() throws -> JSONValue {
        let start = at
        if next == UInt8(ascii: "-") { at += 1 }
        let isZero = next == UInt8(ascii: "0")
        let whole = try digits()
        guard !isZero || whole == 1 else { throw fault }
        var isWhole = true
        if next == UInt8(ascii: ".") {
            at += 1
            isWhole = false
            _ = try digits()
        }
        if let byte = next, byte | 0x20 == UInt8(ascii: "e") {
            at += 1
            isWhole = false
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
            _ = try digits()
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isWhole, let value = Int(text) { return .int(value) }
        guard let value = Double(text), value.isFinite else { throw fault }
        return .number(value)
    }

    /// Goes over one digit or more and gives their number.
    private mutating func digits() throws -> Int {
        let start = at
        while let byte = next, (0x30...0x39).contains(byte) { at += 1 }
        guard at > start else { throw fault }
        return at - start
    }

    private mutating func string() throws -> String {
        at += 1
        var text: [UInt8] = []
        while let byte = next {
            at += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw fault }
                return string
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw fault
            default: text.append(byte)
            }
        }
        throw fault
    }

    private mutating func escape(into text: inout [UInt8]) throws {
        guard let byte = next else { throw fault }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var units = [try unit()]
            if UTF16.isLeadSurrogate(units[0]), bytes[at...].starts(with: "\\u".utf8) {
                at += 2
                units.append(try unit())
            }
            guard let scalars = String(validating: units, as: UTF16.self) else { throw fault }
            text.append(contentsOf: scalars.utf8)
        default: throw fault
        }
    }

    /// Four hexadecimal digits.
    private mutating func unit() throws -> UInt16 {
        guard at + 4 <= bytes.count else { throw fault }
        var value: UInt16 = 0
        for byte in bytes[at..<at + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw fault }
            value = value << 4 | UInt16(digit)
        }
        at += 4
        return value
    }
}
