// The two things that are read from EXIF: orientation and resolution.

/// What an EXIF block says. Source: EXIF 2.32 (CIPA DC-008), TIFF 6.0.
struct EXIF: Hashable {
    /// 1…8; 1 when the block says nothing sensible.
    var orientation = 1
    /// Dots per inch, where stated.
    var dpi: Int?

    /// Reads the first directory of a TIFF block, with or without "Exif\0\0" in front; `nil` when it is not one.
    init?(_ block: [UInt8]) {
        let start = block.has("Exif\0\0", at: 0) ? 6 : 0
        let little = block.has("II*\0", at: start)
        guard little || block.has("MM\0*", at: start) else { return nil }
        func number16(_ offset: Int) -> Int? { little ? block.little16(start + offset) : block.big16(start + offset) }
        func number32(_ offset: Int) -> Int? { little ? block.little32(start + offset) : block.big32(start + offset) }
        func fraction(_ offset: Int) -> Double? {
            guard let top = number32(offset), let bottom = number32(offset + 4), bottom > 0 else { return nil }
            return Double(top) / Double(bottom)
        }
        guard let directory = number32(4), let entries = number16(directory) else { return nil }
        var resolution: Double?
        var unit = 2
        for entry in 0..<entries {
            let place = directory + 2 + 12 * entry
            guard let tag = number16(place), let type = number16(place + 2) else { break }
            switch (tag, type) {
            case (0x0112, 3): if let value = number16(place + 8), (1...8).contains(value) { orientation = value }
            case (0x011A, 5): if let offset = number32(place + 8) { resolution = fraction(offset) }
            case (0x0128, 3): if let value = number16(place + 8) { unit = value }
            default: break
            }
        }
        guard let resolution, resolution >= 1, resolution < 20_000, unit == 2 || unit == 3 else { return }
        dpi = Int((unit == 3 ? resolution * 2.54 : resolution).rounded())
    }
}
