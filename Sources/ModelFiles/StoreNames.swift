// Which names models of the store and their files may have.

extension StoredModels {
    /// Whether a text is the name of a file in a folder: no path, nothing hidden, no control characters.
    package static func isPlainName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255 && !name.hasPrefix(".")
            && name.unicodeScalars.allSatisfy { $0 != "/" && $0 != "\\" && $0.value >= 0x20 && $0.value != 0x7f }
    }

    /// Whether a model's file may have a name: none that the store itself uses, and room for what is put behind it.
    package static func isFileName(_ name: String) -> Bool {
        isPlainName(name) && name.utf8.count <= 230 && name != "store.json" && name != "manifests"
            && !name.hasSuffix(".part") && !name.hasSuffix(".part.json")
    }

    /// Models that setup brings. They are never taken from the store, so nothing there may have their names.
    package static let builtIn: Set<String> = [
        "blazeface_short", "centerface", "face_mesh", "face_mesh_topology", "identity", "iris", "open_nsfw",
        "realesr_animevideov3_x2", "realesr_animevideov3_x4", "realesrgan_x4plus", "selfie_segmentation",
    ]
}
