// The commands about a server: what they say of folders, ports and wrong arguments.

import Foundation
import Glibc
import TelegramStandIn
import Testing

@Suite struct ServerCommandTests {
    @Test(arguments: [
        (["keys", "create"], "masque keys create"), (["token", "mint"], "masque token mint"),
        (["jobs", "show"], "masque jobs show"), (["serve", "--prot", "1"], "masque serve"),
    ])
    func `a wrong command line is told the help of just that command`(arguments: [String], command: String) async throws
    {
        let run = try await Workplace().masque(arguments)
        #expect(run.code == 2)
        #expect(run.err.contains("See “\(command) --help”."))
    }

    @Test func `a token for a new folder says which one was made, and only once`() async throws {
        let place = try Workplace()
        let arguments = ["token", "mint", "--user-id", "demo", "--home", "server"]
        let first = try await place.masque(arguments)
        #expect(first.code == 0)
        #expect(first.err.contains("Made the new server folder \(place.path("server"));"))
        #expect(first.out.split(separator: ".").count == 3)
        let second = try await place.masque(arguments)
        #expect(second.code == 0)
        #expect(second.err == "")
    }

    @Test(arguments: [["jobs", "list"], ["jobs", "show", "j"], ["keys", "list"], ["keys", "revoke", "k"]])
    func `a folder without a server is named, and nothing is made in it`(arguments: [String]) async throws {
        let place = try Workplace()
        let run = try await place.masque(arguments)
        #expect(run.code == 2)
        #expect(run.err.contains("There is no server's database in \(place.path("data"))."))
        #expect(place.listing.isEmpty)
    }

    @Test func `a port in use is named with what to do about it`() async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 1) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        try #require(bound)
        let port = UInt16(bigEndian: address.sin_port)
        let run = try await Workplace().masque([
            "serve", "--host", "127.0.0.1", "--port", "\(port)", "--set", "MASQUE_IMAGE_WORKERS=0", "--set",
            "MASQUE_VIDEO_WORKERS=0",
        ])
        #expect(run.code == 1)
        #expect(
            run.err.contains(
                "masque: Port \(port) is already used by another program. Choose another with --port or MASQUE_PORT."))
    }

    @Test func `an address of another machine is told to be none of this one`() async throws {
        let run = try await Workplace().masque([
            "serve", "--host", "192.0.2.1", "--port", "0", "--set", "MASQUE_IMAGE_WORKERS=0", "--set",
            "MASQUE_VIDEO_WORKERS=0",
        ])
        #expect(run.code == 1)
        #expect(run.err.contains("“192.0.2.1” is no address of this machine."))
    }

    /// Runs the bot in a new folder, against nothing that answers unless a server is given.
    private func bot(_ place: Workplace, _ environment: [String: String], _ arguments: [String] = []) async throws
        -> Outcome
    {
        let own = [
            "TELEGRAM_API_URL": "http://127.0.0.1:1", "MASQUE_IMAGE_WORKERS": "0", "MASQUE_VIDEO_WORKERS": "0",
            "MASQUE_PUBLIC_URL": "",
        ]
        return try await place.masque(["bot"] + arguments, environment: own.merging(environment) { $1 })
    }

    @Test func `a bot without a public address is told what a webhook needs, in one sentence`() async throws {
        let place = try Workplace()
        let run = try await bot(place, ["TELEGRAM_BOT_TOKEN": Self.token, "TELEGRAM_WEBHOOK": "1"])
        #expect(run.code == 2)
        #expect(
            run.err.contains(
                "masque: TELEGRAM_WEBHOOK is 1, but a webhook needs masque serve and its https:// address in MASQUE_PUBLIC_URL."
            ))
        #expect(place.listing.isEmpty)
    }

    @Test(arguments: [
        ["TELEGRAM_BOT_TOKEN": "hello"], ["TELEGRAM_BOT_TOKEN": token + "!"],
        ["TELEGRAM_BOT_TOKEN": token, "TELEGRAM_API_URL": "ftp://127.0.0.1"],
    ])
    func `a token or an address of a wrong form is found before any folder is made`(environment: [String: String])
        async throws
    {
        for command in ["bot", "serve"] {
            let place = try Workplace()
            let run = try await place.masque([command, "--set", "MASQUE_PORT=0"], environment: environment)
            #expect(run.code == 2)
            #expect(run.err.contains("masque: TELEGRAM_"), "\(run.err)")
            #expect(place.listing.isEmpty)
        }
    }

    @Test func `a token that Telegram does not know is said, and what is in the folder stays`() async throws {
        try await StandInServer.run(Telegram(token: "4712:the-token-of-another-bot-of-its-own")) { server in
            let place = try Workplace()
            let file = try place.write("mine".utf8, to: "mine.txt")
            let environment = [
                "TELEGRAM_BOT_TOKEN": Self.token, "TELEGRAM_API_URL": server.url, "MASQUE_HOME": place.folder.path,
            ]
            let run = try await bot(place, environment)
            #expect(run.code == 1 || run.code == 2)
            #expect(run.err.contains("Telegram does not know this bot's token."), "\(run.err)")
            #expect(place.listing.contains("masque.db"))
            #expect(try Data(contentsOf: URL(filePath: file)) == Data("mine".utf8))
        }
    }

    @Test func `a folder that a bot uses is said to be used by a server or a bot`() async throws {
        let place = try Workplace()
        // What a program holds for as long as it runs.
        let lock = open(try place.write([], to: "serve.lock"), O_RDWR)
        defer { close(lock) }
        try #require(flock(lock, LOCK_EX | LOCK_NB) == 0)
        let run = try await bot(place, ["TELEGRAM_BOT_TOKEN": Self.token, "MASQUE_HOME": place.folder.path])
        #expect(run.code == 2)
        #expect(run.err.contains("Another masque serve or masque bot uses the folder \(place.folder.path)."))
    }

    private static let token = "4711:stand-in-token-of-35-characters-x"
}
