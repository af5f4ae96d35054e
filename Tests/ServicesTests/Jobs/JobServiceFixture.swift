// A job service over a real store and a real folder, with an inspector that says what a test tells it.

import BlobStore
import Errors
import Foundation
import JobQueue
import JobQueueSQLite
import Logging
import Services
import Synchronization
import WorkerProtocol

/// Answers for files by their path: what the media processes would say. That they say it is tested with them.
final class TellingInspector: MediaInspector {
    private let facts = Mutex<[String: Result<MediaFacts, MasqueError>]>([:])

    func tell(_ path: String, _ result: Result<MediaFacts, MasqueError>) { facts.withLock { $0[path] = result } }

    func inspect(path: String, findsFaces: Bool, time: Double?, folder: String?) async throws -> MediaFacts {
        guard let result = facts.withLock({ $0[path] }) else {
            throw MasqueError(.unsupportedMedia, "The file is nothing that was expected.")
        }
        return try result.get()
    }

    func listen(path: String) async throws -> MediaFacts {
        try await inspect(path: path, findsFaces: false, time: nil, folder: nil)
    }

    func fit(path: String, maxBytes: Int, folder: String) async throws -> FittedMedia {
        let facts = try await inspect(path: path, findsFaces: false, time: nil, folder: nil)
        let fitted = "\(folder)/fitted.\(facts.isVideo ? "mp4" : "jpg")"
        try Data(count: maxBytes).write(to: URL(fileURLWithPath: fitted))
        return FittedMedia(
            path: fitted, mediaType: facts.isVideo ? "video/mp4" : "image/jpeg", width: facts.width,
            height: facts.height, duration: facts.duration, byteCount: Int64(maxBytes))
    }

    func poster(path: String, folder: String) async throws -> String {
        _ = try await inspect(path: path, findsFaces: false, time: nil, folder: nil)
        try Data("poster".utf8).write(to: URL(fileURLWithPath: "\(folder)/poster.jpg"))
        return "\(folder)/poster.jpg"
    }

    func abilities() async -> WorkerAbilities? {
        WorkerAbilities(
            processors: ProcessRequest.processorNames.map {
                ProcessorAbility(
                    name: $0, available: ["face_swapper", "lip_syncer"].contains($0),
                    reason: ["face_swapper", "lip_syncer"].contains($0) ? nil : "Its model is not installed.")
            }, executionProviders: ["cpu"])
    }
}

/// One service in a folder of its own; `end` removes it.
struct JobServiceFixture {
    let folder: String
    let store: SQLiteStore
    let blobs: LocalBlobStore
    let inspector = TellingInspector()
    let service: JobService
    let owner = OwnerID(rawValue: "ann")

    init(rules: JobRules = JobRules()) async throws {
        folder = NSTemporaryDirectory() + "masque-jobs-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = try await SQLiteStore(path: "\(folder)/masque.db")
        blobs = try await LocalBlobStore(folder: "\(folder)/blobs")
        let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        service = JobService(
            store: store, blobs: blobs, inspector: inspector, feed: EventFeed(store: store), rules: rules,
            workers: [.image: 1, .video: 1],
            audit: try AuditLog(path: "\(folder)/logs/audit.jsonl", logger: logger), logger: logger)
    }

    func end() { try? FileManager.default.removeItem(atPath: folder) }

    /// An upload of a picture or video as the inspector will describe it.
    func upload(
        _ type: String = "image/jpeg", bytes: Int = 100, announced: Int64? = nil, width: Int = 640, height: Int = 480,
        duration: Double? = nil, name: String? = "me.jpg"
    ) async throws -> ReceivedFile {
        let path = try await blobs.newPart()
        try Data(count: bytes).write(to: URL(fileURLWithPath: path))
        inspector.tell(
            path,
            .success(
                MediaFacts(
                    mediaType: type, isVideo: type.hasPrefix("video"), width: width, height: height,
                    duration: duration, framesPerSecond: nil, frameCount: nil, faces: nil)))
        return ReceivedFile(
            path: path, byteCount: announced ?? Int64(bytes), sha256: String(repeating: "0", count: 64),
            fileName: name, sniffedType: type)
    }

    /// Files in the blob store, finished and unfinished.
    func fileCount() throws -> Int {
        let all = FileManager.default.enumerator(atPath: "\(folder)/blobs")?.allObjects as? [String] ?? []
        return all.filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(folder)/blobs/\($0)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }.count
    }
}
