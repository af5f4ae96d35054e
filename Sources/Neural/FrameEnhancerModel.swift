// The upscalers of whole frames: those that come with Masque and the published ones.

/// One upscaler, by the name of its file. All take and give R, G, B from 0 to 1, channels first, in square tiles.
///
/// Source: FaceFusion 3.5.2's model table for the published ones; `scripts/cache/catalogue.json` for ours.
package struct FrameEnhancerModel: Sendable, Hashable {
    /// The file's name without its suffix, as `--frame-enhancer-model` takes it.
    package let name: String
    /// How many times wider and higher the result is.
    package let scale: Int
    /// Side of a tile in pixels.
    package let tile: Int
    /// What is cut off each side of a tile's result, in pixels of the tile: its pixels saw too little around them.
    package let margin: Int
    /// How many pixels of the tile two neighbours fade into each other.
    package let feather: Int
    /// Whether the file comes with Masque (`scripts/setup`). Such graphs take tiles of any size.
    package let isBuiltIn: Bool
    /// How much of the result shows when nothing else is said, 0…1.
    package let blend: Float

    private init(
        _ name: String, scale: Int, tile: Int = 128, isBuiltIn: Bool = false, blend: Float = 0.8
    ) {
        self.name = name
        self.scale = scale
        self.tile = tile
        margin = tile / 16
        feather = tile / 16
        self.isBuiltIn = isBuiltIn
        self.blend = blend
    }

    /// All of them, ours first.
    package static let all: [FrameEnhancerModel] =
        [
            // These draw rather than photograph: half of the result leaves skin its grain.
            FrameEnhancerModel("realesr_animevideov3_x2", scale: 2, tile: 256, isBuiltIn: true, blend: 0.5),
            FrameEnhancerModel("realesr_animevideov3_x4", scale: 4, tile: 256, isBuiltIn: true, blend: 0.5),
            FrameEnhancerModel("realesrgan_x4plus", scale: 4, tile: 256, isBuiltIn: true),
        ]
        + [
            "clear_reality_x4", "face_dat_x4", "lsdir_x4", "nomos8k_sc_x4", "realistic_rescaler_x4", "remacri_x4",
            "siax_x4", "span_kendata_x4", "swin2_sr_x4", "ultra_sharp_x4",
        ].map { FrameEnhancerModel($0, scale: 4) }
        + [2, 4, 8].flatMap { scale in
            ["", "_fp16"].map { FrameEnhancerModel("real_esrgan_x\(scale)\($0)", scale: scale, tile: 256) }
        }
        + [
            FrameEnhancerModel("real_hatgan_x4", scale: 4, tile: 256),
            FrameEnhancerModel("real_web_photo_x4", scale: 4, tile: 64),
            FrameEnhancerModel("tghq_face_x8", scale: 8),
            FrameEnhancerModel("ultra_sharp_2_x4", scale: 4, tile: 1024),
        ]

    /// The quick one that comes with Masque.
    package static let standard = all[0]

    /// The model of a name, if there is one.
    package init?(named name: String) {
        guard let model = Self.all.first(where: { $0.name == name }) else { return nil }
        self = model
    }

    /// The files that must be there.
    package var files: [String] { [name] }
}
