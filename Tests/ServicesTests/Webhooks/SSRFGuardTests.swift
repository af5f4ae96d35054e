// Which targets a webhook may have: a table of addresses with the edges of each block, spellings, resolution.

import Addresses
import Errors
import Foundation
import Glibc
import JobQueue
import Services
import Synchronization
import Testing

/// Answers from a list, in turn; the last answer stays.
final class ScriptedResolver: AddressResolver {
    private let answers: Mutex<[[String]]>
    private let asked = Mutex(0)
    var count: Int { asked.withLock(\.self) }
    init(_ answers: [String]...) { self.answers = Mutex(answers) }

    func addresses(of host: String) async throws -> [IPAddress] {
        asked.withLock { $0 += 1 }
        let answer = answers.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? [] }
        return answer.compactMap(IPAddress.init)
    }
}

@Suite struct SSRFGuardTests {
    @Test(arguments: [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
        "127.255.255.255", "168.63.129.16", "169.254.0.0", "169.254.169.254", "169.254.255.255", "172.16.0.0",
        "172.31.255.255", "192.0.0.0", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255",
        "198.18.0.0", "198.19.255.255", "198.51.100.7", "203.0.113.255", "224.0.0.0", "239.255.255.255", "240.0.0.0",
        "255.255.255.255", "100.100.100.200",
        "::", "::1", "::2", "::7f00:1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.1.2.3",
        "::ffff:169.254.169.254", "::ffff:0:10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808",
        "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:1ff:ffff::1", "2001:db8::1",
        "2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101::1", "3fff::1", "3fff:fff:ffff::1", "4000::1",
        "5f00::1", "fc00::", "fd00:ec2::254", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::1", "febf::1",
        "fec0::1", "ff00::", "ff02::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "1fff:ffff::1",
    ])
    func `an address that is not public is refused`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.fault != nil)
        let url = address.isVersion4 ? "https://\(text)/" : "https://[\(text)]/"
        let error = #expect(throws: MasqueError.self) { try SSRFGuard().check(url) }
        #expect(error?.code == .badInput && error?.message.contains("not on the public internet") == true)
    }

    @Test(arguments: [
        "1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0",
        "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
        "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
        "223.255.255.255",
        "2000::1", "2001:200::1", "2001:4860:4860::8888", "2001:db7:ffff::1", "2001:db9::1", "2606:4700::1111",
        "2a00:1450:4001::1", "3ffe:ffff::1", "3fff:1000::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
    ])
    func `a public address is allowed`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.fault == nil, "\(address.fault ?? "")")
        try SSRFGuard().check(address.isVersion4 ? "https://\(text)/" : "https://[\(text)]/")
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "0x7f.0.0.1", "1..2.3", ":", ":::", "1::2::3",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::12345", "::g", "fe80::1%eth0", "[::1]", "1:2:3:4:5:6:7::8",
        "::1.2.3", "1.2.3.4::", "+1.2.3.4", ":1::2", "1::2:",
    ])
    func `what is no address is not read as one`(text: String) { #expect(IPAddress(text) == nil) }

    @Test(arguments: [
        "::", "::1", "1::", "0:0:0:0:0:0:0:1", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "A:b:C:d:E:f:1:2",
    ])
    func `an IPv6 address is read as the C library reads it`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(IPAddress(address.description) == address)
        var expected = in6_addr()
        #expect(inet_pton(AF_INET6, text, &expected) == 1)
        #expect(IPAddress(bytes: withUnsafeBytes(of: expected) { Array($0) }) == address)
    }

    @Test(arguments: [
        "http://example.com/", "ftp://example.com/", "//example.com/", "example.com", "", "https://", "https:///x",
        "https://user@example.com/", "https://user:pass@example.com/", "https://:p@example.com/",
        "https://example.com:0/", "https://example.com:65536/", "https://example.com:22/", "https://example.com:6379/",
        "https://example.com:25/", "https://example.com:/", "https://example.com:80x/", "https://example.com:1:2/",
        "https://exa mple.com/", "https://example.com/ä", "https://bücher.example/", "https://example.com\\@127.0.0.1/",
        "https://example.com\n/", "https://127.1/", "https://0x7f.1/", "https://0x7f000001/", "https://2130706433/",
        "https://0177.0.0.1/", "https://127.0.0.1./", "https://1.2.3.4.5/", "https://example.0x10/", "https://0/",
        "https://localhost/", "https://LOCALHOST/", "https://a.localhost/", "https://[::1]/", "https://[::1%25lo]/",
        "https://[::ffff:127.0.0.1]:443/", "https://[127.0.0.1]/", "https://[::1/", "https://[::1]x/",
        "https://example..com/", "https://example.com./", "https://.example.com/", "https://%31%32%37.0.0.1/",
        "https://ex%61mple.com/", "https://example.com#@127.0.0.1/\u{0}", "https://①②⑦.0.0.1/",
        "https://\(String(repeating: "a", count: 64)).com/",
        "https://example.com/\(String(repeating: "a", count: 2_048))",
        "file:///etc/passwd", "https+unix://%2Frun%2Fx.sock/", "unix:///run/x.sock", "javascript:alert(1)",
    ])
    func `a URL that is not plainly public https is refused`(url: String) async throws {
        let targets = try SSRFGuard(resolver: ScriptedResolver(["8.8.8.8"]))
        let error = #expect(throws: MasqueError.self) { try targets.check(url) }
        #expect(error?.code == .badInput)
        #expect(await refusal { try await targets.vet(url) } != nil)
    }

    @Test(arguments: [
        "https://example.com", "https://example.com/hook?x=1#y", "HTTPS://Example.COM:8443/",
        "https://xn--bcher-kva.example/",
        "https://a_b.example.com/", "https://example.com/a@b", "https://8.8.8.8:9000/", "https://[2606:4700::1111]/",
        "https://1.example/", "https://example.com?q=/@127.0.0.1", "https://0x7f.example.com/",
    ])
    func `an ordinary public https URL is allowed`(url: String) async throws {
        let targets = try SSRFGuard(resolver: ScriptedResolver(["8.8.8.8", "2606:4700::1111"]))
        #expect(try targets.check(url).text == url)
        #expect(try await targets.vet(url).addresses.isEmpty == false)
    }

    @Test(arguments: ["127.0.0.1", "::1", "10.0.0.1", "::ffff:192.168.0.1", "fd00:ec2::254"])
    func `one private address among public ones is enough to refuse`(address: String) async throws {
        for answer in [["8.8.8.8", address], [address, "8.8.8.8"], [address]] {
            let targets = try SSRFGuard(resolver: ScriptedResolver(answer))
            let error = await refusal { try await targets.vet("https://example.com/") }
            #expect(error?.code == .badInput)
            #expect(error?.message.contains(address) == false, "a refusal must not tell how names resolve inside")
        }
    }

    @Test func `private targets can be allowed by host, address and block`() async throws {
        var settings = SSRFGuard.Settings()
        settings.allowsPlainHTTP = true
        settings.allowPrivateTargets = ["localhost", "192.168.1.5", "10.1.0.0/16", "fd12::/16", "hooks.internal"]
        let targets = try SSRFGuard(settings, resolver: ScriptedResolver(["10.2.0.1"]))
        for url in [
            "http://localhost:8080/", "http://192.168.1.5/", "http://10.1.255.255/", "http://[fd12::1]/",
            "http://[::ffff:10.1.0.1]/", "http://HOOKS.internal/",
        ] { _ = try await targets.vet(url) }
        for url in [
            "http://192.168.1.6/", "http://10.2.0.1/", "http://[fd13::1]/", "http://127.0.0.1/",
            "http://other.internal/",
        ] {
            #expect(await refusal { try await targets.vet(url) }?.code == .badInput)
        }
        settings.allowPrivateTargets = ["10.0.0.0/33"]
        #expect(throws: MasqueError.self) { try SSRFGuard(settings) }
    }

    @Test func `the system's resolver finds this machine, and the guard refuses it`() async throws {
        let found = try await SystemResolver().addresses(of: "localhost")
        #expect(!found.isEmpty && found.allSatisfy { $0.fault == "loopback" })
        #expect(
            await refusal { try await SystemResolver().addresses(of: "no-such-host.invalid") }?.code == .unavailable)
    }

    @Test func `a subscription gets a secret of its own and only events that there are`() throws {
        let targets = try SSRFGuard()
        let webhook = try targets.newWebhook(url: "https://example.com/h", events: ["completed", "job.failed"])
        #expect(webhook.events == [.completed, .failed])
        #expect(try targets.newWebhook(url: webhook.url, events: nil).events == Set(WebhookEvent.allCases))
        #expect(try targets.newWebhook(url: webhook.url, events: []).secret != webhook.secret)
        #expect(throws: MasqueError.self) { try targets.newWebhook(url: webhook.url, events: ["done"]) }
        #expect(throws: MasqueError.self) { try targets.newWebhook(url: "https://10.0.0.1/", events: nil) }
    }
}
