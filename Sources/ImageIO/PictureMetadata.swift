// What a picture file says besides its pixels.

/// What was kept of a decoded file. EXIF is not kept (it may tell where a person lives); its orientation is already
/// applied to the pixels.
package struct PictureMetadata: Sendable, Hashable {
    /// The format the file really had.
    package var format: PictureFormat
    /// The ICC profile of RGB pixels, byte for byte. Profiles of grey and CMYK files are dropped, as the pixels were
    /// turned to RGB.
    package var iccProfile: [UInt8]?
    /// The XMP packet, for reading only: it is never copied to an output.
    package var xmp: String?
    /// Dots per inch, where stated.
    package var dpi: Int?
    /// The EXIF orientation (1…8) that was applied to the pixels.
    package var orientation: Int

    /// Makes metadata.
    package init(
        format: PictureFormat, iccProfile: [UInt8]? = nil, xmp: String? = nil, dpi: Int? = nil, orientation: Int = 1
    ) {
        self.format = format
        self.iccProfile = iccProfile
        self.xmp = xmp
        self.dpi = dpi
        self.orientation = orientation
    }

    /// Keeps `profile` when it describes RGB pixels.
    /// Source: ICC.1:2022, 7.2: the data colour space stands at byte 16, the signature "acsp" at byte 36.
    mutating func keep(iccProfile profile: [UInt8]) {
        guard profile.count >= 128, profile[36..<40].elementsEqual("acsp".utf8) else { return }
        guard profile[16..<20].elementsEqual("RGB ".utf8) else { return }
        iccProfile = profile
    }

    /// Keeps what an EXIF block says of orientation and resolution.
    mutating func keep(exif: EXIF?) {
        guard let exif else { return }
        orientation = exif.orientation
        if dpi == nil { dpi = exif.dpi }
    }
}
