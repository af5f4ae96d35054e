// Checks of a store: documents of fronts.

import Errors
import Foundation
import JobQueue
import Testing

extension JobStoreConformance {
    static let documentChecks: [StoreCheck] = [
        StoreCheck("a document is there as it was put, with a version that grows, also for another process") { lab in
            let key = DocumentKey("chat", "100:7")
            #expect(try await lab.store.document(key, now: lab.at(0)) == nil)
            try await lab.store.change([.put(key, text: #"{"a":"ё 한 🎭"}"#)], now: lab.at(1))
            try await lab.store.change([.put(key, text: "{}", expiresAt: lab.at(90))], now: lab.at(2))
            let other = try await lab.another()
            let found = try #require(try await other.document(key, now: lab.at(3)))
            #expect(
                found
                    == Document(key: key, version: 2, text: "{}", changedAt: lab.at(2), expiresAt: lab.at(90)))
            try await lab.store.change([.delete(key), .delete(DocumentKey("chat", "none"))], now: lab.at(4))
            #expect(try await lab.store.document(key, now: lab.at(5)) == nil)
            try await lab.store.change([.put(key, text: "1")], now: lab.at(6))
            #expect(try await lab.store.document(key, now: lab.at(7))?.version == 1)
        },
        StoreCheck("changes are made all or none, and only on the version that was read") { lab in
            let a = DocumentKey("chat", "a"), b = DocumentKey("chat", "b")
            try await lab.store.change([.put(a, text: "1", version: 0)], now: lab.at(0))
            for wrong: Int64 in [0, 2] {
                await #expect(throws: MasqueError.self) {
                    try await lab.store.change(
                        [.put(b, text: "2"), .put(a, text: "3", version: wrong)], now: lab.at(1))
                }
            }
            #expect(try await lab.store.document(a, now: lab.at(2))?.text == "1")
            #expect(try await lab.store.document(b, now: lab.at(2)) == nil)
            try await lab.store.change([.put(b, text: "2"), .put(a, text: "3", version: 1)], now: lab.at(3))
            #expect(try await lab.store.document(a, now: lab.at(4))?.text == "3")
            #expect(try await lab.store.document(b, now: lab.at(4))?.text == "2")
        },
        StoreCheck("of many who change one document at once, one does so for each version") { lab in
            let key = DocumentKey("update", "count")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        while true {
                            let now = try await lab.store.document(key, now: lab.at(0))
                            let next = (now.flatMap { Int($0.text) } ?? 0) + 1
                            do {
                                try await lab.store.change(
                                    [.put(key, text: "\(next)", version: now?.version ?? 0)], now: lab.at(0))
                                return
                            } catch let error as MasqueError where error.code == .conflict {}
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await lab.store.document(key, now: lab.at(0))?.text == "10")
        },
        StoreCheck("documents are listed by the beginnings of their names, page by page") { lab in
            let names = ["10:1", "10:2", "10:3", "100:1", "9:9", "10", "10:\u{10FFFD}"]
            try await lab.store.change(
                names.map { .put(DocumentKey("chat", $0), text: "0") } + [.put(DocumentKey("job", "10:1"), text: "0")],
                now: lab.at(0))
            func list(_ prefix: String, after: String? = nil, limit: Int = 99) async throws -> [String] {
                try await lab.store.documents(
                    in: "chat", prefix: prefix, after: after, limit: limit, now: lab.at(1)
                ).map(\.key.name)
            }
            #expect(try await list("10:") == ["10:1", "10:2", "10:3", "10:\u{10FFFD}"])
            #expect(try await list("10:", limit: 2) == ["10:1", "10:2"])
            #expect(try await list("10:", after: "10:2", limit: 1) == ["10:3"])
            #expect(try await list("").count == names.count)
            #expect(try await list("x").isEmpty)
            #expect(try await lab.store.documentCount(in: "chat", now: lab.at(1)) == names.count)
        },
        StoreCheck("all documents are walked through once, also by who deletes and makes some on the way") { lab in
            let names = (1...6).map { "10:\($0)" }
            try await lab.store.change(
                (names + ["1", "9:1"]).map { .put(DocumentKey("chat", $0), text: "0") }
                    + [.put(DocumentKey("job", "10:1"), text: "0")],
                now: lab.at(0))
            for pageSize in [1, 2, 4, 6, 7, 500] {
                var seen: [String] = []
                try await lab.store.forEachDocument(in: "chat", prefix: "10:", pageSize: pageSize, now: lab.at(1)) {
                    seen.append($0.key.name)
                }
                #expect(seen == names, "\(pageSize)")
            }
            var seen: [String] = []
            try await lab.store.forEachDocument(in: "chat", prefix: "10:", pageSize: 2, now: lab.at(1)) { document in
                seen.append(document.key.name)
                var changes: [DocumentChange] = [.delete(document.key)]
                // Behind, in the page that was read, and ahead.
                if seen.count == 1 {
                    changes += ["10:2", "10:3"].map { .delete(DocumentKey("chat", $0)) }
                    changes += ["10:0", "10:7"].map { .put(DocumentKey("chat", $0), text: "0") }
                }
                try await lab.store.change(changes, now: lab.at(1))
            }
            #expect(seen == ["10:1", "10:2", "10:4", "10:5", "10:6", "10:7"])
            seen = []
            try await lab.store.forEachDocument(in: "chat", now: lab.at(1)) { seen.append($0.key.name) }
            #expect(seen == ["1", "10:0", "9:1"])
            await #expect(throws: CancellationError.self) {
                try await lab.store.forEachDocument(in: "chat", now: lab.at(1)) { _ in throw CancellationError() }
            }
        },
        StoreCheck("a document whose time is over is not there, and goes") { lab in
            let key = DocumentKey("chat", "a")
            try await lab.store.change(
                [.put(key, text: "1", expiresAt: lab.at(10)), .put(DocumentKey("chat", "b"), text: "1")], now: lab.at(0)
            )
            #expect(try await lab.store.document(key, now: lab.at(9)) != nil)
            #expect(try await lab.store.document(key, now: lab.at(10)) == nil)
            #expect(try await lab.store.documentCount(in: "chat", now: lab.at(10)) == 1)
            #expect(
                try await lab.store.documents(in: "chat", prefix: "", after: nil, limit: 9, now: lab.at(10)).count == 1)
            // What is over is as if it had never been.
            try await lab.store.change([.put(key, text: "2", expiresAt: lab.at(20), version: 0)], now: lab.at(11))
            #expect(try await lab.store.document(key, now: lab.at(12))?.version == 1)
            #expect(try await lab.store.deleteExpiredDocuments(limit: 9, now: lab.at(19)) == 0)
            #expect(try await lab.store.deleteExpiredDocuments(limit: 9, now: lab.at(20)) == 1)
            #expect(try await lab.store.deleteExpiredDocuments(limit: 9, now: lab.at(99)) == 0)
        },
    ]
}
