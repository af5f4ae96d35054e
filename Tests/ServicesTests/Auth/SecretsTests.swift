// Secrets: made once, kept from others, strong enough.

import Errors
import Foundation
import Services
import Testing

@Suite struct SecretsTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private func secretFile(_ path: String, _ contents: Data) throws {
        try contents.write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    @Test func `a secret is made once, for its user alone, and good for every algorithm`() async throws {
        try await withFolder { folder in
            let place = folder + "/secrets"
            let made = try Secrets(folder: place).secret(named: "jwt-secret")
            #expect(try Secrets(folder: place).secret(named: "jwt-secret") == made)
            #expect(try Secrets(folder: place).secret(named: "share-secret") != made)
            #expect(try mode(place) == 0o700)
            #expect(try mode(place + "/jwt-secret") == 0o600)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: place).sorted() == ["jwt-secret", "share-secret"])
            for algorithm in [TokenAlgorithm.hs256, .hs384, .hs512] {
                _ = try await TokenKey(secret: made, algorithm: algorithm)
            }
        }
    }

    @Test func `all who start at once get the same secret`() async throws {
        try await withFolder { folder in
            let secrets = try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for _ in 0..<64 {
                    group.addTask { try Secrets(folder: folder + "/secrets").secret(named: "jwt-secret") }
                }
                return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
            }
            #expect(secrets.count == 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/secrets") == ["jwt-secret"])
        }
    }

    @Test func `a secret that others may read is refused with the command that helps`() async throws {
        try await withFolder { folder in
            let secrets = Secrets(folder: folder + "/secrets")
            _ = try secrets.secret(named: "jwt-secret")
            for mode in [0o640, 0o604, 0o620] {
                try FileManager.default.setAttributes(
                    [.posixPermissions: mode], ofItemAtPath: folder + "/secrets/jwt-secret")
                let error = await refusal { try secrets.secret(named: "jwt-secret") }
                #expect(error?.code == .badInput && error?.advice?.contains("chmod 600") == true)
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder + "/secrets")
            #expect(await refusal { try secrets.secret(named: "x") }?.advice?.contains("chmod 700") == true)
        }
    }

    @Test func `links, folders, empty files and strange names are no secrets`() async throws {
        try await withFolder { folder in
            let secrets = Secrets(folder: folder + "/secrets")
            _ = try secrets.secret(named: "real")
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/secrets/link", withDestinationPath: folder + "/secrets/real")
            try FileManager.default.createDirectory(
                atPath: folder + "/secrets/folder", withIntermediateDirectories: true)
            try secretFile(folder + "/secrets/short", Data("short\n".utf8))
            for name in ["link", "folder", "short", "", "../real", "a/b", "A", "é", String(repeating: "a", count: 65)] {
                #expect(await refusal { try secrets.secret(named: name) } != nil, "\(name)")
            }
        }
    }

    @Test func `a secret that a person put there is taken without the white space around it`() async throws {
        try await withFolder { folder in
            let secrets = Secrets(folder: folder + "/secrets")
            _ = try secrets.secret(named: "first")
            try secretFile(folder + "/secrets/own", Data(" \n".utf8) + Data(strongSecret) + Data("\r\n".utf8))
            #expect(try secrets.secret(named: "own") == strongSecret)
        }
    }

    @Test(arguments: [
        ("short", TokenAlgorithm.hs256, "has 5 bytes; HS256 needs at least 32"),
        ("q9Zr2xWv7LkT0bYhN5sDfGjKmPcVaEu", .hs256, "has 31 bytes"),
        ("q9Zr2xWv7LkT0bYhN5sDfGjKmPcVaEuI", .hs384, "HS384 needs at least 48"),
        ("q9Zr2xWv7LkT0bYhN5sDfGjKmPcVaEuIoXt4R8wQ1lBn6Hy", .hs512, "HS512 needs at least 64"),
        (String(repeating: "a", count: 64), .hs256, "easy to guess"),
        (String(repeating: "k3Vz9Qp1", count: 8), .hs256, "easy to guess"),
        ("abcdefghijklmnopqrstuvwxyz0123456789", .hs256, "easy to guess"),
        ("a-string-secret-at-least-256-bits-long", .hs256, "easy to guess"),
        ("please-change-me-7fh3k29dk3jf93kd92", .hs256, "easy to guess"),
    ])
    func `short and obvious secrets are refused with advice how to make one`(
        secret: String, algorithm: TokenAlgorithm, reason: String
    ) async throws {
        let error = await refusal { try await TokenKey(secret: Array(secret.utf8), algorithm: algorithm) }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "accepted")")
        #expect(error?.advice?.contains("openssl rand -base64 48") == true)
        #expect(error?.description.contains(secret) == false)
    }

    @Test func `random secrets are never called obvious`() async throws {
        for _ in 0..<300 {
            let random = Data((0..<32).map { _ in UInt8.random(in: 0...255) })
            _ = try await TokenKey(secret: Array(random.base64EncodedString().utf8), algorithm: .hs256)
            let digits = random.map { String($0, radix: 16) }.joined()
            _ = try await TokenKey(secret: Array(digits.utf8), algorithm: .hs256)
        }
    }

    @Test func `algorithm and key must go together`() async throws {
        #expect(try TokenAlgorithm(setting: "hs256") == .hs256)
        for name in ["none", "", "HS1", "PS256"] {
            #expect(await refusal { try TokenAlgorithm(setting: name) }?.code == .badInput)
        }
        #expect(await refusal { try await TokenKey(secret: strongSecret, algorithm: .rs256) }?.code == .badInput)
        #expect(await refusal { try await TokenKey(publicKeyPEM: "x", algorithm: .hs256) }?.code == .badInput)
        #expect(await refusal { try await TokenKey(publicKeyPEM: "x", algorithm: .es256) }?.code == .badInput)
        let key = try await TokenKey(publicKeyPEM: es256Public, algorithm: .es256)
        #expect(await refusal { try TokenMinter(key: key) }?.code == .badInput)
    }
}

private let es256Public = """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBHbJoLoTT1ZqYhZO6r7rhJqxWlAs
    /bwzpQJRNlFMZKyFPBBg6ayEcUmUpgXN6lijOTMgBJJwmSDKHVLqJN0vQA==
    -----END PUBLIC KEY-----
    """
