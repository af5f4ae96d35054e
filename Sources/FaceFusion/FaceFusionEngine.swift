// Has an installed FaceFusion do a job through its own job manager.

internal import Errors
internal import Files
internal import Foundation
package import JobQueue
internal import Synchronization
package import WorkerProtocol

/// Creates a job with one step, submits it and runs it, all in a folder of its own: FaceFusion's temporary folders collide
/// by the target's name, and its job files have neither locks nor atomic writes.
package struct FaceFusionEngine: ExternalEngine {
    private let settings: FaceFusionSettings
    /// Told what FaceFusion said when it failed, for logs.
    private let log: @Sendable (String) -> Void

    package init(_ settings: FaceFusionSettings, log: @escaping @Sendable (String) -> Void = { _ in }) {
        self.settings = settings
        self.log = log
    }

    package var name: String { "FaceFusion" }

    package func covers(_ description: JobDescription) -> Bool { FaceFusionOptions.cover(description) }

    /// - Throws: ``MasqueError``: `.badInput` for options that it does not take, `.noFace`, `.refusedContent`, `.failed`
    ///   with a sentence that says how it ended; `CancellationError`.
    package func perform(
        _ order: ExternalOrder, progress: @escaping @Sendable (WorkProgress) async -> Void
    ) async throws -> String {
        let options = try FaceFusionOptions(order.description, target: order.target, settings: settings)
        let place = try await Place(order)
        let command = FaceFusionCommand(settings: settings, temporary: place.temporary)
        let jobs = ["--jobs-path", place.jobs]
        let quick: [(String, [String])] = [
            ("job-create", []),
            (
                "job-add-step",
                ["--source-paths"] + place.sources + ["--target-path", place.target, "--output-path", place.output]
                    + options.step
            ),
            ("job-submit", []),
        ]
        for (name, arguments) in quick {
            // An option without its list is no option.
            let arguments = place.sources.isEmpty && name == "job-add-step" ? Array(arguments.dropFirst()) : arguments
            try await run(command, [name, place.job] + jobs + arguments) { _ in }
        }
        let (news, feed) = AsyncStream<WorkProgress>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let telling = Task { for await each in news { await progress(each) } }
        defer { telling.cancel() }
        do {
            try await run(
                command,
                ["job-run", place.job] + jobs + ["--temp-path", place.temporary, "--log-level", "info"] + options.run
            ) { feed.yield($0) }
        } catch {
            feed.finish()
            throw error
        }
        feed.finish()
        await telling.value
        return try await place.made()
    }

    /// Runs one sub-command; an end other than a good one becomes an error.
    private func run(
        _ command: FaceFusionCommand, _ arguments: [String], news: @escaping @Sendable (WorkProgress) -> Void
    ) async throws {
        let heard = Mutex(FaceFusionProgress())
        let last = Mutex<[String]>([])
        let ending = try await command.run(arguments) { line in
            if let step = heard.withLock({ $0.take(line) }) { return news(step) }
            last.withLock { $0 = ($0 + [line]).suffix(20) }
        }
        guard ending != .exited(0) else { return }
        let said = last.withLock { $0 }
        let step = arguments.first ?? ""
        log("FaceFusion's \(step) ended with \(ending): \(said.joined(separator: " / "))")
        throw FaceFusionFailure(ending, progress: heard.withLock { $0 }, silence: settings.silence).error
    }
}

/// The files of one run. Names are Masque's own: those of clients could be anything.
private struct Place {
    let job: String
    let jobs: String
    let temporary: String
    let sources: [String]
    let target: String
    let output: String

    init(_ order: ExternalOrder) async throws {
        let folder = order.folder
        job = "masque-" + randomName()
        jobs = folder + "/jobs"
        temporary = folder + "/temp"
        // It tells pictures and videos by the names' endings, and the result must have the target's.
        let ending = order.target.isVideo ? "mp4" : try Self.ending(order.targetPath)
        target = "\(folder)/in/target.\(ending)"
        output = "\(folder)/out/result.\(ending)"
        sources = try order.sourcePaths.enumerated().map { "\(folder)/in/source-\($0).\(try Self.ending($1))" }
        try await offPool { [self] in
            for place in [folder, jobs, temporary, "\(folder)/in", "\(folder)/out"] {
                try makeFolder(place, mode: 0o700)
            }
            for (from, to) in zip(order.sourcePaths, sources) { try linkOrCopy(from, to: to) }
            try linkOrCopy(order.targetPath, to: target)
        }
    }

    /// The ending of a name by what the file is; sound keeps the one that it has.
    private static func ending(_ path: String) throws(MasqueError) -> String {
        let head = try readHead(of: path, count: 64)
        if head.starts(with: [0xFF, 0xD8]) { return "jpg" }
        if head.starts(with: [0x89] + Array("PNG".utf8)) { return "png" }
        if head.starts(with: "RIFF".utf8), head.dropFirst(8).starts(with: "WEBP".utf8) { return "webp" }
        if head.starts(with: "RIFF".utf8) { return "wav" }
        if head.starts(with: "fLaC".utf8) { return "flac" }
        if head.starts(with: "OggS".utf8) { return "ogg" }
        // Sound, or the sound of a video: FFmpeg looks at what is in it.
        if head.dropFirst(4).starts(with: "ftyp".utf8) { return "m4a" }
        let own = URL(fileURLWithPath: path).pathExtension.lowercased()
        if ["mp3", "wav", "flac", "m4a", "ogg", "opus", "aac"].contains(own) { return own }
        return head.starts(with: "ID3".utf8) || head.first == 0xFF ? "mp3" : "jpg"
    }

    /// The file that was made.
    func made() async throws -> String {
        try await offPool { [output] in
            guard let facts = try? fileFacts(output), facts.byteCount > 0 else {
                throw MasqueError(
                    .failed, "FaceFusion said that it was done, but it left no result.",
                    advice: "Its operator should look at the server's log.")
            }
            return output
        }
    }
}
