// What the bot remembers, where several change it at once.
import Foundation
import JobQueue
import JobQueueSQLite
import Synchronization
import TelegramBot
import Testing

@Suite struct BookTests {
    private static let key = DocumentKey("bot-test", "numbers")

    @Test func `a change is made on what others wrote meanwhile, however often they come first`() async throws {
        try await BotLab.run { lab in
            let book = BotBook(store: ContestedStore(lab.store, times: 30))
            let numbers = try await book.changeDocument(Self.key, from: [0]) { $0.append(100) }
            #expect(numbers == Array(1...30) + [100])
            let kept = try await lab.store.document(Self.key, now: Date())
            #expect(kept?.text == "[\(numbers.map(String.init).joined(separator: ","))]")
            #expect(kept?.version == 31)
        }
    }

    @Test func `a change that alters nothing writes nothing`() async throws {
        try await BotLab.run { lab in
            let book = BotBook(store: lab.store)
            try await book.changeDocument(Self.key, from: [0]) { $0 = [7] }
            #expect(try await book.changeDocument(Self.key, from: [0]) { $0[0] = 7 } == [7])
            try await book.change(BotLab.ann) { $0.isBanned = true }
            try await book.change(BotLab.ann) { $0.isBanned = true }
            // Nor of somebody who is not known.
            try await book.change(BotLab.ben) { $0.lastSource = nil }
            #expect(try await lab.store.document(DocumentKey("bot-person", "\(BotLab.ben)"), now: Date()) == nil)
            for key in [Self.key, DocumentKey("bot-person", "\(BotLab.ann)")] {
                #expect(try await lab.store.document(key, now: Date())?.version == 1)
            }
        }
    }

    @Test func `who is cancelled does not go on trying`() async throws {
        try await BotLab.run { lab in
            let book = BotBook(store: ContestedStore(lab.store, times: .max))
            let task = Task { try await book.changeDocument(Self.key, from: [0]) { $0.append(100) } }
            task.cancel()
            await #expect(throws: CancellationError.self) { _ = try await task.value }
        }
    }
}

/// Documents that somebody else appends a number to right before others change them.
private final class ContestedStore: PassingStore {
    let store: any DocumentStore
    private let times: Int
    private let count = Mutex(0)

    init(_ store: any DocumentStore, times: Int) { (self.store, self.times) = (store, times) }

    func change(_ changes: [DocumentChange], now: Date) async throws {
        let number = count.withLock { count in
            count += 1
            return count
        }
        if number <= times, case .put(let key, _, _, _) = changes.first {
            let text = try await store.document(key, now: now)?.text ?? "[]"
            let numbers = try JSONDecoder().decode([Int].self, from: Data(text.utf8)) + [number]
            let json = String(decoding: try JSONEncoder().encode(numbers), as: UTF8.self)
            try await store.change([.put(key, text: json)], now: now)
        }
        try await store.change(changes, now: now)
    }
}
