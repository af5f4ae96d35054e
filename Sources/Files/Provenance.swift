// What every output says of its making, in one place for pictures and videos.

/// The statement that an output is a composite with machine-made parts, and which program made it.
///
/// It is written as XMP (``xmpPacket``) into pictures by ImageIO and as metadata into videos by VideoIO. This is also
/// the seam for a signed C2PA manifest: its `c2pa.actions` assertion takes the same ``digitalSourceType`` and
/// ``software``, and whoever calls the encoders with a `Provenance` will call the signer with it.
package struct Provenance: Sendable, Hashable {
    /// Media composed of several elements of which at least one was made by a trained model.
    /// Source: IPTC NewsCodes, "Digital Source Type".
    package static let composite =
        "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"

    /// The URL of an IPTC digital source type.
    package let digitalSourceType: String
    /// The program and its version, such as "Masque 0.1.0" (`xmp:CreatorTool`).
    package let software: String
    /// The generator within the program, such as "mesh", where known (`Iptc4xmpExt:AISystemUsed`).
    package let system: String?

    /// Makes a statement.
    package init(digitalSourceType: String = Provenance.composite, software: String, system: String? = nil) {
        self.digitalSourceType = digitalSourceType
        self.software = software
        self.system = system
    }
}
