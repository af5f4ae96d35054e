// What a media process can still do: tried from within the real one.

import Foundation
import Glibc
import JobHandlers
import Testing

@Suite struct SandboxTests {
    /// The built program, beside the tests.
    static let binary: URL = {
        var place = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        while place.path != "/", !FileManager.default.isExecutableFile(atPath: place.appending(path: "masque").path) {
            place.deleteLastPathComponent()
        }
        return place.appending(path: "masque")
    }()

    /// Runs a program to its end.
    private func run(_ program: URL, _ arguments: [String], in folder: URL) async throws -> (Int32, Bool, Data) {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        let file = folder.appending(path: "out-\(UUID().uuidString)")
        try Data().write(to: file)
        process.standardOutput = try FileHandle(forWritingTo: file)
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        let ended: (Int32, Bool) = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = {
                continuation.resume(returning: ($0.terminationStatus, $0.terminationReason == .uncaughtSignal))
            }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return (ended.0, ended.1, try Data(contentsOf: file))
    }

    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "masque-box-\(UUID().uuidString)")
        for name in ["work", "blobs", "outside", "inputs/job", "other/in", "other/out"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    @Test func `the process reaches no network, program, process or file that it has no business with`() async throws {
        try await withFolder { folder in
            let secret = folder.appending(path: "outside/secret.txt")
            let blob = folder.appending(path: "blobs/blob"), input = folder.appending(path: "inputs/job/me.jpg")
            let others = ["blobs/other", "other/in/you.jpg", "other/out/part"].map { folder.appending(path: $0) }
            for file in [secret, blob] + others { try Data("secret".utf8).write(to: file) }
            // As the server hands inputs over. Whoever owns a file may write to it by any of its names, so only the
            // fence keeps the stored file as it is.
            try FileManager.default.linkItem(at: blob, to: input)
            let (code, crashed, printed) = try await run(
                Self.binary,
                [
                    "worker", "--self-test", "--writable", folder.path + "/work", "--readable", folder.path + "/inputs",
                    "--file-limit", "1000000", "--memory-limit", "1000000000", "--open-files",
                    "64",
                ] + ([secret, blob] + others).flatMap { ["--outside", $0.path] }, in: folder)
            let test = try JSONDecoder().decode(SandboxSelfTest.self, from: printed)
            for check in test.checks { #expect(check.passed, "\(check.name): \(check.detail)") }
            #expect((code, crashed) == (0, false))
            let names = test.checks.map(\.name).joined(separator: "\n")
            #expect(names.contains("refuses 1000000000 bytes of memory"))
            #expect(names.contains("refuses files beyond 1000000 bytes"))
            #expect(names.contains("refuses 64 open files"))
            #expect(names.contains("has no capabilities"))
            if test.fenceVersion > 0 {
                #expect(names.contains("refuses looking at other processes"))
                #expect(names.contains("allows looking at its own threads"))
                #expect(names.contains("lives when more work waits than it has threads"))
            }
            if test.gaps.isEmpty {
                for what in ["the mode of", "attributes of", "the times of", "the length of"] {
                    #expect(names.contains("refuses \(what) \(secret.path)"))
                }
                for what in ["the priority of other processes", "queued signals", "shared memory", "emptying a file"] {
                    #expect(names.contains("refuses \(what)"))
                }
                #expect(names.contains("refuses internet sockets"))
                for file in [secret, blob] + others {
                    #expect(names.contains("refuses reading \(file.path)"))
                    #expect(names.contains("refuses writing to \(file.deletingLastPathComponent().path)"))
                }
                #expect(names.contains("allows reading \(input.path)"))
                for what in ["writing to", "another name for", "moving", "the mode of", "the length of"] {
                    #expect(names.contains("refuses \(what) \(input.path)"))
                }
                #expect(names.contains("refuses writing to \(input.path) by its descriptor"))
            }
            #expect(try Data(contentsOf: blob) == Data("secret".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/work").isEmpty)
            #expect(try Data(contentsOf: secret) == Data("secret".utf8))
        }
    }

    @Test func `the self-test fails where the sandbox does not hold`() async throws {
        try await withFolder { folder in
            // What may be read is no secret: the test must say so.
            let open = folder.appending(path: "blobs/open.txt")
            try Data("open".utf8).write(to: open)
            let (code, crashed, printed) = try await run(
                Self.binary,
                ["worker", "--self-test", "--outside", open.path, "--readable", folder.path + "/blobs"], in: folder)
            let test = try JSONDecoder().decode(SandboxSelfTest.self, from: printed)
            guard test.fenceVersion > 0 else { return }
            #expect((code, crashed) == (1, false))
            #expect(test.checks.contains { $0.name == "refuses reading \(open.path)" && !$0.passed })
        }
    }

    @Test func `what only an intruder does ends the process`() async throws {
        try await withFolder { folder in
            let (code, crashed, _) = try await run(Self.binary, ["worker", "--self-test-mount"], in: folder)
            #expect(crashed)
            #expect(code == SIGSYS)
        }
    }

    @Test func `the process ends with its server, even when its input stays open`() async throws {
        try await withFolder { folder in
            let fifo = folder.appending(path: "in").path
            #expect(mkfifo(fifo, 0o600) == 0)
            // Held open for reading and writing, so that the input never ends.
            let held = open(fifo, O_RDWR | O_CLOEXEC)
            defer { close(held) }
            let pidFile = folder.appending(path: "pid").path
            let script = """
                '\(Self.binary.path)' worker --writable '\(folder.path)/work' --parent $$ < '\(fifo)' &
                echo $! > '\(pidFile)'
                sleep 1
                kill -9 $$
                """
            _ = try await run(URL(fileURLWithPath: "/bin/sh"), ["-c", script], in: folder)
            let text = try String(contentsOfFile: pidFile, encoding: .utf8)
            let pid = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            var isGone = false
            for _ in 0..<100 where !isGone {
                isGone = kill(pid, 0) != 0 || isZombie(pid)
                if !isGone { try await Task.sleep(for: .milliseconds(20)) }
            }
            #expect(isGone)
        }
    }

    @Test func `a process whose server is gone already does not start`() async throws {
        try await withFolder { folder in
            let (code, crashed, _) = try await run(Self.binary, ["worker", "--parent", "1"], in: folder)
            #expect((code, crashed) == (1, false))
        }
    }

    private func isZombie(_ pid: Int32) -> Bool {
        (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8))?.contains(") Z ") ?? true
    }
}
