// Which folder a file belongs in, as Stable Diffusion WebUI lays out its models.

/// The folders below the models folder.
package enum ModelFolders {
    /// The folder of a file, by its own type where that says more than the model's, such as the VAE of a checkpoint.
    package static func folder(modelType: String, fileType: String = "Model") -> String {
        byFile[fileType.lowercased()] ?? byModel[modelType.lowercased()] ?? "Other"
    }

    private static let byModel: [String: String] = [
        "checkpoint": "Stable-diffusion", "textualinversion": "embeddings", "hypernetwork": "hypernetworks",
        "aestheticgradient": "aesthetic_embeddings", "lora": "Lora", "locon": "Lora", "dora": "Lora", "lycoris": "Lora",
        "controlnet": "ControlNet", "upscaler": "ESRGAN", "motionmodule": "AnimateDiff", "vae": "VAE", "poses": "Poses",
        "wildcards": "wildcards", "workflows": "Workflows", "detection": "adetailer", "clipvision": "clip_vision",
        "unet": "Stable-diffusion", "textencoder": "text_encoder",
    ]
    private static let byFile: [String: String] = [
        "vae": "VAE", "text encoder": "text_encoder", "vision encoder": "clip_vision", "clipvision": "clip_vision",
        "negative": "embeddings", "controlnet": "ControlNet", "upscaler": "ESRGAN", "enhancement lora": "Lora",
        "unet": "Stable-diffusion", "diffusion model": "Stable-diffusion", "workflow": "Workflows",
        "training data": "Other", "archive": "Other",
    ]
}
