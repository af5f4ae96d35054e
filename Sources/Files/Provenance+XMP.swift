// Provenance as an XMP packet, written and read.

extension Provenance {
    /// An XMP packet in UTF-8 that holds this statement and nothing else.
    /// Source: ISO 16684-1 (XMP); IPTC Photo Metadata Standard 2025.1 for the `Iptc4xmpExt` names.
    package var xmpPacket: String {
        let used = system.map { "\n    Iptc4xmpExt:AISystemUsed=\"\(escaped($0))\"" } ?? ""
        return """
            <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
            <x:xmpmeta xmlns:x="adobe:ns:meta/">
             <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
              <rdf:Description rdf:about=""
                xmlns:xmp="http://ns.adobe.com/xap/1.0/"
                xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
                Iptc4xmpExt:DigitalSourceType="\(escaped(digitalSourceType))"\(used)
                xmp:CreatorTool="\(escaped(software))"/>
             </rdf:RDF>
            </x:xmpmeta>
            <?xpacket end="w"?>
            """
    }

    /// Reads a statement from an XMP packet, whoever wrote it; `nil` when it names no digital source type.
    package init?(xmpPacket packet: String) {
        guard let type = value(of: "DigitalSourceType", in: packet) else { return nil }
        self.init(
            digitalSourceType: type, software: value(of: "CreatorTool", in: packet) ?? "",
            system: value(of: "AISystemUsed", in: packet))
    }
}

/// The value of a property of any prefix, written as an attribute, an element or an `rdf:resource`.
private func value(of property: String, in packet: String) -> String? {
    let text = Array(packet.utf8), key = Array((":" + property).utf8)
    guard text.count > key.count else { return nil }
    for start in 0..<(text.count - key.count)
    where text[start] == key[0] && text[start..<(start + key.count)].elementsEqual(key) {
        var i = start + key.count
        while i < text.count, isSpace(text[i]) { i += 1 }
        guard i < text.count else { return nil }
        if text[i] == UInt8(ascii: "=") {
            if let found = quoted(text, from: i + 1) { return found }
        } else if text[i] == UInt8(ascii: ">") {
            let rest = text[(i + 1)...]
            let content = rest.prefix { $0 != UInt8(ascii: "<") }
            return unescaped(content)
        } else if let tag = text[i...].firstIndex(of: UInt8(ascii: "=")), isOpenTag(text[i..<tag]),
            let found = quoted(text, from: tag + 1)
        {
            return found
        }
    }
    return nil
}

private func isOpenTag(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.elementsEqual(Array("rdf:resource".utf8))
}

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

/// The text between the quotation marks that come next.
private func quoted(_ text: [UInt8], from start: Int) -> String? {
    var i = start
    while i < text.count, isSpace(text[i]) { i += 1 }
    guard i < text.count, text[i] == UInt8(ascii: "\"") || text[i] == UInt8(ascii: "'") else { return nil }
    let mark = text[i]
    guard let end = text[(i + 1)...].firstIndex(of: mark) else { return nil }
    return unescaped(text[(i + 1)..<end])
}

private let entities: [(name: String, character: String)] = [
    ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&"),
]

private func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars where scalar.value >= 0x20 {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

private func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
    var rest = Substring(String(decoding: bytes, as: UTF8.self))
    var result = ""
    while let mark = rest.firstIndex(of: "&") {
        result += rest[..<mark]
        rest = rest[mark...]
        let entity = entities.first { rest.hasPrefix($0.name) }
        result += entity?.character ?? "&"
        rest = rest.dropFirst(entity?.name.count ?? 1)
    }
    return result + rest
}
