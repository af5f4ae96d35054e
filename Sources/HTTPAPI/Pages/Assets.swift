// Files that the server shows: the studio, the API document, the pages that render it.

internal import Errors
internal import Files

internal import struct Foundation.Data
internal import class Foundation.FileManager

/// All of them, read once.
package struct Assets: Sendable {
    /// Files of the studio by their path below `studio/`, `index.html` among them.
    let studio: [String: StaticFile]
    let document: OpenAPIDocument
    /// Swagger UI's and ReDoc's scripts by name; some or all may be missing.
    let viewers: [String: StaticFile]

    /// - Parameters:
    ///   - folder: with `openapi.yaml` and `studio/`; see ``standardFolder()``.
    ///   - viewers: the folder that `scripts/setup` fills with Swagger UI and ReDoc (`api-docs` in the cache).
    ///   - version: stands in the API document.
    /// - Throws: `.failed` when `openapi.yaml` is missing or damaged.
    package init(folder: String, viewers: String, version: String) async throws {
        (studio, document, self.viewers) = try await offPool {
            let yaml = try readFile(at: "\(folder)/openapi.yaml", maxBytes: 4 << 20)
            return (
                try Assets.files(below: "\(folder)/studio"),
                try OpenAPIDocument(yaml: String(decoding: yaml, as: UTF8.self), version: version),
                try Assets.files(below: viewers)
            )
        }
    }

    /// The folder beside the running program, where the build puts it.
    ///
    /// - Throws: `.failed` when there is none.
    package static func standardFolder() throws -> String {
        try resourceFolder("masque_HTTPAPI.resources/Assets", holding: "openapi.yaml")
    }

    private static func files(below folder: String) throws -> [String: StaticFile] {
        var files: [String: StaticFile] = [:]
        for name in FileManager.default.enumerator(atPath: folder) ?? .init() {
            // A folder called `css` would pass for a style sheet.
            guard let name = name as? String, name.contains("."), let type = StaticFile.mediaType(of: name) else {
                continue
            }
            let bytes = try readFile(at: "\(folder)/\(name)", maxBytes: 16 << 20)
            files[name] = StaticFile(name == "redoc.standalone.js" ? withoutLogo(bytes) : bytes, mediaType: type)
        }
        return files
    }

    /// ReDoc without the picture of its maker, which it would fetch from the internet and has no option for.
    private static func withoutLogo(_ script: [UInt8]) -> [UInt8] {
        var script = Data(script)
        while let place = script.range(of: Data("https://cdn.redoc.ly/redoc/logo-mini.svg".utf8)) {
            script.replaceSubrange(place, with: Data("data:,".utf8))
        }
        return Array(script)
    }
}
