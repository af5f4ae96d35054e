// One published model, as a list describes it.

package import Foundation

/// A model that can be fetched: its files, where they are, and under which licence.
package struct CatalogueModel: Sendable, Hashable {
    /// Whether a licence allows work for money.
    package enum Commercial: String, Sendable, Hashable, Codable {
        case yes, no, unknown
    }

    /// One file.
    package struct File: Sendable, Hashable {
        /// Its name in the store.
        package var file: String
        package var bytes: Int?
        package var sha256: String?
        package var crc32: String?
        /// Where it is, in the order in which the places are tried.
        package var urls: [URL]
        /// Where its publisher states its CRC-32, in the same order; eight hexadecimal digits.
        package var checksumURLs: [URL]
    }

    /// The name by which options and code ask for it.
    package var name: String
    /// What it does, such as `face_swapper`.
    package var role: String
    /// As its publisher states it; `unknown` otherwise.
    package var licence: String
    package var commercial: Commercial
    /// Who made it.
    package var maker: String?
    /// Its files; the first is the one that is loaded.
    package var files: [File]
    /// Other models without which it is of no use.
    package var needs: [String]

    /// A plain warning where the licence asks for one.
    package var warning: String? {
        switch commercial {
        case .yes: nil
        case .no: "“\(name)” is under the licence \(licence): not for commercial use."
        case .unknown:
            "The licence of “\(name)” is \(licence == "unknown" ? "not known" : licence): ask its maker before any use."
        }
    }
}
