// `/download`: each server of the fleet has a line of its own in one message, up to its end.
import AsyncHTTPClient
import Civitai
import Foundation
import TelegramBot
import TelegramStandIn
import Testing

@Suite struct FleetCommandTests {
    private static let ann = CommandLab.ann

    /// Runs with two servers that answer and one that does not.
    private func run(
        _ body: @Sendable (CommandLab, _ first: FleetServerStandIn, _ second: FleetServerStandIn) async throws -> Void
    ) async throws {
        let (first, second) = (FleetServerStandIn(), FleetServerStandIn())
        let http = CivitaiClient.client()
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(
            "masque-fleet-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: path) }
        let result: Result<Void, any Error>
        do {
            try await first.run { one in
                try await second.run { two in
                    let list = """
                        - {name: PC1, url: 'http://127.0.0.1:\(one)', token: a-long-token-of-pc1}
                        - {name: PC 2, url: 'http://127.0.0.1:\(two)'}
                        - {name: dead, url: 'http://127.0.0.1:1'}
                        """
                    try Data(list.utf8).write(to: path)
                    var fleet = FleetDownloads(client: FleetClient(http: http), host: "civitai.com", file: path.path)
                    fleet.interval = .milliseconds(50)
                    try await CommandLab.run(fleet: fleet) { (lab: CommandLab) async throws in
                        let running = Task { try await lab.admin.run() }
                        let inner: Result<Void, any Error>
                        do { inner = .success(try await body(lab, first, second)) } catch { inner = .failure(error) }
                        running.cancel()
                        _ = await running.result
                        try inner.get()
                    }
                }
            }
            result = .success(())
        } catch { result = .failure(error) }
        try await http.shutdown()
        try result.get()
    }

    private func post(_ lab: CommandLab, holding words: String) async throws -> Post? {
        try await lab.telegram.wait { telegram in
            telegram.posts(in: Self.ann).last { $0.isFromBot && $0.text.contains(words) }
        }
    }

    @Test func `all servers are told of in one message, as each ends`() async throws {
        try await run { (lab: CommandLab, first: FleetServerStandIn, second: FleetServerStandIn) async throws in
            second.open(false)
            let begun = try await lab.say(Self.ann, "/download https://civitai.com/models/12?token=hidden-key-1")
            #expect(begun.text.hasPrefix("https://civitai.com/models/12\n⏳ PC1: at work for"))
            let half = try #require(try await post(lab, holding: "✖️ dead: The server could not be reached."))
            #expect(half.id == begun.id && half.text.contains("⏳ PC 2: at work"))
            #expect(try await post(lab, holding: "✅ PC1: m.safetensors") != nil)
            second.open(true)
            let end = try #require(try await post(lab, holding: "Done: 2 of 3 servers have it."))
            #expect(end.id == begun.id)
            #expect(end.text.contains("✅ PC 2: m.safetensors") && !end.text.contains("⏳"))
            #expect(!lab.telegram.posts(in: Self.ann).contains { $0.isFromBot && $0.text.contains("hidden-key") })
            #expect(Set(first.tokens) == ["a-long-token-of-pc1"] && Set(second.tokens) == [nil])
            #expect(first.bodies.count == 1 && second.bodies.count == 1)
            #expect(first.bodies.first?.contains("hidden-key-1") == true)
        }
    }

    @Test func `a server that tells how far it is has its percent shown, an older one how long it takes`() async throws
    {
        try await run { (lab: CommandLab, first: FleetServerStandIn, second: FleetServerStandIn) async throws in
            func entry(_ model: Int, _ percent: Double, total: String = "1000") -> String {
                #"{"url":"https://civitai.com/models/\#(model)","progress":\#(percent),"bytes_done":1,"bytes_total":\#(total)}"#
            }
            first.open(false)
            second.open(false)
            // Another download is further; of this one nobody knows yet how much there is.
            first.tell("{\"downloads\":[\(entry(13, 88)),\(entry(12, 0, total: "null"))]}")
            let begun = try await lab.say(Self.ann, "/download https://civitai.com/models/12?token=hidden-key-1")
            let none = try #require(try await post(lab, holding: "✖️ dead"))
            _ = try await lab.telegram.wait { _ in first.questions >= 3 ? true : nil }
            let later = try await lab.telegram.wait { telegram in
                telegram.posts(in: Self.ann).last { $0.id == begun.id && $0.text != none.text }
            }
            #expect(later?.text.contains("⏳ PC1: at work for") == true)
            first.tell("{\"downloads\":[\(entry(13, 88)),\(entry(12, 45.9))]}")
            let some = try #require(try await post(lab, holding: "⏳ PC1: 45 % after"))
            #expect(some.id == begun.id && some.text.contains("⏳ PC 2: at work for"))
            first.tell("{\"downloads\":[\(entry(12, 99.99)),\(entry(13, 88))]}")
            #expect(try await post(lab, holding: "⏳ PC1: 99 % after") != nil)
            first.open(true)
            second.open(true)
            let end = try #require(try await post(lab, holding: "Done: 2 of 3 servers have it."))
            #expect(end.text.contains("✅ PC1: m.safetensors") && !end.text.contains("%"))
            #expect(Set(first.tokens) == ["a-long-token-of-pc1"])
            // Who does not know the question is not asked again.
            #expect(second.questions == 1)
        }
    }

    @Test func `one server alone downloads when it is named, and its failure is a sentence`() async throws {
        try await run { (lab: CommandLab, first: FleetServerStandIn, second: FleetServerStandIn) async throws in
            try await lab.desk.book.change(Self.ann) { $0.language = "ru" }
            _ = try await lab.say(Self.ann, "/download https://civitai.com/models/404 PC 2")
            let end = try #require(try await post(lab, holding: "Готово: есть на 0 из 1 серверов."))
            #expect(end.text.contains("✖️ PC 2: Model not found") && !end.text.contains("PC1"))
            #expect(first.tokens.isEmpty && second.bodies.count == 1)
        }
    }

    @Test(arguments: [
        ("/download", "Give the model's link"),
        ("/download https://example.com/models/1", "civitai"),
        ("/download https://civitai.com/models/1 PC9", "There is no server “PC9” in the list."),
        ("/download https://civitai.com/models/1?token=%D1%8F", "has characters that no key has"),
    ])
    func `what cannot be done is said, and nothing is asked of any server`(command: String, answer: String) async throws
    {
        try await run { (lab: CommandLab, first: FleetServerStandIn, second: FleetServerStandIn) async throws in
            let text = try await lab.say(Self.ann, command).text
            #expect(text.localizedCaseInsensitiveContains(answer), "\(text)")
            #expect(first.tokens.isEmpty && second.tokens.isEmpty)
        }
    }

    @Test func `without a fleet it is said that none is set up`() async throws {
        try await CommandLab.run { (lab: CommandLab) async throws in
            let text = try await lab.say(Self.ann, "/download https://civitai.com/models/1").text
            #expect(text == "Downloads of models are not set up here.")
        }
    }
}
