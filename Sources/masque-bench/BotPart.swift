// How the bot does when many people talk with it at once.
internal import Errors
internal import Foundation
internal import ImageIO
internal import Inference
internal import Pixels
internal import TelegramStandIn

/// People who all talk with a `masque bot` of its own through a Telegram on loopback that keeps Telegram's limits.
struct BotPart: BenchPart {
    /// What the command line says.
    struct Options: Sendable {
        /// How many people; nil: 500, or 50 for a look.
        var users: Int?
        /// How long they begin new conversations; nil: 60, or 20 for a look.
        var seconds: Int?
        /// Whether the bot is killed in the middle and started again.
        var kills = false
    }
    let name = "bot"
    let title = "Many people and the bot at once"
    let options: Options

    func run(quick: Bool) throws -> String {
        let users = options.users ?? (quick ? 50 : 500), seconds = options.seconds ?? (quick ? 20 : 60)
        return try withTemporaryFolder { folder in
            let photos = try [("grace_hopper.jpg", 90, 60, 340), ("astronaut.png", 120, 10, 220)].map {
                try Self.photo($0.0, x: $0.1, y: $0.2, side: $0.3, in: folder)
            }
            let run = BotRun(
                folder: folder.path, users: users, seconds: Double(seconds), kills: options.kills, photos: photos)
            let outcome = try waitFor { try await run.measure() }
            guard let complaint = outcome.complaint else { return outcome.tables }
            throw FailedBench(tables: outcome.tables, complaint: complaint)
        }
    }

    /// A square of a sample portrait as a JPEG of 256 pixels, so that a swap is little work.
    private static func photo(_ name: String, x: Int, y: Int, side: Int, in folder: URL) throws -> [UInt8] {
        let (whole, _) = try decodePicture(at: Installation().samples.appendingPathComponent(name).path)
        let size = 256, scale = Float(side) / Float(size)
        let crop = whole.sample(
            Affine(a: scale, b: 0, tx: Float(x), c: 0, d: scale, ty: Float(y)), width: size, height: size)
        let count = size * size
        let bytes = (0..<3 * count).map { index in
            UInt8(max(0, min(255, crop.values[index % 3 * count + index / 3].rounded())))
        }
        let path = folder.appendingPathComponent("\(name).jpg").path
        try writePicture(
            Picture(width: size, height: size, channels: 3, bytes: bytes), to: path,
            options: ImageIO.EncodeOptions(quality: 90), overwrite: true)
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}

/// One run.
struct BotRun: Sendable {
    let folder: String
    let users: Int
    let seconds: Double
    let kills: Bool
    let photos: [[UInt8]]
    /// How long people are waited for who are owed something, after the time.
    static let patience = 15.0 * 60
    /// How long nothing may happen before nobody is waited for any more.
    static let silence = 120.0

    struct Outcome: Sendable {
        var tables: String
        /// What went wrong; nil: nothing.
        var complaint: String?
    }

    func measure() async throws -> Outcome {
        var rules = Telegram.Rules()
        rules.keepsJournal = true
        let telegram = Telegram(rules: rules)
        return try await StandInServer.run(telegram) { server in
            let home = "\(folder)/home", log = "\(folder)/bot.log"
            try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
            func started() throws -> BotProcess {
                try BotProcess(home: home, url: server.url, token: telegram.token, log: log)
            }
            var bot = try started()
            do {
                let outcome = try await watch(telegram, &bot, started: started)
                let endedInOrder = await bot.stop()
                return report(outcome, telegram, endedInOrder: endedInOrder, log: log)
            } catch {
                await bot.kill()
                throw error
            }
        }
    }

    /// What was seen.
    struct Sight {
        var crowd: BotCrowd
        var began: ContinuousClock.Instant
        /// When the last guest had everything.
        var seconds: Double
        /// Once a second.
        var samples: [BotProcess.Usage] = []
        var killed = 0
        var isComplete: Bool
    }

    private func watch(
        _ telegram: Telegram, _ bot: inout BotProcess, started: () throws -> BotProcess
    ) async throws -> Sight {
        var crowd = BotCrowd(telegram, count: users, photos: photos)
        // Its menu and the media processes come first.
        guard try await telegram.wait(.seconds(60), for: { ($0.calls["getUpdates"] ?? 0) > 1 ? true : nil }) != nil
        else {
            throw MasqueError(.failed, "The bot did not begin to fetch messages within a minute.")
        }
        try await Task.sleep(for: .seconds(2))
        let began = ContinuousClock.now
        var sight = Sight(crowd: crowd, began: began, seconds: 0, isComplete: false)
        crowd.begin()
        var lastNews = began, news = 0, nextSample = 0.0, quietSince: ContinuousClock.Instant?
        var isDown: ContinuousClock.Instant?
        while true {
            crowd.look()
            let now = ContinuousClock.now, time = (now - began) / .seconds(1)
            crowd.isLast = time >= seconds
            if crowd.count != news { (news, lastNews, quietSince) = (crowd.count, now, nil) }
            if time >= nextSample {
                nextSample += 1
                if isDown == nil { sight.samples.append(bot.usage) }
            }
            if kills, isDown == nil {
                // In the middle of the time, where most wait for words, and where half of the pictures are there.
                let isDue = sight.killed == 0 ? time >= seconds / 2 : sight.killed == 1 && crowd.results >= users / 2
                if isDue {
                    await bot.kill()
                    sight.killed += 1
                    isDown = now
                }
            }
            if let down = isDown, now - down > .milliseconds(500) {
                bot = try started()
                isDown = nil
            }
            if isDown == nil, !bot.isRunning { throw MasqueError(.failed, "The bot ended by itself.") }
            if crowd.areAllDone {
                // A while longer, so that what comes twice is seen.
                if quietSince == nil { (quietSince, sight.seconds) = (now, time) }
                if let quietSince, now - quietSince > .seconds(5) {
                    sight.isComplete = true
                    break
                }
            } else if (now - lastNews) / .seconds(1) > Self.silence || time > seconds + Self.patience {
                sight.seconds = time
                break
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        sight.crowd = crowd
        return sight
    }
}
