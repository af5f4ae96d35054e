// The named kinds of job: the four of the swap-jobs contract and Masque's own.

package import JobQueue

/// A name that stands for processors, a swapper and an enhancer.
package struct Mode: Sendable, Hashable {
    package let name: String
    /// What a person sees on a button.
    package let title: String
    package let lane: Lane
    /// `mesh`, or the model that the contract names.
    package let swapper: String
    package let enhancer: String?

    /// The published models that it names.
    package var models: [String] { [swapper == "mesh" ? nil : swapper, enhancer].compactMap(\.self) }

    /// The description of a job of this mode.
    package func description(options: JobOptions) -> JobDescription {
        JobDescription(
            mode: name, processors: enhancer == nil ? ["face_swapper"] : ["face_swapper", "face_enhancer"],
            swapper: swapper, enhancer: enhancer, lane: lane, options: options)
    }

    /// All modes, in the order in which they are offered.
    package static let all: [Mode] = [
        Mode(name: "photo_photo", title: "Photo → photo", lane: .image, swapper: "mesh", enhancer: nil),
        Mode(name: "photo_video", title: "Photo → video", lane: .video, swapper: "mesh", enhancer: nil),
        Mode(
            name: "photo_photo_gpen", title: "Photo → photo (gpen)", lane: .image, swapper: "hyperswap_1c_256",
            enhancer: "gpen_bfr_1024"),
        Mode(
            name: "photo_photo_codeformer", title: "Photo → photo (codeformer)", lane: .image,
            swapper: "hyperswap_1c_256", enhancer: "codeformer"),
        Mode(
            name: "photo_video_fast", title: "Photo → video (fast)", lane: .video, swapper: "inswapper_128_fp16",
            enhancer: "gfpgan_1.4"),
        Mode(
            name: "photo_video_quality", title: "Photo → video (quality)", lane: .video, swapper: "hyperswap_1c_256",
            enhancer: "codeformer"),
    ]

    package static func named(_ name: String) -> Mode? { all.first { $0.name == name } }
}

/// A mode and whether it can run on this server now.
package struct ModeFacts: Sendable, Hashable {
    package let mode: Mode
    package let isAvailable: Bool
    /// What will really generate the faces: `mesh`, or the mode's own swapper.
    package let uses: String
    /// A sentence when that is not what the mode's name promises, or why it is not available.
    package let note: String?
}
