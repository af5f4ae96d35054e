// API keys from making to revoking, tokens from minting to checking, links from making to expiry.

import Errors
import Foundation
import JobQueue
import Services
import Testing

@Suite struct KeyTests {
    private let demo = OwnerID(rawValue: "demo")

    @Test func `a key is shown once, listed without its text, and revoked by its owner alone`() async throws {
        try await withStore { store in
            let keys = KeyService(store: store, now: { noon })
            let made = try await keys.create(
                owner: demo, name: " shop server ", scopes: [.read, .write], expiresIn: 60)
            #expect(made.text.hasPrefix("masque_") && made.text.count == 45)
            let listed = try await keys.list(owner: demo)
            #expect(listed.count == 1 && listed.first?.name == "shop server")
            #expect(listed.first?.expiresAt == noon.addingTimeInterval(60))
            #expect(!String(describing: listed).contains(made.text.suffix(38)))
            let other = OwnerID(rawValue: "other")
            #expect(try await keys.list(owner: other).isEmpty)
            #expect(await refusal { try await keys.revoke(made.key.id, owner: other) }?.code == .notFound)
            try await keys.revoke(made.key.id, owner: demo)
            #expect(try await keys.list(owner: demo).first?.revokedAt == noon)
        }
    }

    @Test(arguments: [
        ("", 60.0, true), ("a\nb", 60, true), ("ok", 0, true), ("ok", .nan, true), ("ok", 1e12, true),
        ("ok", 60, false),
    ])
    func `a key needs a name, a life of sensible length and a scope`(
        name: String, life: Double, hasScope: Bool
    ) async throws {
        try await withStore { store in
            let error = await refusal {
                try await KeyService(store: store).create(
                    owner: demo, name: name, scopes: hasScope ? [.read] : [], expiresIn: life)
            }
            #expect(error?.code == .badInput)
        }
    }

    @Test func `a minted token is right for its server until it expires`() async throws {
        let key = try await TokenKey(secret: strongSecret, algorithm: .hs384)
        let text = try TokenMinter(key: key, now: { noon }).mint(
            owner: demo, scopes: [.read, .admin], expiresIn: 3_600)
        let verified = try TokenVerifier(key: key).verify(text, now: noon.addingTimeInterval(3_599))
        #expect(verified.owner == demo && verified.scopes == [.read, .admin])
        #expect(verified.expiresAt == noon.addingTimeInterval(3_600))
        #expect(throws: MasqueError.self) {
            try TokenVerifier(key: key).verify(text, now: noon.addingTimeInterval(3_630))
        }
    }

    @Test(arguments: [("", 60.0), ("a\u{7}", 60), ("demo", 0), ("demo", -1), ("demo", .infinity), ("demo", .nan)])
    func `no token is minted for an impossible owner or time`(owner: String, life: Double) async throws {
        let minter = try TokenMinter(key: try await TokenKey(secret: strongSecret, algorithm: .hs256))
        let error = await refusal { try minter.mint(owner: OwnerID(rawValue: owner), expiresIn: life) }
        #expect(error?.code == .badInput)
    }

    @Test func `a share link opens its job until it expires`() throws {
        let links = ShareLinks(secret: strongSecret)
        let job = JobID(rawValue: "job_7fQ-x_y")
        let text = links.make(job: job, expiresAt: noon.addingTimeInterval(60))
        #expect(
            text.utf8.allSatisfy {
                Character(UnicodeScalar($0)).isLetter || (48...57).contains($0) || "-_".utf8.contains($0)
            })
        #expect(try links.open(text, now: noon.addingTimeInterval(59)) == job)
        let late = #expect(throws: MasqueError.self) { try links.open(text, now: noon.addingTimeInterval(180)) }
        #expect(late?.code == .notFound && late?.message == "This link expired 2 minutes ago.")
        let other = ShareLinks(secret: Array(strongSecret.reversed()))
        #expect(throws: MasqueError.self) { try other.open(text, now: noon) }
    }

    @Test func `no changed byte of a share link goes unnoticed`() throws {
        let links = ShareLinks(secret: strongSecret)
        let text = links.make(job: JobID(rawValue: "job_1"), expiresAt: noon.addingTimeInterval(60))
        for place in text.indices {
            var changed = text
            changed.replaceSubrange(place...place, with: text[place] == "A" ? "B" : "A")
            let error = #expect(throws: MasqueError.self) { try links.open(changed, now: noon) }
            #expect(error?.code == .notFound)
        }
        for wrong in ["", "A", String(text.dropLast()), text + "A", String(repeating: "A", count: 9_999)] {
            #expect(throws: MasqueError.self) { try links.open(wrong, now: noon) }
        }
    }
}
