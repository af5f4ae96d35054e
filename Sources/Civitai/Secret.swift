// A key or token that no log, error or dump shows.

/// Text that is sent to one host and told to nobody else.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// For the header that it belongs in, and nothing else.
    package let text: String

    /// - Returns: nil for an empty text.
    package init?(_ text: String?) {
        guard let text, !text.isEmpty else { return nil }
        self.text = text
    }

    package var description: String { "••••••" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// Whether it can stand in a header: printable ASCII of at most 512 bytes.
    package var isPlain: Bool { text.utf8.count <= 512 && text.utf8.allSatisfy { (0x21...0x7e).contains($0) } }
}
