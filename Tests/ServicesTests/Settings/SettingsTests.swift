// Where settings come from, and what is refused.

import Errors
import Foundation
import JobQueue
import Services
import Testing

struct SettingsTests {
    private func read(
        flags: [String: String] = [:], environment: [String: String] = [:], dotEnv: String? = nil, yaml: String? = nil
    ) async throws -> SettingsReader {
        let folder = NSTemporaryDirectory() + "masque-settings-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try dotEnv?.write(toFile: "\(folder)/.env", atomically: true, encoding: .utf8)
        try yaml?.write(toFile: "\(folder)/masque.yaml", atomically: true, encoding: .utf8)
        return try await SettingsReader(flags: flags, environment: environment, folder: folder)
    }

    @Test func `without any setting the defaults hold, and they are the contracts'`() async throws {
        let settings = try ServerSettings(try await read())
        #expect(settings.port == 8000)
        #expect(settings.host == "0.0.0.0")
        #expect(settings.jwtRequired)
        #expect(settings.jwtAlgorithm == "HS256")
        #expect(settings.jwtSecret == nil)
        #expect(settings.rules == JobRules())
        #expect(settings.workers == [.image: 1, .video: 1])
    }

    @Test func `flags go before the environment, that before .env, that before masque.yaml`() async throws {
        let reader = try await read(
            flags: ["MASQUE_PORT": "1"], environment: ["MASQUE_PORT": "2", "MASQUE_HOST": "b"],
            dotEnv: "MASQUE_PORT=3\nMASQUE_HOST=c\nJWT_ALG=HS512\n",
            yaml: "masque_port: 4\nmasque_host: d\njwt_alg: HS384\nmasque_max_video_mb: 70\njwt_required: false\n")
        let settings = try ServerSettings(reader)
        #expect(settings.port == 1)
        #expect(settings.host == "b")
        #expect(settings.jwtAlgorithm == "HS512")
        #expect(settings.rules.maxJobVideoBytes == 70_000_000)
        #expect(!settings.jwtRequired)
        let sources = Dictionary(uniqueKeysWithValues: reader.report().map { ($0.facts.name, $0.source) })
        #expect(sources["MASQUE_PORT"] == "flag")
        #expect(sources["MASQUE_HOST"] == "environment")
        #expect(sources["JWT_ALG"] == ".env")
        #expect(sources["MASQUE_MAX_VIDEO_MB"] == "masque.yaml")
        #expect(sources["MASQUE_FALLBACK"] == "default")
    }

    @Test func `a secret is never shown`() async throws {
        let reader = try await read(environment: ["JWT_SECRET": "correct horse battery staple, twice over"])
        #expect(!reader.report().contains { $0.value.contains("horse") })
        #expect(try ServerSettings(reader).jwtSecret == "correct horse battery staple, twice over")
    }

    @Test func `the bot's settings are read, and by default there is no bot`() async throws {
        let none = try ServerSettings(try await read()).telegram
        #expect(none.token == nil && none.webhookURL == nil && none.administrators.isEmpty && !none.isLocal)
        #expect(none.jobsPerHour == 30 && none.groupJobsPerHour == 60 && none.activeJobs == 3)
        let reader = try await read(environment: [
            "TELEGRAM_BOT_TOKEN": "12:secret-part", "ADMIN_TG_IDS": "7, 8", "TELEGRAM_WEBHOOK": "1",
            "MASQUE_PUBLIC_URL": "https://faces.example.com:8443/m/", "TELEGRAM_JOBS_PER_HOUR": "0",
        ])
        let own = try ServerSettings(reader).telegram
        #expect(own.administrators == [7, 8] && own.jobsPerHour == 0)
        #expect(own.webhookURL == "https://faces.example.com:8443/m/webhook")
        #expect(!reader.report().contains { $0.value.contains("secret-part") })
    }

    @Test(arguments: [
        ["ADMIN_TG_IDS": "7,@ann"], ["TELEGRAM_ACTIVE_JOBS": "0"], ["TELEGRAM_API_LOCAL": "1"],
        ["TELEGRAM_WEBHOOK": "1"], ["TELEGRAM_WEBHOOK": "1", "MASQUE_PUBLIC_URL": "http://faces.example.com"],
        ["TELEGRAM_WEBHOOK": "1", "MASQUE_PUBLIC_URL": "https://faces.example.com:9000"],
    ])
    func `settings of the bot that cannot work are refused by name`(environment: [String: String]) async throws {
        let reader = try await read(environment: environment)
        let error = #expect(throws: MasqueError.self) { try ServerSettings(reader) }
        #expect(error?.code == .badInput)
        #expect(
            error?.message.contains(environment.keys.sorted()[environment.count - 1]) == true
                || error?.advice?.contains("MASQUE_PUBLIC_URL") == true)
    }

    @Test func `lists are split at commas, and spaces around their parts go`() async throws {
        let settings = try ServerSettings(
            try await read(environment: ["MASQUE_CORS_ORIGINS": " https://a.example , https://b.example,"]))
        #expect(settings.corsOrigins == ["https://a.example", "https://b.example"])
    }

    @Test(arguments: [
        ("MASQUE_PORT", "99999"), ("MASQUE_PORT", "http"), ("JWT_REQUIRED", "maybe"), ("JWT_ALG", "none"),
        ("MASQUE_FALLBACK", "magic"), ("MASQUE_RETENTION_HOURS", "-1"), ("LOG_FORMAT", "xml"),
        ("FACEFUSION_VIDEO_VMS", "loose"), ("MASQUE_ENGINE", "magic"), ("FACEFUSION_SILENCE_SECONDS", "0"),
    ])
    func `a wrong value is refused with a sentence that names setting and value`(name: String, value: String)
        async throws
    {
        let reader = try await read(environment: [name: value])
        let error = #expect(throws: MasqueError.self) { _ = try ServerSettings(reader) }
        #expect(error?.code == .badInput)
        #expect(error?.message.contains(name) == true)
        #expect(error?.message.contains(value) == true)
    }

    @Test func `a masque.yaml that is none is refused with its path`() async throws {
        let error = await #expect(throws: MasqueError.self) { _ = try await read(yaml: "a: [b\n") }
        #expect(error?.message.contains("masque.yaml") == true)
    }
}
