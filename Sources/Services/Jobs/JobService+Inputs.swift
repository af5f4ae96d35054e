// Takes files from clients: looked at, measured and checked before they become inputs of a job.

internal import BlobStore
internal import Errors
internal import Files
package import JobQueue
package import WorkerProtocol

/// Which contract's limits hold.
enum LimitSet: Sendable {
    case jobs, process
}

extension JobService {
    /// Refuses an upload before its bytes are read.
    ///
    /// - Parameters:
    ///   - byteCount: what the client announced, if it did.
    ///   - tooLarge: the sentence for more bytes than `limit`.
    /// - Throws: `.tooLarge` when it is larger than anything taken here, `.outOfSpace` when the disk is nearly full.
    package func checkRoom(
        byteCount: Int64?, limit: Int64,
        tooLarge: (Int64, Int64) -> String = {
            "The upload is \(megabytes(Int($0))), but at most \(megabytes(Int($1))) are taken here."
        }
    ) async throws {
        if let byteCount, byteCount > limit {
            throw MasqueError(.tooLarge, tooLarge(byteCount, limit), advice: "Send a smaller or shorter file.")
        }
        guard let free = try await blobs.freeBytes() else { return }
        if free - (byteCount ?? 0) < rules.reservedBytes {
            throw MasqueError(
                .outOfSpace, "The server's disk is nearly full, so it takes no new files for now.",
                advice: "Try again later; jobs that are queued or running are not affected.")
        }
    }

    /// Refuses an owner's new bytes before they are read; the store counts again when they become part of a job.
    ///
    /// - Parameters:
    ///   - byteCount: how many come to those that the owner has.
    ///   - elsewhere: what the owner holds beside the jobs' files; nil: as ``bytesElsewhere`` says.
    /// - Throws: `.outOfSpace`.
    package func checkStored(by owner: OwnerID, adding byteCount: Int64, elsewhere: Int64? = nil) async throws {
        guard let limit = rules.maxStoredBytes else { return }
        // What is held elsewhere is asked first: in between it may have become part of a job, and counts twice at most.
        let elsewhere = elsewhere ?? bytesElsewhere(owner)
        let used = try await store.usage(of: owner).bytes + elsewhere
        guard used + byteCount > limit else { return }
        throw storageFull(used: used, added: byteCount, limit: limit)
    }

    /// The most bytes that an upload for a job may have.
    package func uploadLimit(role: InputRole, lane: Lane) -> Int64 {
        role == .target && lane == .video ? rules.maxJobVideoBytes : rules.maxPictureBytes
    }

    /// Adds a file to a draft, in place of one sent before. The file is taken over, or deleted when an error is thrown.
    package func accept(_ file: ReceivedFile, as role: InputRole, of id: JobID, owner: OwnerID) async throws -> Job {
        do {
            let job = try await job(id, owner: owner)
            guard job.state == .draft else { throw JobService.notADraft(job) }
            let role = role == .target ? role : AcceptedKind.role(ofSource: file, for: job.description)
            let input = try await input(file, as: role, lane: job.description.lane, limits: .jobs)
            do {
                let (updated, replaced) = try await store.setInput(
                    input, of: id, owner: owner, limits: limits(of: owner), now: now())
                if let replaced { try await blobs.delete(replaced) }
                feed.poke()
                return updated
            } catch {
                try? await blobs.delete(input.blob)
                throw error
            }
        } catch {
            discard([file])
            throw error
        }
    }

    /// The faces of an input, numbered as `map` names them.
    ///
    /// - Parameters:
    ///   - time: seconds into a video.
    ///   - folder: where `frame.jpg`, `numbered.jpg` and `face-N.jpg` are written; the caller deletes it.
    ///   - draws: whether these pictures are wanted; without them it is done sooner.
    package func faces(
        of role: InputRole, job id: JobID, owner: OwnerID, time: Double?, folder: String, draws: Bool = true
    ) async throws -> MediaFacts {
        let job = try await job(id, owner: owner)
        guard let input = job.input(role) else {
            throw MasqueError(.notFound, "The job has no \(role.rawValue) yet.", advice: "Upload it first.")
        }
        guard role != .voice else {
            throw MasqueError(.badInput, "A recording shows no faces.", advice: "Ask for those of source or target.")
        }
        let path = try await blobs.localFile(input.blob, in: folder)
        return try await inspector.inspect(path: path, findsFaces: true, time: time, folder: draws ? folder : nil)
    }

    /// Checks files, stores them and makes a submitted job of them; all or nothing.
    func submitNew(
        _ description: JobDescription, id: JobID, sources: [ReceivedFile], target: ReceivedFile, limits: LimitSet,
        owner: OwnerID, idempotency: IdempotencyKey?, webhook: NewWebhook?
    ) async throws -> (job: Job, isNew: Bool) {
        var inputs: [JobInput] = []
        do {
            let given =
                sources.map { (AcceptedKind.role(ofSource: $0, for: description), $0) } + [(InputRole.target, target)]
            for (role, file) in given {
                inputs.append(try await input(file, as: role, lane: description.lane, limits: limits))
            }
            var new = NewJob(id: id, owner: owner, description: description)
            new.inputs = inputs
            new.isSubmitted = true
            new.maxAttempts = rules.maxAttempts
            new.idempotency = idempotency
            new.webhook = webhook
            new.expiresAt = expiry
            new.limits = self.limits(of: owner)
            new.workEstimate = await estimates.work(
                of: description, target: inputs.first { $0.role == .target })
            let made = try await store.create(new, now: now())
            if made.isNew {
                await audit.record(.submitted, made.job, at: now())
            } else {
                await delete(inputs)
            }
            changed()
            return made
        } catch {
            await delete(inputs)
            discard(sources + [target])
            throw error
        }
    }

    /// Looks at a file and takes it into the blob store.
    private func input(
        _ file: ReceivedFile, as role: InputRole, lane: Lane, limits: LimitSet
    ) async throws -> JobInput {
        let kind = AcceptedKind(role, lane: lane)
        try kind.check(file, as: role, limits: limits)
        let mostBytes =
            switch (limits, kind) {
            case (.jobs, .picture), (_, .voice): rules.maxPictureBytes
            case (.jobs, .video): rules.maxJobVideoBytes
            case (.process, _): rules.maxProcessBytes
            }
        guard file.byteCount <= mostBytes else {
            throw MasqueError(
                .tooLarge,
                "The \(role.rawValue) is \(megabytes(Int(file.byteCount))), but at most \(megabytes(Int(mostBytes))) are taken.",
                advice: "Send a smaller or shorter file.")
        }
        // The disk works while the file is looked into; what is refused is deleted after both.
        async let flushed: Void = blobs.flush(fileAt: file.path)
        if kind == .voice {
            let facts = try await inspector.listen(path: file.path)
            try checkDuration(facts, role: role, limits: limits)
            try await flushed
            let blob = try await blobs.adopt(fileAt: file.path, isFlushed: true)
            return JobInput(
                role: role, blob: blob, mediaType: file.sniffedType ?? facts.mediaType, byteCount: file.byteCount,
                sha256: file.sha256, fileName: file.cleanName, duration: facts.duration)
        }
        let facts = try await inspector.inspect(path: file.path, findsFaces: false, time: nil, folder: nil)
        guard facts.isVideo == (kind == .video) else {
            throw MasqueError(
                .unsupportedMedia, "The \(role.rawValue) is \(facts.mediaType), which cannot be used here.",
                advice: kind.advice(for: facts.mediaType, as: role, limits: limits))
        }
        try checkLimits(facts, role: role, limits: limits)
        try await flushed
        let blob = try await blobs.adopt(fileAt: file.path, isFlushed: true)
        return JobInput(
            role: role, blob: blob, mediaType: facts.mediaType, byteCount: file.byteCount, sha256: file.sha256,
            fileName: file.cleanName, width: facts.width, height: facts.height, duration: facts.duration,
            framesPerSecond: facts.framesPerSecond)
    }

    private func checkLimits(_ facts: MediaFacts, role: InputRole, limits: LimitSet) throws {
        let megapixels = Double(facts.width) * Double(facts.height) / 1e6
        guard megapixels <= rules.maxMegapixels else {
            throw MasqueError(
                .overLimit,
                "The \(role.rawValue) is \(facts.width)×\(facts.height), more than the \(Int(rules.maxMegapixels)) megapixels that are taken.",
                advice: "Make it smaller.")
        }
        if let frames = facts.frameCount, facts.isVideo, frames > rules.maxFrames {
            throw MasqueError(
                .overLimit, "The video has \(frames) frames, but at most \(rules.maxFrames) are taken.",
                advice: "Cut it, or lower its frame rate.")
        }
        try checkDuration(facts, role: role, limits: limits)
    }

    private func checkDuration(_ facts: MediaFacts, role: InputRole, limits: LimitSet) throws {
        let mostSeconds = limits == .jobs ? rules.maxJobVideoSeconds : rules.maxProcessVideoSeconds
        if let duration = facts.duration, duration > mostSeconds + 0.5 {
            throw MasqueError(
                .overLimit,
                role == .voice
                    ? "The recording lasts \(Int(duration.rounded())) seconds, but at most \(Int(mostSeconds)) are taken."
                    : "The video lasts \(Int(duration.rounded())) seconds, but at most \(Int(mostSeconds)) are taken.",
                advice: "Cut it, or send the part that matters.")
        }
    }

    private func delete(_ inputs: [JobInput]) async {
        for input in inputs { try? await blobs.delete(input.blob) }
    }

    /// Deletes uploaded files that will not be used.
    package func discard(_ files: [ReceivedFile]) {
        for file in files { try? removeAll(file.path) }
    }
}
