// Tokens: what is taken, and the sentence for what is not.

import Errors
import Foundation
import JWTKit
import JobQueue
import Services
import Testing

@Suite struct TokenVerifierTests {
    @Test(arguments: [
        (#""sub":"demo""#, "demo"), (#""user_id":"u-1""#, "u-1"), (#""user_id":42"#, "42"), (#""sub":7"#, "7"),
        (#""sub":"first","user_id":"second""#, "first"), (#""sub":null,"user_id":"second""#, "second"),
        (#""sub":"Ольга""#, "Ольга"),
    ])
    func `the owner is sub, or else user_id, as text or number`(claim: String, owner: String) async throws {
        let verified = try await verifier().verify(try await token(claims(claim)), now: noon)
        #expect(verified.owner == OwnerID(rawValue: owner))
        #expect(verified.scopes == [.read, .write])
        #expect(verified.expiresAt == noon.addingTimeInterval(600))
    }

    @Test(arguments: [
        (#""scope":"read""#, [Scope.read]), (#""scope":"read write admin""#, [.read, .write, .admin]),
        (#""scopes":["write"]"#, [.write]), (#""scope":"openid profile""#, []), (#""scopes":[]"#, []),
    ])
    func `a token has the scopes that it names`(claim: String, scopes: [Scope]) async throws {
        let text = try await token(claims(#""sub":"demo","# + claim))
        #expect(try await verifier().verify(text, now: noon).scopes == Set(scopes))
    }

    @Test(arguments: [
        (#"{"sub":"demo"}"#, "has no “exp” claim"),
        (claims(exp: -300), "expired 5 minutes ago"),
        (claims(exp: -30), "expired 30 seconds ago"),
        (claims(#""sub":"demo","nbf":1800000090"#), "not valid before 90 seconds from now"),
        (claims(#""name":"demo""#), "neither “sub” nor “user_id”"),
        (claims(#""sub":"""#), "The user id is empty"),
        (claims(#""sub":true"#), "neither a text nor a whole number"),
        (claims(#""sub":1.5"#), "neither a text nor a whole number"),
        (claims(#""sub":{"a":1}"#), "neither a text nor a whole number"),
        (claims("\"sub\":\"\(String(repeating: "x", count: 201))\""), "201 characters"),
        (claims(#""sub":"a\u0000b""#), "control characters"),
        (claims(#""sub":"a\nb""#), "control characters"),
        (claims(#""sub":"demo","scope":5"#), "neither a text nor a list"),
        (#"{"sub":"demo","exp":"tomorrow"}"#, "“exp” of the token is not a number"),
        (#"{"sub":"demo","exp":1e300}"#, "not a time between"),
        (#"{"sub":"demo","exp":-1}"#, "not a time between"),
        (#"{"sub":"demo","exp":true}"#, "not a number"),
        (#"["sub"]"#, "no JSON object"), ("", "no JSON object"),
    ])
    func `a signed token with wrong claims is refused with the reason`(claims: String, reason: String) async throws {
        let text = try await token(claims)
        let error = await refusal { try await verifier().verify(text, now: noon) }
        #expect(error?.code == .unauthorized)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "accepted")")
    }

    @Test func `clocks may differ by less than thirty seconds`() async throws {
        let verifier = try await verifier()
        _ = try verifier.verify(try await token(claims(exp: -29)), now: noon)
        _ = try verifier.verify(try await token(claims(#""sub":"demo","nbf":1800000029"#)), now: noon)
    }

    @Test func `a token without exp passes where the setting says so`() async throws {
        let text = try await token(#"{"sub":"demo"}"#)
        #expect(try await verifier(requiresExpiry: false).verify(text, now: noon).expiresAt == nil)
        let old = try await token(claims(exp: -300))
        #expect(await refusal { try await verifier(requiresExpiry: false).verify(old, now: noon) } != nil)
    }

    @Test func `any algorithm but the set one is refused, none above all`() async throws {
        let none = base64URL(#"{"alg":"none"}"#.utf8) + "." + base64URL(claims().utf8) + "."
        let capital = base64URL(#"{"alg":"NONE"}"#.utf8) + "." + base64URL(claims().utf8) + ".AAAA"
        let longer = try await token(claims(), header: #"{"alg":"HS512"}"#, digest: .sha512)
        for text in [none, capital, longer] {
            let error = await refusal { try await verifier().verify(text, now: noon) }
            #expect(error?.message.contains("another algorithm than the HS256") == true)
        }
        let disguised = try await token(claims(), digest: .sha512)
        #expect(
            await refusal { try await verifier().verify(disguised, now: noon) }?.message.contains("signature") == true)
        let extended = try await token(claims(), header: #"{"alg":"HS256","crit":["exp"]}"#)
        #expect(
            await refusal { try await verifier().verify(extended, now: noon) }?.message.contains("extensions") == true)
    }

    @Test func `no changed byte of a token goes unnoticed`() async throws {
        let text = try await token(claims())
        let verifier = try await verifier()
        _ = try verifier.verify(text, now: noon)
        for place in text.indices where text[place] != "." {
            var changed = text
            changed.replaceSubrange(place...place, with: text[place] == "A" ? "B" : "A")
            #expect(throws: MasqueError.self) { try verifier.verify(changed, now: noon) }
        }
    }

    @Test(arguments: ["", ".", "..", "a.b", "a.b.c.d", "ey.ey.ey", String(repeating: "x", count: 9_000), "é.é.é"])
    func `what is no token is refused`(text: String) async throws {
        #expect(await refusal { try await verifier().verify(text, now: noon) }?.code == .unauthorized)
    }

    @Test func `a refusal tells neither the secret nor the claims`() async throws {
        let other = Array("anotherStrongOne-7LkT0bYhN5sDfGjKmPcVaEuIoXt4R8wQ".utf8)
        for text in [
            try await token(claims(#""sub":"Q7owner""#), secret: other),
            try await token(claims(exp: -99, #""sub":"Q7owner""#)),
        ] {
            let said = await refusal { try await verifier().verify(text, now: noon) }?.description ?? ""
            #expect(!said.isEmpty && !said.contains("Q7owner") && !said.contains("q9Zr2xWv"))
        }
    }

    @Test func `the longer HMAC algorithms work when they are set`() async throws {
        let text = try await token(claims(), header: #"{"alg":"HS512"}"#, digest: .sha512)
        #expect(try await verifier(.hs512).verify(text, now: noon).owner.rawValue == "demo")
        let middle = try await token(claims(), header: #"{"alg":"HS384"}"#, digest: .sha384)
        #expect(try await verifier(.hs384).verify(middle, now: noon).owner.rawValue == "demo")
    }

    @Test func `a public key checks tokens of its private key and no others`() async throws {
        let key = ES256PrivateKey()
        let pem = key.publicKey.pemRepresentation
        let verifier = TokenVerifier(key: try await TokenKey(publicKeyPEM: pem, algorithm: .es256))
        let signer = try await JWTKeyCollection().add(ecdsa: key).getKey()
        let signed = base64URL(#"{"alg":"ES256"}"#.utf8) + "." + base64URL(claims().utf8)
        let text = signed + "." + base64URL(try signer.sign(Array(signed.utf8)))
        #expect(try verifier.verify(text, now: noon).owner.rawValue == "demo")
        // The classic forgery: the public key taken as an HMAC secret.
        let forged = try await token(claims(), secret: Array(pem.utf8))
        #expect(await refusal { try verifier.verify(forged, now: noon) }?.message.contains("another algorithm") == true)
        let disguised = try await token(claims(), header: #"{"alg":"ES256"}"#, secret: Array(pem.utf8))
        #expect(await refusal { try verifier.verify(disguised, now: noon) }?.message.contains("signature") == true)
    }

    @Test func `an RSA key checks tokens, and a small or wrong one is refused`() async throws {
        let key = try Insecure.RSA.PrivateKey(pem: rsaKeyPEM)
        let verifier = TokenVerifier(
            key: try await TokenKey(publicKeyPEM: key.publicKey.pemRepresentation, algorithm: .rs256))
        let signer = try await JWTKeyCollection().add(rsa: key, digestAlgorithm: .sha256).getKey()
        let signed = base64URL(#"{"alg":"RS256"}"#.utf8) + "." + base64URL(claims().utf8)
        let text = signed + "." + base64URL(try signer.sign(Array(signed.utf8)))
        #expect(try verifier.verify(text, now: noon).owner.rawValue == "demo")
        let curve = ES256PrivateKey().publicKey.pemRepresentation
        let error = await refusal { try await TokenKey(publicKeyPEM: curve, algorithm: .rs256) }
        #expect(error?.message.contains("RSA key of at least 2048 bits") == true)
    }
}
