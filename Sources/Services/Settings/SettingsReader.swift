// Reads settings from flags, environment, `.env` and `masque.yaml`, in this order, and says where each came from.

internal import Configuration
internal import Errors
internal import JobQueue
internal import SystemPackage

internal import class Foundation.FileManager

/// The value of a setting and where it was found.
package struct SettingValue: Sendable, Hashable {
    package let facts: SettingFacts
    package let value: String
    /// `flag`, `environment`, `.env`, `masque.yaml` or `default`.
    package let source: String
}

/// Reads text by text; the types are checked when the settings are made.
package struct SettingsReader: Sendable {
    private let layers: [(name: String, reader: ConfigReader)]

    /// - Parameters:
    ///   - flags: values from the command line, by the names of ``ServerSettings/all``.
    ///   - folder: where `.env` and `masque.yaml` are looked for.
    /// - Throws: `.badInput` when one of these files cannot be read.
    package init(flags: [String: String], environment: [String: String], folder: String) async throws {
        func memory(_ values: [String: String]) -> ConfigReader {
            ConfigReader(
                provider: InMemoryProvider(
                    values: Dictionary(
                        values.map {
                            (AbsoluteConfigKey([$0.lowercased()]), ConfigValue(.string($1), isSecret: false))
                        },
                        uniquingKeysWith: { $1 })))
        }
        var layers = [("flag", memory(flags)), ("environment", memory(environment))]
        let dotEnv = "\(folder)/.env"
        if FileManager.default.fileExists(atPath: dotEnv) {
            do {
                let provider = try await EnvironmentVariablesProvider(environmentFilePath: FilePath(dotEnv))
                layers.append((".env", ConfigReader(provider: provider)))
            } catch {
                throw MasqueError(.badInput, "The settings in \(dotEnv) cannot be read.", cause: error)
            }
        }
        let yaml = "\(folder)/masque.yaml"
        if FileManager.default.fileExists(atPath: yaml) {
            do {
                let provider = try await FileProvider<YAMLSnapshot>(filePath: FilePath(yaml))
                layers.append(("masque.yaml", ConfigReader(provider: provider)))
            } catch {
                throw MasqueError(
                    .badInput, "The settings in \(yaml) cannot be read: \(error)",
                    advice: "Each line is `name: value`, with the names of `masque config` in small letters.")
            }
        }
        self.layers = layers.map { (name: $0.0, reader: $0.1) }
    }

    /// All settings with their values; those of secrets are replaced by dots.
    package func report() -> [SettingValue] {
        ServerSettings.all.map { facts in
            let (value, source) = find(facts)
            return SettingValue(
                facts: facts, value: facts.isSecret && !value.isEmpty ? "••••••" : value, source: source)
        }
    }

    private func find(_ facts: SettingFacts) -> (value: String, source: String) {
        let key = ConfigKey([facts.name.lowercased()])
        for (name, reader) in layers {
            if let text = SettingsReader.text(reader, key), !text.isEmpty { return (text, name) }
        }
        return (facts.standard, "default")
    }

    /// A value as text, however the file wrote it.
    private static func text(_ reader: ConfigReader, _ key: ConfigKey) -> String? {
        if let text = reader.string(forKey: key) { return text }
        if let number = reader.int(forKey: key) { return String(number) }
        if let number = reader.double(forKey: key) { return String(number) }
        if let flag = reader.bool(forKey: key) { return flag ? "1" : "0" }
        return reader.stringArray(forKey: key)?.joined(separator: ",")
    }

    // MARK: Typed

    func text(_ name: String) throws -> String {
        guard let facts = ServerSettings.all.first(where: { $0.name == name }) else {
            throw MasqueError(.failed, "There is no setting \(name).")
        }
        return find(facts).value
    }

    /// Whether somebody said it; otherwise its default holds.
    func isSet(_ name: String) -> Bool {
        ServerSettings.all.first { $0.name == name }.map { find($0).source != "default" } ?? false
    }

    func optional(_ name: String) throws -> String? {
        let value = try text(name)
        return value.isEmpty ? nil : value
    }

    func number(_ name: String, in range: ClosedRange<Double>) throws -> Double {
        let value = try text(name)
        guard let number = Double(value), range.contains(number) else {
            throw MasqueError(
                .badInput,
                "\(name) is “\(value)”, but must be a number from \(short(range.lowerBound)) to \(short(range.upperBound)).",
                advice: "See `masque config`.")
        }
        return number
    }

    func flag(_ name: String) throws -> Bool {
        switch try text(name).lowercased() {
        case "1", "true", "yes", "on": return true
        case "0", "false", "no", "off": return false
        case let other:
            throw MasqueError(.badInput, "\(name) is “\(other)”, but must be 1 or 0.", advice: "See `masque config`.")
        }
    }

    func choice(_ name: String, of choices: [String]) throws -> String {
        let value = try text(name)
        guard let match = choices.first(where: { $0.lowercased() == value.lowercased() }) else {
            throw MasqueError(
                .badInput, "\(name) is “\(value)”, but must be one of \(choices.joined(separator: ", ")).",
                advice: "See `masque config`.")
        }
        return match
    }

    func list(_ name: String) throws -> [String] {
        try text(name).split(separator: ",").map { $0.trimmingPrefix { $0 == " " } }.map {
            String($0.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }

    private func short(_ value: Double) -> String { String(Int(value)) }
}

extension ServerSettings {
    /// Checks all values.
    ///
    /// - Throws: `.badInput` naming the setting, its value and what it may be.
    package init(_ reader: SettingsReader) throws {
        let mega = Double(1 << 20)
        home = try reader.text("MASQUE_HOME")
        modelStore = try reader.optional("MASQUE_MODEL_STORE") ?? (reader.isSet("MASQUE_HOME") ? home + "/models" : nil)
        modelMirror = try reader.optional("MASQUE_MODEL_MIRROR")
        huggingFaceToken = try reader.optional("HF_TOKEN")
        host = try reader.text("MASQUE_HOST")
        port = Int(try reader.number("MASQUE_PORT", in: 0...65535))
        publicURL = try reader.optional("MASQUE_PUBLIC_URL")
        jwtRequired = try reader.flag("JWT_REQUIRED")
        jwtSecret = try reader.optional("JWT_SECRET")
        jwtAlgorithm = try reader.choice("JWT_ALG", of: ["HS256", "HS384", "HS512", "RS256", "ES256"])
        jwtPublicKey = try reader.optional("JWT_PUBLIC_KEY")
        processTokenRequired = try reader.flag("PROCESS_TOKEN_REQUIRED")
        let memoryStrategyNames = ["strict", "moderate", "tolerant"]
        workers = [
            .image: Int(try reader.number("MASQUE_IMAGE_WORKERS", in: 0...256)),
            .video: Int(try reader.number("MASQUE_VIDEO_WORKERS", in: 0...256)),
        ]
        providers = [
            .image: try reader.text("FACEFUSION_IMAGE_EXEC"), .video: try reader.text("FACEFUSION_VIDEO_EXEC"),
        ]
        memoryStrategies = [
            .image: try reader.choice("FACEFUSION_IMAGE_VMS", of: memoryStrategyNames),
            .video: try reader.choice("FACEFUSION_VIDEO_VMS", of: memoryStrategyNames),
        ]
        faceFusionFolder = try reader.optional("FACEFUSION_DIR")
        faceFusionPython = try reader.optional("FACEFUSION_PYTHON")
        prefersFaceFusion = try reader.choice("MASQUE_ENGINE", of: ["masque", "facefusion"]) == "facefusion"
        faceFusionSilence = try reader.number("FACEFUSION_SILENCE_SECONDS", in: 5...86_400)
        workerMemory = Int64(try reader.number("MASQUE_WORKER_MEMORY_MB", in: 512...1_048_576) * mega)
        corsOrigins = try reader.list("MASQUE_CORS_ORIGINS")
        requestsPerMinute = Int(try reader.number("MASQUE_REQUESTS_PER_MINUTE", in: 0...10_000_000))
        trustedProxies = Int(try reader.number("MASQUE_TRUSTED_PROXIES", in: 0...10))
        webhookPrivateTargets = try reader.list("WEBHOOK_PRIVATE_TARGETS")
        webhookAllowsHTTP = try reader.flag("WEBHOOK_ALLOW_HTTP")
        shutdownSeconds = Int(try reader.number("MASQUE_SHUTDOWN_SECONDS", in: 0...86400))
        logLevel = try reader.choice(
            "LOG_LEVEL", of: ["trace", "debug", "info", "notice", "warning", "error", "critical"])
        logFormat = try reader.choice("LOG_FORMAT", of: ["text", "json"])
        rules = try JobRules(reader)
        rules.hasFaceFusion = faceFusionFolder != nil
        downloads = try DownloadSettings(reader)
        telegram = try TelegramSettings(reader)
    }
}

extension JobRules {
    init(_ reader: SettingsReader) throws {
        let million = 1e6
        maxPictureBytes = Int64(try reader.number("MASQUE_MAX_PICTURE_MB", in: 1...10_000) * million)
        maxJobVideoBytes = Int64(try reader.number("MASQUE_MAX_VIDEO_MB", in: 1...1_000_000) * million)
        maxJobVideoSeconds = try reader.number("MASQUE_MAX_VIDEO_SECONDS", in: 1...864_000)
        maxProcessBytes = Int64(try reader.number("MASQUE_MAX_PROCESS_MB", in: 1...1_000_000) * million)
        maxProcessVideoSeconds = try reader.number("MASQUE_MAX_PROCESS_SECONDS", in: 1...864_000)
        maxMegapixels = try reader.number("MASQUE_MAX_MEGAPIXELS", in: 1...50)
        maxFrames = Int(try reader.number("MASQUE_MAX_FRAMES", in: 1...100_000_000))
        maxActiveJobs = Int(try reader.number("MASQUE_MAX_ACTIVE_JOBS", in: 1...1_000_000))
        maxDrafts = Int(try reader.number("MASQUE_MAX_DRAFTS", in: 1...1_000_000))
        let stored = try reader.number("MASQUE_MAX_STORED_MB", in: 0...1_000_000_000)
        maxStoredBytes = stored > 0 ? Int64(stored * million) : nil
        maxKeys = Int(try reader.number("MASQUE_MAX_KEYS", in: 1...1_000_000))
        maxRunningJobs = Int(try reader.number("MASQUE_MAX_RUNNING_JOBS", in: 1...1_000_000))
        maxAttempts = Int(try reader.number("MASQUE_MAX_ATTEMPTS", in: 1...100))
        retention = try reader.number("MASQUE_RETENTION_HOURS", in: 0...87600) * 3600
        draftRetention = try reader.number("MASQUE_DRAFT_HOURS", in: 0...87600) * 3600
        reservedBytes = Int64(try reader.number("MASQUE_RESERVED_MB", in: 0...10_000_000) * million)
        fallsBackToMesh = try reader.choice("MASQUE_FALLBACK", of: ["mesh", "refuse"]) == "mesh"
    }
}
