// What kind of file a name stands for, and whether this server takes it.

/// Kinds by what can happen when a program loads the file.
package enum FileKind: Sendable, Hashable {
    /// Tensors and nothing else; the header is checked.
    case safetensors
    case onnx, gguf
    /// Python objects: loading one can run any code.
    case pickle
    /// A packed folder; can hold anything.
    case archive
    /// Configurations, lists of words, pictures.
    case data
    /// Programs, pages, and what is not known.
    case other

    /// By the ending of a name, whatever the metadata says: programs that load models go by it.
    package init(name: String) {
        switch name.lastIndex(of: ".").map({ name[name.index(after: $0)...].lowercased() }) ?? "" {
        case "safetensors", "sft": self = .safetensors
        case "onnx": self = .onnx
        case "gguf": self = .gguf
        case "ckpt", "pt", "pth", "bin", "pkl", "pickle", "pt2": self = .pickle
        case "zip": self = .archive
        case "yaml", "yml", "json", "txt", "png", "jpg", "jpeg", "webp", "csv": self = .data
        default: self = .other
        }
    }
}

/// What this server takes beside files that cannot run code.
package struct FilePolicy: Sendable, Hashable {
    /// Python objects with clean scans.
    package var allowsPickles = false
    /// Files whose scans are not done or failed.
    package var allowsUnscanned = false

    package init(allowsPickles: Bool = false, allowsUnscanned: Bool = false) {
        self.allowsPickles = allowsPickles
        self.allowsUnscanned = allowsUnscanned
    }

    /// Judges a file by what Civitai says about it, before anything of it is fetched.
    ///
    /// A finding of a scan is never overruled. Safetensors, ONNX and GGUF files hold no code, so their scans need not
    /// have ended; all others need clean ones.
    /// - Throws: ``DownloadFailure`` `.refused`, naming the setting that would allow it, or `.unavailable` when there is
    ///   no SHA-256 to hold the file against.
    package func check(_ file: CivitaiFile) throws {
        let kind = FileKind(name: file.name)
        let name = SafeName.shown(file.name)
        let scans = [("pickle", file.pickleScanResult), ("virus", file.virusScanResult)]
        for (scan, result) in scans where result?.lowercased() == "danger" {
            throw DownloadFailure(
                .refused, "Civitai's \(scan) scan found something dangerous in \(name).",
                advice: "Choose another file; no setting allows this one.")
        }
        switch kind {
        case .other:
            throw DownloadFailure(
                .refused, "\(name) is no model file of a kind that is taken.",
                advice: "Choose a file that ends with .safetensors, .onnx or .gguf.")
        case .pickle where !allowsPickles:
            throw DownloadFailure(
                .refused, "\(name) is a pickle: loading it can run any program.",
                advice: "Choose a safetensors file, or have the administrator set MASQUE_DOWNLOAD_ALLOW=pickle.")
        case .pickle, .archive, .data:
            let unclean = scans.first { $0.1?.lowercased() != "success" }
            if let unclean, !allowsUnscanned {
                throw DownloadFailure(
                    .refused, "Civitai's \(unclean.0) scan of \(name) has not ended clean.",
                    advice: "Wait until it has, or have the administrator add unscanned to MASQUE_DOWNLOAD_ALLOW.")
            }
        case .safetensors, .onnx, .gguf: break
        }
        guard file.sha256 != nil else {
            throw DownloadFailure(
                .unavailable, "Civitai has not worked out the SHA-256 of \(name) yet, so it cannot be verified.",
                advice: "Try again in an hour.")
        }
    }
}
