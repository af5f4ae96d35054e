// Standard output and standard error: the only place that writes to them.

internal import Errors
internal import Foundation
internal import Glibc

/// Writes text and JSON. A reader that has gone away is no error: the work's result is a file.
enum Console {
    /// Prints lines to standard output.
    static func out(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }
    /// Prints lines to standard error.
    static func err(_ text: String) { write(text + "\n", to: STDERR_FILENO) }
    /// Writes text as it is to standard error.
    static func errRaw(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Prints a value as one line of JSON, keys in snake case, on standard output.
    static func json(_ value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "infinity", negativeInfinity: "-infinity", nan: "nan")
        guard let data = try? encoder.encode(value) else { return }
        out(String(decoding: data, as: UTF8.self))
    }

    /// Prints an error: a sentence for people on standard error, for programs also an object on standard output.
    static func tell(_ error: MasqueError, asJSON: Bool) {
        if asJSON { json(ErrorEvent(error)) }
        err(plain("masque: \(error)"))
    }

    /// Text from outside (file names, libraries' words) without characters that would steer a terminal.
    static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control && $0 != "\n" ? "\u{FFFD}" : $0 }))
    }

    /// Ends the process.
    static func exit(_ code: Int32) -> Never { Glibc.exit(code) }

    /// Whether standard error is a terminal on which a line can be drawn again and again.
    static var errIsTerminal: Bool {
        isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// The columns of the terminal behind standard error; 80 when it does not say.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Whether the locale can show more than ASCII.
    static var hasUnicode: Bool {
        let environment = ProcessInfo.processInfo.environment
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        return locale.uppercased().replacingOccurrences(of: "-", with: "").contains("UTF8")
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let put = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if put < 0, errno == EINTR { continue }
            if put < 0, errno == EAGAIN {
                usleep(1000)
                continue
            }
            if put <= 0 { return }
            bytes = bytes.dropFirst(put)
        }
    }
}
