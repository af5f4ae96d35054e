// Reads what a picture file says of its making.

package import Files

/// The XMP packet of a JPEG, PNG or WebP file; `nil` when there is none.
package func readXMP(_ bytes: [UInt8]) -> String? {
    switch PictureFormat(sniffing: bytes) {
    case .jpeg: JPEGSegments(bytes).xmp
    case .png: PNGChunks(bytes)?.xmp
    case .webp: WebPChunks(bytes).xmp
    case nil: nil
    }
}

/// The statement of origin in a picture file's XMP; `nil` when it has none.
package func readProvenance(_ bytes: [UInt8]) -> Provenance? {
    readXMP(bytes).flatMap { Provenance(xmpPacket: $0) }
}
