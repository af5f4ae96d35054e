// What a download leaves: a file, and what it is called.

/// A file that is on the disk and verified.
package struct FetchedModel: Codable, Hashable, Sendable {
    package var filename: String
    /// Absolute.
    package var path: String
    package var modelName: String
    package var versionName: String
    package var model: Int
    package var version: Int
    package var file: Int
    /// Of the model, as Civitai names them: `LORA`, `Checkpoint`, …
    package var type: String
    package var sha256: String
    package var bytes: Int64
    /// Whether it was there already, so that nothing was fetched.
    package var wasThere: Bool

    /// Makes one.
    package init(
        filename: String, path: String, modelName: String, versionName: String, model: Int, version: Int, file: Int,
        type: String, sha256: String, bytes: Int64, wasThere: Bool
    ) {
        self.filename = filename
        self.path = path
        self.modelName = modelName
        self.versionName = versionName
        self.model = model
        self.version = version
        self.file = file
        self.type = type
        self.sha256 = sha256
        self.bytes = bytes
        self.wasThere = wasThere
    }
}

/// How far a download is, in bytes; the total once it is known.
package struct FetchProgress: Codable, Hashable, Sendable {
    package var done: Int64
    package var total: Int64?

    package init(done: Int64 = 0, total: Int64? = nil) {
        self.done = done
        self.total = total
    }

    /// 0…100; 0 while the total is not known.
    package var percent: Double {
        guard let total, total > 0 else { return 0 }
        return min(100, 100 * Double(done) / Double(total))
    }
}
