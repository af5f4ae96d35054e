// Models, versions and files as Civitai's public REST API (v1) describes them; only what is used here.

internal import Foundation

/// `GET /api/v1/models/{id}`.
package struct CivitaiModel: Decodable, Sendable {
    package var id: Int
    package var name: String
    package var type: String
    package var modelVersions: [CivitaiVersion]

    private enum CodingKeys: CodingKey { case id, name, type, modelVersions }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(Int.self, forKey: .id)
        name = try fields.decodeIfPresent(String.self, forKey: .name) ?? ""
        type = try fields.decodeIfPresent(String.self, forKey: .type) ?? "Other"
        modelVersions = try fields.decodeIfPresent([CivitaiVersion].self, forKey: .modelVersions) ?? []
    }
}

/// `GET /api/v1/model-versions/{id}`, or one of a model's versions.
package struct CivitaiVersion: Decodable, Sendable {
    /// What a version says of its model.
    package struct Parent: Decodable, Sendable {
        package var name: String?
        package var type: String?
    }

    package var id: Int
    package var modelId: Int?
    package var name: String
    package var status: String?
    /// `Public`, `EarlyAccess`, `Private`, …
    package var availability: String?
    /// `Download`, `Generation`, …
    package var usageControl: String?
    package var earlyAccessEndsAt: String?
    package var model: Parent?
    package var files: [CivitaiFile]

    private enum CodingKeys: CodingKey {
        case id, modelId, name, status, availability, usageControl, earlyAccessEndsAt, model, files
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(Int.self, forKey: .id)
        modelId = try fields.decodeIfPresent(Int.self, forKey: .modelId)
        name = try fields.decodeIfPresent(String.self, forKey: .name) ?? ""
        status = try fields.decodeIfPresent(String.self, forKey: .status)
        availability = try fields.decodeIfPresent(String.self, forKey: .availability)
        usageControl = try fields.decodeIfPresent(String.self, forKey: .usageControl)
        earlyAccessEndsAt = try fields.decodeIfPresent(String.self, forKey: .earlyAccessEndsAt)
        model = try fields.decodeIfPresent(Parent.self, forKey: .model)
        files = try fields.decodeIfPresent([CivitaiFile].self, forKey: .files) ?? []
    }
}

/// One file of a version.
package struct CivitaiFile: Decodable, Sendable {
    /// What the file is made of.
    package struct Metadata: Decodable, Sendable {
        /// `SafeTensor`, `PickleTensor`, `GGUF`, …
        package var format: String?
        /// `full` or `pruned`.
        package var size: String?
        /// `fp16`, `fp32`, `bf16`, …
        package var fp: String?
        package var quantType: String?

        package init(format: String? = nil, size: String? = nil, fp: String? = nil, quantType: String? = nil) {
            self.format = format
            self.size = size
            self.fp = fp
            self.quantType = quantType
        }
    }

    package var id: Int
    package var name: String
    /// `Model`, `Pruned Model`, `VAE`, `Config`, …
    package var type: String
    /// Size in units of 1024 bytes.
    package var sizeKB: Double?
    package var metadata: Metadata
    /// `Pending`, `Success`, `Danger` or `Error`.
    package var pickleScanResult: String?
    package var virusScanResult: String?
    /// By name, e.g. `SHA256`.
    package var hashes: [String: String]
    package var primary: Bool

    private enum CodingKeys: CodingKey {
        case id, name, type, sizeKB, metadata, pickleScanResult, virusScanResult, hashes, primary
    }

    package init(
        id: Int, name: String, type: String = "Model", sizeKB: Double? = nil, metadata: Metadata = Metadata(),
        pickleScanResult: String? = "Success", virusScanResult: String? = "Success", hashes: [String: String] = [:],
        primary: Bool = false
    ) {
        self.id = id
        self.name = name
        self.type = type
        self.sizeKB = sizeKB
        self.metadata = metadata
        self.pickleScanResult = pickleScanResult
        self.virusScanResult = virusScanResult
        self.hashes = hashes
        self.primary = primary
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try fields.decode(Int.self, forKey: .id)
        name = try fields.decodeIfPresent(String.self, forKey: .name) ?? ""
        type = try fields.decodeIfPresent(String.self, forKey: .type) ?? "Model"
        sizeKB = try fields.decodeIfPresent(Double.self, forKey: .sizeKB)
        metadata = try fields.decodeIfPresent(Metadata.self, forKey: .metadata) ?? Metadata()
        pickleScanResult = try fields.decodeIfPresent(String.self, forKey: .pickleScanResult)
        virusScanResult = try fields.decodeIfPresent(String.self, forKey: .virusScanResult)
        let all = try fields.decodeIfPresent([String: String?].self, forKey: .hashes) ?? [:]
        hashes = all.compactMapValues { $0 }
        primary = try fields.decodeIfPresent(Bool.self, forKey: .primary) ?? false
    }

    /// The file's SHA-256 in small letters; nil when Civitai has not worked it out.
    package var sha256: String? {
        guard let text = hashes["SHA256"]?.lowercased(), text.utf8.count == 64, text.allSatisfy(\.isHexDigit) else {
            return nil
        }
        return text
    }

    /// Its size in bytes, exact where Civitai says it with all its digits.
    package var byteCount: Int64? {
        guard let sizeKB, sizeKB.isFinite, sizeKB >= 0, sizeKB < 1e13 else { return nil }
        return Int64((sizeKB * 1024).rounded())
    }
}
