// Headers to principals.

import Errors
import Foundation
import JobQueue
import Services
import Synchronization
import Testing

@Suite struct AuthenticatorTests {
    private let demo = OwnerID(rawValue: "demo")

    private func bearer(_ owner: String = "demo", _ more: String = "") async throws -> String {
        "Bearer " + (try await token(claims("\"sub\":\"\(owner)\"" + more)))
    }

    @Test func `a token or a key names the caller`() async throws {
        try await withStore { store in
            let authenticator = Authenticator(tokens: try await verifier(), keys: store, now: { noon })
            let key = try await KeyService(store: store, now: { noon }).create(
                owner: demo, name: "shop", scopes: [.read])
            let byToken = try await authenticator.principal(authorization: bearer(), apiKey: nil)
            #expect(byToken == Principal(owner: demo, scopes: [.read, .write], kind: .token, id: "token:demo"))
            let expected = Principal(owner: demo, scopes: [.read], kind: .key, id: "key:\(key.key.id)")
            #expect(try await authenticator.principal(authorization: nil, apiKey: key.text) == expected)
            #expect(try await authenticator.principal(authorization: nil, apiKey: " \(key.text)\t") == expected)
            #expect(try await authenticator.principal(authorization: "bearer \(key.text)", apiKey: nil) == expected)
        }
    }

    @Test func `a call without credentials is refused unless the setting lets it pass`() async throws {
        let strict = Authenticator(tokens: try await verifier(), keys: nil, now: { noon })
        let error = await refusal { try await strict.principal(authorization: nil, apiKey: nil) }
        #expect(error?.code == .unauthorized && error?.message.contains("came without") == true)
        let open = Authenticator(tokens: try await verifier(), keys: nil, isRequired: false, now: { noon })
        #expect(try await open.principal(authorization: nil, apiKey: nil) == .anonymous)
        #expect(try await open.principal(authorization: bearer(), apiKey: nil).owner == demo)
    }

    @Test(
        arguments: [
            ("", nil), ("Bearer", nil), ("Bearer ", nil), ("Basic ZGVtbzpkZW1v", nil), ("Bearer a.b.c", nil),
            (nil, ""), (nil, "demo"), (nil, "masque_short"),
            (nil, "masque_00000000000000000000000000000000000000"),
        ] as [(String?, String?)])
    func `wrong credentials are refused even where none are needed`(
        authorization: String?, apiKey: String?
    ) async throws {
        let open = Authenticator(tokens: try await verifier(), keys: nil, isRequired: false, now: { noon })
        let error = await refusal { try await open.principal(authorization: authorization, apiKey: apiKey) }
        #expect(error?.code == .unauthorized)
        #expect(error?.message.hasSuffix(".") == true)
    }

    @Test func `two headers must belong to one owner and then give what both allow`() async throws {
        try await withStore { store in
            let authenticator = Authenticator(tokens: try await verifier(), keys: store, now: { noon })
            let key = try await KeyService(store: store, now: { noon }).create(
                owner: demo, name: "shop", scopes: [.read, .admin]
            ).text
            let both = try await authenticator.principal(authorization: bearer(), apiKey: key)
            #expect(both.owner == demo && both.scopes == [.read])
            let error = await refusal { try await authenticator.principal(authorization: bearer("other"), apiKey: key) }
            #expect(error?.code == .unauthorized && error?.message.contains("two users") == true)
            let half = await refusal { try await authenticator.principal(authorization: "Bearer a.b.c", apiKey: key) }
            #expect(half?.code == .unauthorized)
        }
    }

    @Test func `a mistyped key is refused before the store is asked`() async throws {
        try await withStore { store in
            let counting = CountingKeys(store: store)
            let authenticator = Authenticator(tokens: try await verifier(), keys: counting, now: { noon })
            let key = try await KeyService(store: store, now: { noon }).create(owner: demo, name: "a", scopes: [.read])
                .text
            for place in key.indices.dropFirst(7) {
                var typo = key
                typo.replaceSubrange(place...place, with: key[place] == "x" ? "y" : "x")
                let error = await refusal { try await authenticator.principal(authorization: nil, apiKey: typo) }
                #expect(error?.message.contains("mistyped") == true)
            }
            #expect(counting.count == 0)
            _ = try await authenticator.principal(authorization: nil, apiKey: key)
            #expect(counting.count == 1)
        }
    }

    @Test func `revoked, expired and unknown keys are refused, each with its sentence`() async throws {
        try await withStore { store in
            let keys = KeyService(store: store, now: { noon })
            let later = Authenticator(
                tokens: try await verifier(), keys: store, now: { noon.addingTimeInterval(7_200) })
            let short = try await keys.create(owner: demo, name: "short", scopes: [.read], expiresIn: 3_600)
            let revoked = try await keys.create(owner: demo, name: "revoked", scopes: [.read])
            try await keys.revoke(revoked.key.id, owner: demo)
            let unknown = try await withStore { other in
                try await KeyService(store: other).create(owner: demo, name: "x", scopes: [.read]).text
            }
            for (text, reason) in [
                (short.text, "expired 60 minutes ago"), (revoked.text, "revoked 2 hours ago"),
                (unknown, "does not know"),
            ] {
                let error = await refusal { try await later.principal(authorization: nil, apiKey: text) }
                #expect(error?.code == .unauthorized)
                #expect(error?.message.contains(reason) == true, "\(error?.message ?? "accepted")")
            }
        }
    }

    @Test func `a missing scope is forbidden and a present one is not`() throws {
        let reader = Principal(owner: demo, scopes: [.read], kind: .key, id: "key:1")
        try reader.require(.read)
        let error = #expect(throws: MasqueError.self) { try reader.require(.write) }
        #expect(error?.code == .forbidden && error?.code.httpStatus == 403)
        #expect(error?.message.contains("“write”") == true)
    }
}

/// Counts what is asked of a store.
private final class CountingKeys: KeyStore {
    private let store: any KeyStore
    private let asked = Mutex(0)
    var count: Int { asked.withLock(\.self) }
    init(store: any KeyStore) { self.store = store }
    func add(_ key: APIKey, digest: String, limit: Int?) async throws {
        try await store.add(key, digest: digest, limit: limit)
    }
    func keysInForce(of owner: OwnerID, now: Date) async throws -> Int {
        try await store.keysInForce(of: owner, now: now)
    }
    func key(digest: String, now: Date) async throws -> APIKey? {
        asked.withLock { $0 += 1 }
        return try await store.key(digest: digest, now: now)
    }
    func keys(of owner: OwnerID?) async throws -> [APIKey] { try await store.keys(of: owner) }
    func revoke(_ id: String, owner: OwnerID?, now: Date) async throws -> Bool {
        try await store.revoke(id, owner: owner, now: now)
    }
}
