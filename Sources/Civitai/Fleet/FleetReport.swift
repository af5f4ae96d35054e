// What the servers of a fleet answered.

/// How a server stands.
package struct FleetStatus: Encodable, Sendable, Hashable {
    package var name: String
    package var url: String
    package var online: Bool
    /// What it calls itself, such as `civitai-downloader`.
    package var service: String?
    /// Why it is not taken for online.
    package var message: String?
    /// How long its answer took.
    package var milliseconds: Int?

    package func encode(to encoder: any Encoder) throws {
        enum CodingKeys: CodingKey { case name, url, online, service, message, milliseconds }
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(url, forKey: .url)
        try fields.encode(online, forKey: .online)
        try fields.encode(service, forKey: .service)
        try fields.encode(message, forKey: .message)
        try fields.encode(milliseconds, forKey: .milliseconds)
    }
}

/// What a download came to on one server.
package struct FleetResult: Encodable, Sendable, Hashable {
    package var name: String
    package var success: Bool
    /// The HTTP status that it answered with; nil when it did not.
    package var status: Int?
    package var message: String
    package var filename: String?
    package var path: String?
    package var modelName: String?
    package var versionName: String?
    package var seconds: Double

    package func encode(to encoder: any Encoder) throws {
        enum CodingKeys: String, CodingKey {
            case name, success, status, message, filename, path, seconds
            case modelName = "model_name"
            case versionName = "version_name"
        }
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(name, forKey: .name)
        try fields.encode(success, forKey: .success)
        try fields.encode(status, forKey: .status)
        try fields.encode(message, forKey: .message)
        try fields.encode(filename, forKey: .filename)
        try fields.encode(path, forKey: .path)
        try fields.encode(modelName, forKey: .modelName)
        try fields.encode(versionName, forKey: .versionName)
        try fields.encode(seconds, forKey: .seconds)
    }
}
