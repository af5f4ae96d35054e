// The commands about a server: what they say of folders, ports and wrong arguments.

import Foundation
import Glibc
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
}
