// A store of documents for tests that hands on to another what it does not do itself.
import Foundation
import JobQueue

protocol PassingStore: DocumentStore {
    var store: any DocumentStore { get }
}

extension PassingStore {
    func change(_ changes: [DocumentChange], now: Date) async throws { try await store.change(changes, now: now) }
    func document(_ key: DocumentKey, now: Date) async throws -> JobQueue.Document? {
        try await store.document(key, now: now)
    }
    func documents(
        in collection: String, prefix: String, after: String?, limit: Int, now: Date
    ) async throws -> [JobQueue.Document] {
        try await store.documents(in: collection, prefix: prefix, after: after, limit: limit, now: now)
    }
    func documentCount(in collection: String, now: Date) async throws -> Int {
        try await store.documentCount(in: collection, now: now)
    }
    func deleteExpiredDocuments(limit: Int, now: Date) async throws -> Int {
        try await store.deleteExpiredDocuments(limit: limit, now: now)
    }
}
