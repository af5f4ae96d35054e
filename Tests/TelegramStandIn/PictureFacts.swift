// What bytes are: enough to tell a picture from a video and to read a picture's size.

/// Kinds of files that are told apart by their first bytes.
enum PictureFacts {
    /// Width and height of a JPEG or PNG picture.
    static func size(_ bytes: [UInt8]) -> (width: Int, height: Int)? {
        if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]), bytes.count > 24 {
            func number(_ at: Int) -> Int { bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) } }
            return (number(16), number(20))
        }
        guard isJPEG(bytes) else { return nil }
        var at = 2
        while at + 9 < bytes.count, bytes[at] == 0xff {
            let marker = bytes[at + 1]
            if (0xc0...0xcf).contains(marker), ![0xc4, 0xc8, 0xcc].contains(marker) {
                return (
                    Int(bytes[at + 7]) << 8 | Int(bytes[at + 8]), Int(bytes[at + 5]) << 8 | Int(bytes[at + 6])
                )
            }
            at += 2 + (Int(bytes[at + 2]) << 8 | Int(bytes[at + 3]))
        }
        return nil
    }

    static func isJPEG(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0xff, 0xd8, 0xff]) }
    /// MPEG-4.
    static func isVideo(_ bytes: [UInt8]) -> Bool { bytes.dropFirst(4).starts(with: Array("ftyp".utf8)) }
}
