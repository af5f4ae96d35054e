// What the media process makes of its input, and what errors become on their way to a job.

import Errors
import Foundation
import JobQueue
import Testing
import WorkerProtocol

@Suite struct WorkerTalkTests {
    /// Gives text to `masque worker` and waits for its end.
    private func talk(_ input: Data) async throws -> (code: Int32, out: String, err: String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "masque-talk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["in", "out", "err"].map { folder.appending(path: $0) }
        try input.write(to: files[0])
        for file in files.dropFirst() { try Data().write(to: file) }
        let process = Process()
        process.executableURL = SandboxTests.binary
        process.arguments = ["worker", "--writable", folder.path]
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        let code: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return (
            code, try String(contentsOf: files[1], encoding: .utf8), try String(contentsOf: files[2], encoding: .utf8)
        )
    }

    @Test func `what a file is can be read from a message of before frames had times`() throws {
        let line = """
            {"inspected":{"order":"1","_1":{"mediaType":"video/mp4","isVideo":true,"width":64,"height":48,"duration":2,
            "faces":[]}}}
            """
        let reply = try WorkerLine.decode(WorkerReply.self, from: Array(line.filter { $0 != "\n" }.utf8))
        guard case .inspected("1", var facts) = reply else {
            Issue.record("It is not `inspected`.")
            return
        }
        #expect(facts.frameTime == nil && facts.duration == 2 && facts.faces == [])
        facts.frameTime = 0.96
        let again = try WorkerLine.encode(WorkerReply.inspected(order: "1", facts))
        guard case .inspected(_, let read) = try WorkerLine.decode(WorkerReply.self, from: Array(again.dropLast()))
        else {
            Issue.record("It is not `inspected`.")
            return
        }
        #expect(read == facts)
    }

    @Test func `the end of the input ends the process well, after it said what it can do`() async throws {
        let answer = try await talk(Data())
        #expect(answer.code == 0)
        let line = try #require(answer.out.split(separator: "\n").first)
        let reply = try WorkerLine.decode(WorkerReply.self, from: Array(line.utf8))
        guard case .ready(let abilities) = reply else {
            Issue.record("The first line is not `ready`.")
            return
        }
        #expect(abilities.processors.map(\.name).sorted() == abilities.processors.map(\.name))
        #expect(abilities.processors.count == 11)
        for ability in abilities.processors { #expect(ability.available == (ability.reason == nil)) }
    }

    @Test(arguments: [Data("hello\n".utf8), Data(repeating: 97, count: 1 << 21), Data("{}\n".utf8), Data("\n".utf8)])
    func `what is no order ends the process with a sentence`(input: Data) async throws {
        let answer = try await talk(input)
        #expect(answer.code == 1)
        #expect(answer.err.contains("line"))
        #expect(answer.err.hasSuffix(".\n"))
    }

    @Test func `an error keeps its code, words and advice on the way through a job and back`() {
        let error = MasqueError(.noFace, "No face was found.", advice: "Use another.")
        let failure = JobFailure(error)
        #expect(
            failure
                == JobFailure(code: "noFace", message: "No face was found.", advice: "Use another.", isRetryable: false)
        )
        #expect(failure.error.code == .noFace)
        #expect(failure.error.description == error.description)
        #expect(JobFailure(MasqueError(.outOfSpace, "Full.")).isRetryable)
        #expect(JobFailure(CancellationError()).code == "stopped")
        struct Odd: Error {}
        #expect(JobFailure(Odd()).code == "failed")
        #expect(JobFailure(code: "ofTheFuture", message: "M.", advice: nil, isRetryable: true).error.code == .failed)
    }

    @Test func `lines are cut wherever the bytes are, and one that is too long is refused`() throws {
        var cutter = LineCutter(longest: 10)
        #expect(try cutter.lines(adding: Array("ab".utf8)) == [])
        #expect(try cutter.lines(adding: Array("c\nd\n\ne".utf8)) == [Array("abc".utf8), Array("d".utf8), []])
        #expect(try cutter.lines(adding: Array("f\n".utf8)) == [Array("ef".utf8)])
        #expect(throws: MasqueError.self) { try cutter.lines(adding: Array("12345678901".utf8)) }
    }
}
