// Which bytes a Range header asks for (RFC 9110 14).

/// What a Range header means for something of a known length.
enum ByteRanges: Equatable {
    /// No Range, or one that is to be ignored: everything.
    case whole
    /// These ranges, in the order asked for.
    case some([Range<Int>])
    /// None of what is asked for exists: 416.
    case unsatisfiable

    /// More ranges than this, or ones that together are longer than the whole, are answered with the whole.
    private static let most = 16

    /// Reads `header` for something `length` bytes long.
    init(_ header: String?, length: Int) {
        self = .whole
        guard let header, header.lowercased().hasPrefix("bytes=") else { return }
        var ranges: [Range<Int>] = []
        var asked = 0
        for item in header.dropFirst(6).split(separator: ",") {
            let ends = item.trimmed.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
            guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }) else { return }
            asked += 1
            // A number too large for Int lies behind the end all the same
            switch (ends[0].isEmpty, ends[1].isEmpty) {
            case (true, true): return
            case (true, false):
                let suffix = min(Int(ends[1]) ?? .max, length)
                if suffix > 0 { ranges.append(length - suffix..<length) }
            case (false, let isOpen):
                let first = Int(ends[0]) ?? .max
                let last = isOpen ? Int.max : Int(ends[1]) ?? .max
                guard first <= last else { return }
                if first < length { ranges.append(first..<min(last, length - 1) + 1) }
            }
        }
        guard asked > 0 else { return }
        guard !ranges.isEmpty else {
            self = .unsatisfiable
            return
        }
        guard ranges.count <= Self.most, ranges.count == 1 || ranges.map(\.count).reduce(0, +) <= length else { return }
        self = .some(ranges)
    }
}
