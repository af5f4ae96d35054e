// What is made of answers other than a file: statuses, redirects, proxies, expired links.

import Addresses
import Errors
import Foundation
import ModelStore
import Synchronization
import Testing

struct DownloadAnswersTests {
    @Test(arguments: [
        (401, MasqueError.Code.unauthorized), (402, .forbidden), (403, .forbidden), (404, .notFound), (410, .notFound),
    ])
    func `a refusal is told at once, each as its own`(status: Int, code: MasqueError.Code) async throws {
        try await DownloadLab.run { lab in
            try await FileServer.run({ _, _ in .status("\(status) No") }) { server in
                let error = try await lab.failure(lab.request(try server.url("/m?token=hidden")))
                #expect(error.code == code)
                #expect(error.downloadFault == .status(status, retryAfter: nil))
                #expect(error.message.contains("\(status)") && error.message.contains("127.0.0.1"))
                #expect(!error.description.contains("hidden"))
                #expect(server.requests.count == 1)
                #expect(lab.names == [])
            }
        }
    }

    @Test func `a busy server is asked again, when it says or ever later`() async throws {
        try await DownloadLab.run { lab in
            try await FileServer.run({ _, number in
                switch number {
                case 0: .status("429 Too Many", ["retry-after: 7"])
                case 1: .status("503 Busy")
                case 2: .status("502 Bad")
                default: .file(Served([1, 2]))
                }
            }) { server in
                _ = try await lab.downloader().download(lab.request(try server.url("/m")))
                #expect(lab.arrived == [1, 2])
                let pauses = lab.pauses.all
                #expect(pauses.count == 3)
                #expect(pauses.first == .seconds(7))
                #expect(pauses.dropFirst().first.map { $0 > .seconds(1.4) && $0 <= .seconds(2) } == true)
                #expect(pauses.last.map { $0 > .seconds(2.9) && $0 <= .seconds(4) } == true)
            }
        }
    }

    @Test func `a server that stays busy, or asks for hours, is given up`() async throws {
        for header in [[], ["retry-after: 7200"], ["retry-after: Sun, 22 Nov 2099 10:00:00 GMT"]] {
            try await DownloadLab.run { lab in
                try await FileServer.run({ _, _ in .status("429 Too Many", header) }) { server in
                    let error = try await lab.failure(lab.request(try server.url("/m")))
                    #expect(error.code == .tooManyRequests)
                    #expect(server.requests.count == (header.isEmpty ? 5 : 1))
                    if header.first?.hasSuffix("7200") == true {
                        #expect(error.downloadFault == .status(429, retryAfter: .seconds(7200)))
                        #expect(error.advice?.contains("7200 seconds") == true)
                    }
                }
            }
        }
    }

    @Test func `an expired link is asked for anew, once`() async throws {
        try await DownloadLab.run { lab in
            try await FileServer.run({ asked, _ in
                asked.target == "/fresh" ? .file(Served([1, 2])) : .status("403 Expired")
            }) { server in
                let fresh = try server.url("/fresh")
                var request = lab.request(try server.url("/old"))
                request.reresolve = { source in
                    #expect(source.url.path == "/old")
                    return DownloadRequest.Source(fresh)
                }
                _ = try await lab.downloader().download(request)
                #expect(lab.arrived == [1, 2])
                let old = try server.url("/older")
                request.reresolve = { _ in DownloadRequest.Source(old) }
                #expect(try await lab.failure(request).downloadFault == .status(403, retryAfter: nil))
                #expect(server.requests.map(\.target) == ["/old", "/fresh", "/old", "/older"])
            }
        }
    }

    @Test func `a signed link behind a redirect is made anew by asking again`() async throws {
        try await DownloadLab.run { lab in
            let signatures = Mutex(0)
            try await FileServer.run({ asked, _ in
                if asked.target == "/m" {
                    let number = signatures.withLock { count in
                        count += 1
                        return count
                    }
                    let port = asked.headers["host"]?.split(separator: ":").last ?? ""
                    return .redirect("http://localhost:\(port)/signed/\(number)")
                }
                return asked.target == "/signed/2" ? .file(Served([5])) : .status("403 Expired")
            }) { server in
                _ = try await lab.downloader().download(lab.request(try server.url("/m")))
                #expect(lab.arrived == [5])
            }
        }
    }

    @Test func `secrets stay with the host that they are for`() async throws {
        try await DownloadLab.run { lab in
            try await FileServer.run({ asked, _ in
                let port = asked.headers["host"]?.split(separator: ":").last ?? ""
                switch asked.target {
                case "/m": return .redirect("/same")
                case "/same": return .redirect("http://localhost:\(port)/other")
                case "/other": return .redirect("http://127.0.0.1:\(port)/back")
                default: return .file(Served([5]))
                }
            }) { server in
                var request = lab.request(try server.url("/m"))
                request.sources[0].secretHeaders = ["Authorization": "Bearer hidden", "X-Token": "hidden"]
                request.headers = ["X-Open": "yes"]
                _ = try await lab.downloader().download(request)
                let asked = server.requests
                #expect(asked.map(\.target) == ["/m", "/same", "/other", "/back"])
                #expect(asked.map { $0.headers["authorization"] } == ["Bearer hidden", "Bearer hidden", nil, nil])
                #expect(asked.map { $0.headers["x-token"] } == ["hidden", "hidden", nil, nil])
                #expect(asked.allSatisfy { $0.headers["x-open"] == "yes" })
            }
        }
    }

    @Test func `user and password of a URL become a header, and stand nowhere`() async throws {
        try await DownloadLab.run { lab in
            try await FileServer.run({ _, _ in .status("404 No") }) { server in
                let url = try #require(URL(string: "http://eve:hidden@127.0.0.1:\(server.port)/m"))
                let error = try await lab.failure(lab.request(url))
                #expect(server.requests.first?.headers["authorization"] == "Basic ZXZlOmhpZGRlbg==")
                #expect(!"\(error)".contains("hidden"))
            }
        }
    }

    @Test func `a circle of redirects ends, and one to no web address is not followed`() async throws {
        try await DownloadLab.run { lab in
            try await FileServer.run({ asked, _ in
                asked.target == "/m" ? .redirect("/m") : .redirect("file:///etc/passwd")
            }) { server in
                let circle = try await lab.failure(lab.request(try server.url("/m")))
                #expect(circle.message.contains("10 others"))
                #expect(server.requests.count == 11)
                let file = try await lab.failure(lab.request(try server.url("/f")))
                #expect(file.downloadFault == .redirect("something that is no web address"))
            }
        }
    }

    @Test func `a public host's redirect to this machine is refused, by address and by name`() async throws {
        for target in ["127.0.0.1", "localhost", "10.1.2.3", "[::1]", "inside.example", "sub.localhost"] {
            try await DownloadLab.run { lab in
                try await FileServer.run({ asked, _ in
                    let port = asked.headers["host"]?.split(separator: ":").last ?? ""
                    return asked.target == "/m" ? .redirect("http://\(target):\(port)/inner") : .file(Served([5]))
                }) { server in
                    // The judge takes this machine's name for a public host's.
                    let resolver = TableResolver(
                        table: [
                            "localhost": "93.184.216.34", "inside.example": "192.168.1.1",
                            "sub.localhost": "93.184.216.34",
                        ])
                    let url = try server.url("/m", host: "localhost")
                    if target == "localhost" { return }
                    let error = try await lab.failure(lab.request(url), lab.downloader(resolver: resolver))
                    #expect(error.downloadFault == .redirect("an address that is not on the public internet"))
                    #expect(server.requests.count == 1)
                }
            }
        }
    }

    @Test func `a public host's redirect leads to the address that was judged`() async throws {
        try await DownloadLab.run { lab in
            try await FileServer.run({ asked, _ in
                .redirect("http://other.example:9/next")
            }) { server in
                // A block of addresses that nothing answers from: the connection fails there, and nowhere else.
                let resolver = TableResolver(table: ["localhost": "93.184.216.34"])
                let error = try await lab.failure(
                    lab.request(try server.url("/m", host: "localhost")), lab.downloader(resolver: resolver))
                #expect(error.downloadFault == .noHost("its address could not be found"))
            }
        }
    }

    @Test func `a proxy is used unless the host is excepted`() async throws {
        try await DownloadLab.run { lab in
            try await FileServer.run({ _, _ in .file(Served([5])) }) { server in
                let url = try #require(URL(string: "http://models.example/m.onnx"))
                let proxy = "http://us%65r:pass@127.0.0.1:\(server.port)"
                let environment = ["HTTP_PROXY": proxy, "no_proxy": "example.org, .127.0.0.2,127.0.0.0/8"]
                _ = try await lab.downloader(environment: environment).download(lab.request(url))
                #expect(server.requests.map(\.target) == ["models.example:80", "/m.onnx"])
                #expect(server.requests.first?.headers["proxy-authorization"] == "Basic dXNlcjpwYXNz")
                _ = try await lab.downloader(environment: environment).download(
                    lab.request(try server.url("/direct")))
                #expect(server.requests.last?.target == "/direct")
            }
        }
    }

    @Test func `a small answer is fetched by the same rules`() async throws {
        try await DownloadLab.run { lab in
            try await FileServer.run({ asked, number in
                switch asked.target {
                case "/hash": number == 0 ? .status("503 Busy") : .file(Served(Array("0a1b2c3d".utf8)))
                default: .status("404 No")
                }
            }) { server in
                let downloader = lab.downloader()
                let bytes = try await downloader.bytes(of: .init(try server.url("/hash")), maxBytes: 8)
                #expect(String(decoding: bytes, as: UTF8.self) == "0a1b2c3d")
                let long = await #expect(throws: MasqueError.self) {
                    _ = try await downloader.bytes(of: .init(try server.url("/hash")), maxBytes: 7)
                }
                #expect(long?.downloadFault == .tooLarge)
                let missing = await #expect(throws: MasqueError.self) {
                    _ = try await downloader.bytes(of: .init(try server.url("/none")), maxBytes: 7)
                }
                #expect(missing?.code == .notFound)
            }
        }
    }

    @Test func `file names in Content-Disposition lose folders and tricks`() {
        #expect(fileName(inContentDisposition: "attachment; filename=a.onnx") == "a.onnx")
        #expect(fileName(inContentDisposition: "attachment; filename=\"../../etc/a;b.onnx\"; x=y") == "a;b.onnx")
        #expect(
            fileName(inContentDisposition: "attachment; filename=\"x\"; filename*=UTF-8''%D0%BB%D0%B8%2Fb.bin")
                == "b.bin")
        #expect(fileName(inContentDisposition: "attachment; filename=\"..\\\\.bashrc\"") == "bashrc")
        #expect(fileName(inContentDisposition: "inline") == nil)
    }
}

/// Looks at the clock.
struct DownloadTimesSerialTests {
    @Test func `silence and slowness end, and what came is kept`() async throws {
        try await DownloadLab.run { lab in
            try await FileServer.run({ asked, number in
                guard number == 0 else { return .hang }
                var file = Served(DownloadLab.content())
                (file.cutAfter, file.hangs, file.etag) = (100_000, true, "\"v\"")
                return .file(file)
            }) { server in
                var request = lab.request(try server.url("/m"))
                request.limits.idle = .milliseconds(150)
                request.limits.attempts = 2
                #expect(try await lab.failure(request).downloadFault == .timeout)
                let kept = try Data(contentsOf: request.partURL)
                #expect(Array(kept) == Array(DownloadLab.content().prefix(kept.count)) && !kept.isEmpty)
                request.sources = [.init(try server.url("/silent"))]
                request.limits.idle = .seconds(60)
                request.limits.whole = .milliseconds(300)
                let error = try await lab.failure(request)
                #expect(error.downloadFault == .timeout && error.code == .unavailable)
            }
        }
    }
}
