// Downloads from a Civitai on this machine: what lands where, what is refused and why, and where the key goes.

import Addresses
import AsyncHTTPClient
import Civitai
import Errors
import Foundation
import ModelStore
import Testing

@Suite struct ModelFetchTests {
    /// A fetch against the loopback Civitai that does not wait long.
    private func fetch(
        _ civitai: LoopbackCivitai, to folder: String, key: String? = nil, policy: FilePolicy = FilePolicy(),
        base: String? = nil, resolver: any AddressResolver = SystemResolver(), idle: Duration = .seconds(20)
    ) throws -> (fetch: ModelFetch, close: @Sendable () async throws -> Void) {
        let http = CivitaiClient.client()
        var client = CivitaiClient(base: try CivitaiBase(base ?? civitai.url), http: http, key: Secret(key))
        client.pauses = [.milliseconds(5), .milliseconds(10)]
        var limits = DownloadRequest.Limits()
        limits.idle = idle
        limits.firstPause = .milliseconds(5)
        limits.longestPause = .milliseconds(20)
        limits.attempts = 3
        limits.reservedBytes = 0
        let downloader = Downloader(environment: [:], resolver: resolver)
        let made = ModelFetch(client: client, downloader: downloader, root: folder, policy: policy, limits: limits)
        return (made, { try await http.shutdown() })
    }

    private func get(
        _ civitai: LoopbackCivitai, _ link: CivitaiLink, to folder: String, key: String? = nil, ownKey: String? = nil,
        policy: FilePolicy = FilePolicy(), base: String? = nil, resolver: any AddressResolver = SystemResolver(),
        idle: Duration = .seconds(20), progress: @escaping @Sendable (FetchProgress) -> Void = { _ in }
    ) async throws -> FetchedModel {
        let (fetch, close) = try fetch(
            civitai, to: folder, key: key, policy: policy, base: base, resolver: resolver, idle: idle)
        do {
            let model = try await fetch.fetch(link, key: Secret(ownKey), progress: progress)
            try await close()
            return model
        } catch {
            try await close()
            throw error
        }
    }

    private func failure(_ body: () async throws -> FetchedModel) async -> DownloadFailure? {
        do {
            let model = try await body()
            Issue.record("\(model) was fetched")
            return nil
        } catch let failure as DownloadFailure {
            return failure
        } catch {
            Issue.record("\(error) is no failure of a download")
            return nil
        }
    }

    private func names(_ folder: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return all.filter { !$0.hasSuffix(".civitai.json") && !$0.hasSuffix(".lock") }.sorted()
    }

    private static let bytes = Samples.safetensors(bytes: 300_000)

    private func file(_ delivery: LoopbackCivitai.Delivery = .whole) -> LoopbackCivitai.File {
        LoopbackCivitai.File(id: 71, name: "model_name_v1.safetensors", bytes: Self.bytes, delivery: delivery)
    }

    private let link = CivitaiLink(model: 5, version: nil)

    @Test func `into a folder of one's choice, without folders by type`() async throws {
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                civitai.add(.init(id: 6, model: 5, files: [file()]))
                let http = CivitaiClient.client()
                let fetch = ModelFetch(
                    client: CivitaiClient(base: try CivitaiBase(civitai.url), http: http, key: nil),
                    downloader: Downloader(environment: [:]), root: folder, isFlat: true)
                let model = await Result { try await fetch.fetch(link, key: nil) }
                try await http.shutdown()
                #expect(try model.get().path == "\(folder)/model_name_v1.safetensors")
                #expect(names(folder) == ["model_name_v1.safetensors"])
            }
        }
    }

    @Test func `a model lands verified in the folder of its type, and its key stays with the API`() async throws {
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                civitai.add(.init(id: 6, model: 5, files: [file()], gate: .login))
                let model = try await get(civitai, link, to: folder, key: LoopbackCivitai.key)
                #expect(model.path == "\(folder)/Lora/model_name_v1.safetensors")
                #expect(model.filename == "model_name_v1.safetensors")
                #expect(model.modelName == "Amazing LoRA")
                #expect(model.versionName == "v1.0")
                #expect(model.version == 6)
                #expect(!model.wasThere)
                #expect(try Array(Data(contentsOf: URL(filePath: model.path))) == Self.bytes)
                #expect(names(folder) == ["Lora", "Lora/model_name_v1.safetensors"])
                let stored = civitai.asked(of: "/store")
                #expect(stored.count == 1)
                #expect(stored.allSatisfy { $0.authorization == nil && !$0.query.values.contains(LoopbackCivitai.key) })
                #expect(civitai.asked(of: "/api").allSatisfy { $0.authorization == "Bearer \(LoopbackCivitai.key)" })
                #expect(civitai.asked(of: "/api").allSatisfy { $0.query["token"] == nil })
            }
        }
    }

    @Test func `what is there with the right hash is answered without fetching it, even without its note`() async throws
    {
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                civitai.add(.init(id: 6, model: 5, files: [file()]))
                let first = try await get(civitai, link, to: folder)
                let second = try await get(civitai, CivitaiLink(model: nil, version: 6), to: folder)
                #expect(second.wasThere)
                #expect(second.path == first.path)
                try FileManager.default.removeItem(atPath: "\(folder)/Lora/.model_name_v1.safetensors.civitai.json")
                #expect(try await get(civitai, link, to: folder).wasThere)
                #expect(civitai.asked(of: "/store").count == 1)
            }
        }
    }

    @Test func `another file of the same name is kept, and the new one gets the version's number`() async throws {
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                civitai.add(.init(id: 6, model: 5, files: [file()]))
                try FileManager.default.createDirectory(atPath: "\(folder)/Lora", withIntermediateDirectories: true)
                // Of the same size, so that the hash alone tells them apart.
                let other = Samples.safetensors(bytes: 300_000, seed: 9)
                try Data(other).write(to: URL(filePath: "\(folder)/Lora/model_name_v1.safetensors"))
                let model = try await get(civitai, link, to: folder)
                #expect(model.filename == "model_name_v1_6.safetensors")
                #expect(try Array(Data(contentsOf: URL(filePath: "\(folder)/Lora/model_name_v1.safetensors"))) == other)
                #expect(try await get(civitai, link, to: folder).wasThere)
            }
        }
    }

    @Test func `a connection that breaks off is taken up where it broke, each time by a new signed link`() async throws
    {
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                civitai.add(.init(id: 6, model: 5, files: [file(.broken(after: 100_000, times: 2))]))
                let model = try await get(civitai, link, to: folder)
                #expect(try Array(Data(contentsOf: URL(filePath: model.path))) == Self.bytes)
                let stored = civitai.asked(of: "/store")
                #expect(stored.count == 3)
                #expect(Set(stored.map { $0.query["X-Amz-Signature"] }).count == 3)
                #expect(
                    stored.dropFirst().allSatisfy { $0.range?.hasPrefix("bytes=") == true && $0.range != "bytes=0-" })
            }
        }
    }

    @Test func `an expired link is asked for anew`() async throws {
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                // The first link is the one that tells refusals apart; the second is the downloader's.
                civitai.add(.init(id: 6, model: 5, files: [file(.deadLinks(times: 2))]))
                let model = try await get(civitai, link, to: folder)
                #expect(try Array(Data(contentsOf: URL(filePath: model.path))) == Self.bytes)
                #expect(civitai.asked(of: "/api/download").count == 3)
            }
        }
    }

    @Test func `other bytes than described are never visible`() async throws {
        let header = Array(Self.bytes.prefix(200)) + Array(Self.bytes.suffix(200))
        for other in [
            Samples.safetensors(bytes: 300_000, seed: 2), header, Self.bytes + [1], [],
            Self.bytes + [UInt8](repeating: 0, count: 5000),
        ] {
            try await LoopbackCivitai.run { civitai in
                try await Samples.withFolder { folder in
                    civitai.add(.init(id: 6, model: 5, files: [file(.other(other))]))
                    let failure = await failure { try await get(civitai, link, to: folder) }
                    #expect(failure?.kind == .damaged)
                    #expect(failure?.status == 500)
                    #expect(!names(folder).contains { $0.hasSuffix(".safetensors") })
                }
            }
        }
    }

    @Test func `a file whose hash is right but which is no safetensors file is refused`() async throws {
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                var bad = file()
                bad.bytes = Samples.file(
                    header: #"{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}"#, data: [1, 2, 3])
                civitai.add(.init(id: 6, model: 5, files: [bad]))
                let failure = await failure { try await get(civitai, link, to: folder) }
                #expect(failure?.kind == .damaged)
                #expect(failure?.message.contains("beyond the end of the file") == true)
                #expect(!names(folder).contains { $0.hasSuffix(".safetensors") })
            }
        }
    }

    @Test func `a size that is not what Civitai says is refused`() async throws {
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                var bad = file()
                bad.sizeKB = 500
                civitai.add(.init(id: 6, model: 5, files: [bad]))
                let failure = await failure { try await get(civitai, link, to: folder) }
                #expect(failure?.kind == .damaged)
                #expect(!names(folder).contains { $0.hasSuffix(".safetensors") })
            }
        }
    }

    @Test(
        arguments: [
            (LoopbackCivitai.Gate.login, nil, DownloadFailure.Kind.noAccess, 403),
            (.loginPage, nil, .noAccess, 403),
            (.status(401), LoopbackCivitai.key, .wrongKey, 401),
            (
                .status(401, body: #"{"error":"The creator has disabled downloads on this file"}"#), nil, .unavailable,
                400
            ),
            (
                .status(403, body: #"{"error":"Early Access","deadline":"2027-03-04T05:06:07.000Z","message":"x"}"#),
                nil, .earlyAccess, 403
            ),
            (.status(403, body: #"{"error":"Forbidden"}"#), LoopbackCivitai.key, .noAccess, 403),
            (.status(404), nil, .notFound, 404), (.status(410), nil, .archived, 410),
            (.status(429, retryAfter: 30), nil, .quota, 429), (.status(500), nil, .noConnection, 503),
            (.overloaded(times: 9, retryAfter: nil), nil, .noConnection, 503),
            (.overloaded(times: 1, retryAfter: 3600), nil, .noConnection, 503),
            (.status(200), nil, .failed, 500), (.redirect("gopher://x/y"), nil, .failed, 500),
            (.redirect(""), nil, .failed, 500),
        ] as [(LoopbackCivitai.Gate, String?, DownloadFailure.Kind, Int)])
    func `refusals are told apart`(
        gate: LoopbackCivitai.Gate, key: String?, kind: DownloadFailure.Kind, status: Int
    ) async throws {
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                civitai.add(.init(id: 6, model: 5, files: [file()], gate: gate))
                let failure = await failure { try await get(civitai, link, to: folder, key: key) }
                #expect(failure?.kind == kind)
                #expect(failure?.status == status)
                #expect(failure?.message.hasSuffix(".") == true)
                if kind == .earlyAccess { #expect(failure?.message.contains("2027-03-04") == true) }
                if kind == .quota { #expect(failure?.retryAfter == 30) }
                #expect(failure.map { "\($0)".contains(LoopbackCivitai.key) } == false)
                #expect(civitai.asked(of: "/store").isEmpty)
                #expect(names(folder).filter { $0.contains(".") }.isEmpty)
            }
        }
    }

    @Test func `an overload is waited for, and a wrong key is told whatever is asked`() async throws {
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                civitai.add(.init(id: 6, model: 5, files: [file()], gate: .overloaded(times: 2, retryAfter: nil)))
                let model = try await get(civitai, link, to: folder)
                #expect(model.version == 6)
                let failure = await failure { try await get(civitai, link, to: folder, ownKey: "wrong") }
                #expect(failure?.kind == .wrongKey)
            }
        }
    }

    @Test func `unknown models and versions, versions of other models and models to generate with only are refused`()
        async throws
    {
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                civitai.add(.init(id: 6, model: 5, files: [file()]))
                civitai.add(.init(id: 8, model: 7, usageControl: "Generation", files: [file()]))
                civitai.add(.init(id: 10, model: 9, files: [], gate: .status(410)))
                let cases: [(CivitaiLink, DownloadFailure.Kind)] = [
                    (CivitaiLink(model: 99, version: nil), .notFound),
                    (CivitaiLink(model: nil, version: 99), .notFound),
                    (CivitaiLink(model: 7, version: 6), .notFound), (CivitaiLink(model: 7, version: nil), .unavailable),
                    (CivitaiLink(model: 9, version: nil), .archived),
                    (CivitaiLink(model: 5, version: nil, wish: FileWish(fp: "fp8")), .notFound),
                ]
                for (link, kind) in cases {
                    #expect(await failure { try await get(civitai, link, to: folder) }?.kind == kind, "\(link)")
                }
            }
        }
    }

    @Test func `pickles are refused before anything of them is fetched, and taken where that is allowed`() async throws
    {
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                var pickle = file()
                pickle.name = "../../evil.ckpt"
                pickle.format = "PickleTensor"
                pickle.bytes = [0x80, 2, 0x2e] + [UInt8](repeating: 1, count: 2000)
                civitai.add(.init(id: 6, model: 5, files: [pickle]), type: "Checkpoint")
                #expect(await failure { try await get(civitai, link, to: folder) }?.kind == .refused)
                #expect(civitai.asked(of: "/api/download").isEmpty)
                let model = try await get(civitai, link, to: folder, policy: FilePolicy(allowsPickles: true))
                #expect(model.path == "\(folder)/Stable-diffusion/_._.._evil.ckpt")
            }
        }
    }

    @Test func `a silent host is given up`() async throws {
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                civitai.add(.init(id: 6, model: 5, files: [file(.stalled(after: 1000))]))
                let failure = await failure {
                    try await get(civitai, link, to: folder, idle: .milliseconds(300))
                }
                #expect(failure?.kind == .tooSlow)
                #expect(failure?.status == 504)
            }
        }
    }

    @Test func `no Civitai at all is no connection`() async throws {
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                let failure = await failure { try await get(civitai, link, to: folder, base: "http://127.0.0.1:1") }
                #expect(failure?.kind == .noConnection)
                #expect(failure?.status == 503)
            }
        }
    }

    /// Says that names are public, so that what they redirect to is judged as from a public Civitai.
    private struct PublicResolver: AddressResolver {
        func addresses(of host: String) async throws -> [IPAddress] { [IPAddress("93.184.216.34")].compactMap { $0 } }
    }

    @Test func `a public Civitai cannot send this server to a private address`() async throws {
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                civitai.add(.init(id: 6, model: 5, files: [file()], gate: .login))
                let failure = await failure {
                    try await get(
                        civitai, link, to: folder, key: LoopbackCivitai.key, base: civitai.localhostURL,
                        resolver: PublicResolver())
                }
                #expect(failure?.kind == .failed)
                #expect(failure?.message.contains("not on the public internet") == true)
                #expect(civitai.asked(of: "/store").isEmpty)
                #expect(names(folder).filter { $0.contains(".") }.isEmpty)
            }
        }
    }

    @Test func `progress grows to the whole size`() async throws {
        let seen = Seen()
        try await LoopbackCivitai.run { civitai in
            try await Samples.withFolder { folder in
                civitai.add(.init(id: 6, model: 5, files: [file(.slow(piece: 60_000, pause: .milliseconds(30)))]))
                _ = try await get(civitai, link, to: folder) { seen.add($0) }
            }
        }
        let all = seen.all
        #expect(all.last == FetchProgress(done: Int64(Self.bytes.count), total: Int64(Self.bytes.count)))
        #expect(all.map(\.done) == all.map(\.done).sorted())
    }
}
