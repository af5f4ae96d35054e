// A file's bytes without reading them: mapped, so that only what is looked at is brought in.
internal import Foundation

extension Data {
    /// The bytes of the file at `path`, mapped to be read. Foundation's own `mappedIfSafe` reads whole files on Linux.
    ///
    /// - Throws: `CocoaError` when the file cannot be read.
    init(mappingFileAt path: String) throws {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        var status = stat()
        guard unsafe fstat(file.fileDescriptor, &status) == 0 else { throw CocoaError(.fileReadUnknown) }
        guard status.st_size > 0 else {
            self.init()
            return
        }
        guard
            let bytes = unsafe mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, file.fileDescriptor, 0),
            unsafe bytes != MAP_FAILED
        else { throw CocoaError(.fileReadUnknown) }
        unsafe self.init(
            bytesNoCopy: bytes, count: Int(status.st_size),
            deallocator: .custom { bytes, count in _ = unsafe munmap(bytes, count) })
    }
}
