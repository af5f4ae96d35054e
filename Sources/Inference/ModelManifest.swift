// The list of models that setup wrote next to them.
internal import Errors
package import Foundation
internal import ModelFiles

/// What `models/manifest.json` says; other fields in it are left alone.
package struct ModelManifest: Sendable, Codable {
    /// One file of the models folder.
    package struct Entry: Sendable, Codable, Hashable {
        /// The name by which code asks for it, such as `face_mesh`.
        package let id: String
        /// What it does, such as `dense face mesh`.
        package let role: String?
        /// The file's path in the cache, such as `models/face_mesh.onnx`.
        package let file: String
        /// The licence, as the source states it.
        package let licence: String?
        /// Where it came from.
        package let source: Source?
        /// The SHA-256 of the file in hexadecimal.
        package let sha256: String
        /// The file's size in bytes.
        package let bytes: Int
    }

    /// The package that a file was taken from.
    package struct Source: Sendable, Codable, Hashable {
        /// The package's name.
        package let package: String
        /// Its version.
        package let version: String
    }

    /// The models, and the data that go with them.
    package let models: [Entry]
}

extension Installation {
    /// Reads the manifest.
    /// - Throws: `.missingModel` when there is none, `.damagedModel` when it cannot be read.
    package func manifest() throws -> ModelManifest {
        let url = models.appendingPathComponent("manifest.json")
        guard let data = try? Data(contentsOf: url) else {
            throw MasqueError(
                .missingModel, "The list of models is not at \(url.path).", advice: Self.setupAdvice)
        }
        do {
            return try JSONDecoder().decode(ModelManifest.self, from: data)
        } catch {
            throw MasqueError(
                .damagedModel, "The list of models at \(url.path) is damaged.", advice: Self.setupAdvice, cause: error)
        }
    }

    /// Where the file of an entry lies: in the models folder, wherever that is.
    package func file(of entry: ModelManifest.Entry) -> URL {
        let inside = entry.file.hasPrefix("models/") ? String(entry.file.dropFirst(7)) : entry.file
        return models.appendingPathComponent(inside)
    }

    /// SHA-256 of models that no manifest may replace: the content gate's. The same as in `scripts/setup.lock`.
    package static let pinned = [
        "open_nsfw": "864bb37bf8863564b87eb330ab8c785a79a773f4e7c43cb96db52ed8611305fa"
    ]

    /// The file of a model, its size and SHA-256 checked against the manifest, or for models that the operator added
    /// against their record. Costs a read of the whole file: the ``ModelLibrary`` asks once per model and process.
    /// A model of the manifest is never taken from elsewhere.
    /// - Throws: `.missingModel` or `.damagedModel`, naming the model.
    package func verifiedModel(_ id: String) throws -> URL {
        guard let entry = try manifest().models.first(where: { $0.id == id }) else {
            if let url = try stored.verified(id) { return url }
            throw MasqueError(
                .missingModel, "The model “\(id)” is not installed.", advice: StoredModels.advice(id))
        }
        // A model may be a link into another folder; sizes are those of what it names.
        let url = file(of: entry).resolvingSymlinksInPath()
        let real = url.resolvingSymlinksInPath().path
        guard let size = try? FileManager.default.attributesOfItem(atPath: real)[.size] as? Int else {
            throw MasqueError(
                .missingModel, "The file of the model “\(id)” is not at \(url.path).", advice: Self.setupAdvice)
        }
        let expected = Self.pinned[id] ?? entry.sha256.lowercased()
        let intact = try size == entry.bytes && SHA256.hex(ofFileAt: url.path) == expected
        guard intact else {
            throw MasqueError(
                .damagedModel, "The file of the model “\(id)” at \(url.path) is not what the list of models says.",
                advice: Self.setupAdvice)
        }
        return url
    }
}
