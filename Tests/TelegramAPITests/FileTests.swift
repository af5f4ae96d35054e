// Files that people send, fetched to the disk.
import Foundation
import TelegramAPI
import TelegramStandIn
import Testing

@Suite struct FileTests {
    /// Sends a file to the bot and gives its id.
    private func receive(_ file: SentFile, _ lab: Lab) async throws -> String {
        lab.telegram.send(Lab.person, file)
        let update = try await lab.bot.call(GetUpdates(offset: nil, timeout: 0)).updates.last
        return try #require(update?.message?.document?.fileID)
    }

    @Test func `a file is fetched whole, also when the connection is cut in between`() async throws {
        try await Lab.run { (lab: inout Lab) async throws in
            let bytes = (0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let id = try await receive(SentFile("document", bytes, name: "a.png"), lab)
            lab.telegram.fail("file", .cutAfter)
            lab.telegram.fail("file", .gateway(502))
            let target = lab.folder.appendingPathComponent("a.png")
            #expect(try await lab.bot.download(id, to: target, maxBytes: 2_000_000) == bytes.count)
            #expect(try Data(contentsOf: target) == Data(bytes))
            #expect(try FileManager.default.contentsOfDirectory(atPath: lab.folder.path) == ["a.png"])
        }
    }

    @Test func `a file beyond a limit is refused and leaves nothing behind`() async throws {
        try await Lab.run { (lab: inout Lab) async throws in
            let bot = lab.bot, target = lab.folder.appendingPathComponent("x")
            let id = try await receive(SentFile("document", [UInt8](repeating: 1, count: 5_000)), lab)
            #expect(
                try await lab.reason { _ = try await bot.download(id, to: target, maxBytes: 4_999) } == .tooLarge)
            var large = SentFile("document", [1])
            large.claimedSize = 60_000_000
            let far = try await receive(large, lab)
            #expect(
                try await lab.reason { _ = try await bot.download(far, to: target, maxBytes: .max) } == .tooLarge)
            // A size that was not true: what comes is counted.
            var liar = SentFile("document", [UInt8](repeating: 2, count: 300_000))
            liar.claimedSize = 10
            let lie = try await receive(liar, lab)
            #expect(
                try await lab.reason { _ = try await bot.download(lie, to: target, maxBytes: 100_000) } == .tooLarge)
            #expect(try FileManager.default.contentsOfDirectory(atPath: lab.folder.path).isEmpty)
        }
    }

    @Test func `a server in local mode gives files of any size from its folder`() async throws {
        try await Lab.run(local: true) { (lab: inout Lab) async throws in
            let bytes = [UInt8](repeating: 3, count: 70_000)
            var file = SentFile("document", bytes, name: "film.mp4")
            file.claimedSize = 60_000_000
            let id = try await receive(file, lab)
            let target = lab.folder.appendingPathComponent("film.mp4")
            #expect(try await lab.bot.download(id, to: target, maxBytes: 60_000_000) == bytes.count)
            #expect(try Data(contentsOf: target) == Data(bytes))
            #expect(lab.bot.server.uploadLimit == 2_000 << 20)
        }
    }

    @Test func `an absolute path or one that climbs is not followed on Telegram's own server`() async throws {
        let telegram = BotServer.telegram
        #expect(telegram.downloadLimit == 20_971_520)
        try await Lab.run { (lab: inout Lab) async throws in
            let bot = lab.bot
            lab.telegram.place("../../../etc/hostname", "climber")
            lab.telegram.place("/etc/hostname", "absolute")
            for id in ["climber", "absolute"] {
                #expect(
                    try await lab.reason {
                        _ = try await bot.download(id, to: lab.folder.appendingPathComponent("x"), maxBytes: 1_000)
                    } == .strangeAnswer)
            }
        }
    }
}
