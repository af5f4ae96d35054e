// File names in Content-Disposition, whatever is in them (RFC 6266, RFC 8187).

internal import Files

/// `attachment; filename="plain"; filename*=UTF-8''exact`: old clients get ASCII, all others the exact name.
package func contentDisposition(_ kind: String, fileName: String) -> String {
    let scalars = fileName.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 && $0 != "/" && $0 != "\\" }
    let name = String(String.UnicodeScalarView(scalars))
    guard !name.isEmpty else { return kind }
    // A percent sign in the plain form is decoded by some browsers
    let isPlain = name.unicodeScalars.allSatisfy { $0.isASCII && $0 != "\"" && $0 != "%" }
    if isPlain { return "\(kind); filename=\"\(name)\"" }
    let plain = String(name.map { $0.isASCII && $0 != "\"" && $0 != "%" ? $0 : "_" })
    var exact = ""
    for byte in name.utf8 {
        let scalar = UnicodeScalar(byte)
        if byte < 128,
            Character(scalar).isLetter || Character(scalar).isNumber || "!#$&+-.^_`|~".unicodeScalars.contains(scalar)
        {
            exact.unicodeScalars.append(scalar)
        } else {
            exact += "%" + hexadecimal([byte]).uppercased()
        }
    }
    return "\(kind); filename=\"\(plain)\"; filename*=UTF-8''\(exact)"
}
