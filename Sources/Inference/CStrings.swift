// Swift strings lent to C as an array of zero-terminated strings.

enum CStrings {
    /// Calls `body` with pointers to copies of `strings` that live for the call.
    static func with<R>(
        _ strings: [String], _ body: ([UnsafePointer<CChar>?]) throws -> R
    ) throws -> R {
        let buffers = strings.map { Array($0.utf8CString) }
        var pointers = unsafe [UnsafePointer<CChar>?]()
        func gather(_ index: Int) throws -> R {
            guard index < buffers.count else { return unsafe try body(pointers) }
            return unsafe try buffers[index].withUnsafeBufferPointer { buffer in
                unsafe pointers.append(buffer.baseAddress)
                return try gather(index + 1)
            }
        }
        return try gather(0)
    }
}
