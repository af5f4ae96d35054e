// The published lip syncers.

/// One published lip syncer, by the name of its file (`--lip-syncer-model`). All take `source`, a window of speech
/// [1, 1, 80, 16], and `target`, a face.
///
/// Source: FaceFusion 3.5.2's model table.
package struct LipSyncModel: Sendable, Hashable {
    /// How a network is given the face and gives it back.
    package enum Family: Sendable, Hashable {
        /// Wav2Lip (K. R. Prajwal et al., ACM MM 2020): the box about the landmarks, B, G, R 0…1, six channels: the face
        /// with its lower half black, then the whole face. The weight scales the speech.
        case wav2lip
        /// EDTalk (S. Tan et al., ECCV 2024): the whole crop, R, G, B 0…1, with a `weight` [1].
        case edtalk
    }

    /// The file's name without its suffix.
    package let name: String
    package let family: Family
    /// Side of the network's picture in pixels.
    package let size: Int

    private init(_ name: String, _ family: Family, _ size: Int) {
        self.name = name
        self.family = family
        self.size = size
    }

    /// The files that must be there.
    package var files: [String] { [name] }

    /// All of them.
    package static let all = [
        LipSyncModel("edtalk_256", .edtalk, 256), LipSyncModel("wav2lip_96", .wav2lip, 96),
        LipSyncModel("wav2lip_gan_96", .wav2lip, 96),
    ]

    /// The model of a name, if there is one.
    package init?(named name: String) {
        guard let model = Self.all.first(where: { $0.name == name }) else { return nil }
        self = model
    }
}
