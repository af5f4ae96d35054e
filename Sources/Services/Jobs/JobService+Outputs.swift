// What clients get back: results, previews, inputs, and how a job stands.

package import BlobStore
internal import Errors
package import JobQueue

/// A stored file as it is sent to a client.
package struct OutgoingFile: Sendable {
    package let blob: BlobKey
    package let info: BlobInfo
    package let mediaType: String
    /// For `Content-Disposition`.
    package let fileName: String
}

/// What is known of a job's future.
package struct Outlook: Sendable, Hashable {
    /// Jobs before it in its lane; nil unless queued.
    package let queuePosition: Int?
    /// Seconds until it is done, waiting included; nil when it is final or nothing is known.
    package let secondsLeft: Double?

    package init(queuePosition: Int?, secondsLeft: Double?) {
        (self.queuePosition, self.secondsLeft) = (queuePosition, secondsLeft)
    }
}

extension JobService {
    /// - Throws: `.notFound`; `.conflict` with the job's state in a sentence while there is no result.
    package func result(of id: JobID, owner: OwnerID?) async throws -> OutgoingFile {
        let job = try await job(id, owner: owner)
        guard let output = job.output else { throw JobService.noResult(job) }
        return try await file(output.blob, mediaType: output.mediaType, name: JobService.resultName(job))
    }

    /// - Throws: `.notFound` while there is none.
    package func preview(of id: JobID, owner: OwnerID) async throws -> OutgoingFile {
        let job = try await job(id, owner: owner)
        guard let preview = job.preview else {
            throw MasqueError(.notFound, "The job has no preview.", advice: "Videos have one while they are made.")
        }
        return try await file(preview, mediaType: "image/jpeg", name: "preview.jpg")
    }

    /// - Throws: `.notFound`.
    package func inputFile(_ role: InputRole, of id: JobID, owner: OwnerID) async throws -> OutgoingFile {
        guard let input = try await job(id, owner: owner).input(role) else {
            throw MasqueError(.notFound, "The job has no \(role.rawValue) yet.", advice: "Upload it first.")
        }
        return try await file(
            input.blob, mediaType: input.mediaType,
            name: input.fileName ?? "\(role.rawValue).\(JobService.fileExtension(input.mediaType))")
    }

    /// Where the bytes of a file lie on this machine.
    package func path(of file: OutgoingFile) async throws -> String {
        try await blobs.localFile(file.blob, in: "/nonexistent")
    }

    /// Queue position and time left.
    package func outlook(of job: Job) async throws -> Outlook {
        let position = job.state == .queued ? try await store.queuePosition(of: job.id) : nil
        if job.state == .draft {
            let work = await estimates.work(of: job.description, target: job.input(.target))
            return Outlook(queuePosition: nil, secondsLeft: work)
        }
        let left = await estimates.timeLeft(of: job, position: position, workers: workers, now: now())
        return Outlook(queuePosition: position, secondsLeft: left)
    }

    private func file(_ blob: BlobKey, mediaType: String, name: String) async throws -> OutgoingFile {
        guard let info = try await blobs.info(blob) else {
            throw MasqueError(
                .notFound, "The file is not kept any more.", advice: "Files are deleted after a time; make it again.")
        }
        return OutgoingFile(blob: blob, info: info, mediaType: mediaType, fileName: name)
    }

    private static func noResult(_ job: Job) -> MasqueError {
        switch job.state {
        case .draft:
            MasqueError(.conflict, "The job is a draft.", advice: "Submit it with POST /jobs/\(job.id)/submit.")
        case .queued, .running, .completed:
            MasqueError(
                .conflict, "The job is \(job.state.rawValue) and has no result yet.",
                advice: "Follow it at GET /jobs/\(job.id)/events.")
        case .canceled: MasqueError(.conflict, "The job was canceled and has no result.", advice: "Run it again.")
        case .failed:
            MasqueError(
                .conflict, "The job failed: \(job.failure?.message ?? "the reason was not kept.")",
                advice: job.failure?.advice)
        }
    }

    /// `portrait-masque.jpg` for a target `portrait.png` whose result is a JPEG.
    static func resultName(_ job: Job) -> String {
        let target = job.input(.target)?.fileName ?? job.description.lane.rawValue
        let stem = target.lastIndex(of: ".").map { String(target[..<$0]) } ?? target
        return "\(stem.isEmpty ? "result" : stem)-masque.\(fileExtension(job.output?.mediaType ?? ""))"
    }

    static func fileExtension(_ mediaType: String) -> String {
        switch mediaType {
        case "image/jpeg": "jpg"
        case "image/png": "png"
        case "image/webp": "webp"
        case "video/mp4": "mp4"
        case "video/quicktime": "mov"
        case "video/webm": "webm"
        case "video/x-matroska": "mkv"
        default: "bin"
        }
    }
}
