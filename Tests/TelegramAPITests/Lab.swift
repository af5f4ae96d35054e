// A Telegram, a server and a client for a test.
import AsyncHTTPClient
import Errors
import Foundation
import Logging
import TelegramAPI
import TelegramStandIn

struct Lab {
    let telegram: Telegram
    let server: StandInServer
    var bot: BotAPI
    let folder: URL

    static let person: Int64 = 100

    /// Runs a test with one person, Ann; limits on messages are off unless they are asked for.
    static func run(
        limits: Bool = false, local: Bool = false, _ body: (inout Lab) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("masque-bot-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var rules = Telegram.Rules()
        rules.limitsMessages = limits
        if local {
            let files = folder.appendingPathComponent("server")
            try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
            rules.localFolder = files
        }
        let telegram = Telegram(rules: rules)
        telegram.addPerson(person, "Ann")
        let http = BotAPI.client()
        let result: Result<Void, any Error>
        do {
            try await StandInServer.run(telegram) { server in
                var quick = Pacer.Limits()
                if !limits {
                    let none = Pacer.Limit(interval: .zero, burst: 1)
                    (quick.overall, quick.chat, quick.group) = (none, none, none)
                }
                var bot = BotAPI(
                    token: try BotToken(telegram.token), server: try BotServer(server.url, isLocal: local), http: http,
                    pacer: Pacer(quick), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                bot.patience.pauses = [.milliseconds(5), .milliseconds(10)]
                var lab = Lab(telegram: telegram, server: server, bot: bot, folder: folder)
                try await body(&lab)
            }
            result = .success(())
        } catch { result = .failure(error) }
        try await http.shutdown()
        try result.get()
    }

    /// A JPEG head with the size of a picture, which is all that the stand-in reads.
    static func picture(width: Int = 640, height: Int = 480, bytes count: Int = 4_000) -> [UInt8] {
        let size = [height >> 8, height & 255, width >> 8, width & 255].map { UInt8($0) }
        let head: [UInt8] = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8] + size
        return head + (0..<max(0, count - head.count)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    }

    static let video: [UInt8] = [0, 0, 0, 24] + Array("ftypisom".utf8) + [UInt8](repeating: 7, count: 5_000)

    func upload(_ bytes: [UInt8], part: String = "photo", name: String = "face.jpg", type: String = "image/jpeg")
        -> Upload
    {
        Upload(part: part, fileName: name, type: type, content: .bytes(bytes))
    }

    /// The reason why a call fails; nil when it does not.
    func reason(_ call: () async throws -> Void) async throws -> BotAPIError.Reason? {
        do {
            try await call()
            return nil
        } catch {
            guard let error = error as? BotAPIError else { throw error }
            return error.reason
        }
    }
}
