// What the bot says beside its questions comes once, whatever happens to the connection.
import Foundation
import TelegramAPI
import TelegramBot
import TelegramStandIn
import Testing

@Suite struct RemarkTests {
    private func remarks(_ lab: DialogueLab) -> Int { lab.texts.count { $0.hasPrefix("I have forgotten") } }

    @Test(arguments: [Fault.cutAfter, .truncate])
    func `a remark whose answer is lost is not said again, and the question follows`(fault: Fault) async throws {
        try await DialogueLab.run { (lab: DialogueLab) async throws in
            lab.telegram.fail("sendMessage", fault)
            try await lab.say("/reset")
            // Handed over once more, as after a restart.
            try await lab.answer()
            #expect(remarks(lab) == 1)
            #expect(lab.texts.last?.hasPrefix("What shall I make?") == true)
            #expect(lab.texts.count == 2)
        }
    }

    @Test func `a remark is not said again when the question after it fails`() async throws {
        try await DialogueLab.run { (lab: DialogueLab) async throws in
            lab.telegram.fail("sendMessage", .delay(.zero))
            lab.telegram.fail("sendMessage", .gateway(502))
            await #expect(throws: BotAPIError.self) { try await lab.say("/reset") }
            #expect(remarks(lab) == 1)
            try await lab.answer()
            #expect(remarks(lab) == 1)
            #expect(lab.texts.last?.hasPrefix("What shall I make?") == true)
            // The next time it is said again.
            try await lab.say("/reset")
            #expect(remarks(lab) == 2)
        }
    }

    @Test func `a remark that was on its way when the program ended is not said again`() async throws {
        try await DialogueLab.run { (lab: DialogueLab) async throws in
            lab.telegram.fail("sendMessage", .delay(.milliseconds(300)))
            lab.telegram.say(DialogueLab.ann, "/reset")
            let ending = Task { try await lab.answer() }
            _ = try await lab.telegram.wait { $0.hasFault("sendMessage") ? nil : true }
            ending.cancel()
            await #expect(throws: (any Error).self) { try await ending.value }
            #expect(try await lab.telegram.wait { _ in remarks(lab) > 0 ? true : nil } == true)
            try await lab.answer()
            #expect(remarks(lab) == 1)
            #expect(lab.texts.last?.hasPrefix("What shall I make?") == true)
        }
    }

    @Test func `a remark that was certainly not sent is said when the update is answered again`() async throws {
        try await DialogueLab.run { (lab: DialogueLab) async throws in
            lab.telegram.fail("sendMessage", .refuse(403, "Forbidden: bot was blocked by the user"))
            await #expect(throws: BotAPIError.self) { try await lab.say("/reset") }
            #expect(remarks(lab) == 0)
            try await lab.answer()
            #expect(remarks(lab) == 1)
        }
    }
}
