// What can be asked of a media process outside of jobs, and how its answer is read.

internal import Errors
internal import Files
internal import Foundation
internal import Glibc
internal import WorkerProtocol

/// One question about one file.
struct Question<Answer: Sendable>: Sendable {
    /// The file, in no folder of the process's.
    let path: String
    /// How long the answer may take.
    let limit: Duration
    /// Whether the process gets a folder of its own for what it makes.
    var makesFile = false
    /// The request, of the order's name, the file's path as the process sees it, and the folder.
    let request: @Sendable (_ id: String, _ path: String, _ folder: String) -> WorkerRequest
    /// Reads the answer, which may have left a file in the folder; nil: it cannot be true.
    let take: @Sendable (_ reply: WorkerReply, _ folder: String) async throws -> Answer?

    init(
        path: String, limit: Duration, makesFile: Bool = false,
        request: @escaping @Sendable (_ id: String, _ path: String, _ folder: String) -> WorkerRequest,
        take: @escaping @Sendable (_ reply: WorkerReply, _ folder: String) async throws -> Answer?
    ) {
        self.path = path
        self.limit = limit
        self.makesFile = makesFile
        self.request = request
        self.take = take
    }
}

extension Question where Answer == FittedMedia {
    /// That a result be made smaller; it comes to lie in `folder`.
    static func fit(
        _ path: String, maxBytes: Int, folder: String, limit: Duration, cpuSeconds: Int
    ) -> Question {
        Question(path: path, limit: limit, makesFile: true) { id, path, place in
            .fit(FitOrder(order: id, path: path, maxBytes: maxBytes, folder: place, cpuSeconds: cpuSeconds))
        } take: { reply, place in
            guard case .finished(_, let result) = reply,
                let ending = [
                    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "video/mp4": "mp4",
                ][result.mediaType],
                (1...100_000).contains(result.width), (1...100_000).contains(result.height),
                result.duration.map({ $0.isFinite && $0 >= 0 }) ?? true,
                let made = try await moved(
                    result.path, in: place, to: "\(folder)/fitted.\(ending)", maxBytes: Int64(maxBytes))
            else { return nil }
            return FittedMedia(
                path: made.path, mediaType: result.mediaType, width: result.width, height: result.height,
                duration: result.duration, byteCount: made.byteCount)
        }
    }
}

extension Question where Answer == String {
    /// Bytes of the largest thumbnail that Telegram takes.
    private static var longestPoster: Int64 { 200_000 }

    /// A small picture of a result; it comes to lie in `folder`.
    static func poster(_ path: String, folder: String, limit: Duration) -> Question {
        Question(path: path, limit: limit, makesFile: true) { id, path, place in
            .poster(PosterOrder(order: id, path: path, folder: place))
        } take: { reply, place in
            guard case .finished(_, let result) = reply else { return nil }
            return try await moved(
                result.path, in: place, to: "\(folder)/poster.jpg", maxBytes: longestPoster)?.path
        }
    }
}

/// Takes a file out of a media process's reach.
///
/// - Parameter place: the folder within the process's outputs in which the file must lie.
/// - Returns: where it lies now; nil when it is no plain file there, or too large.
/// - Throws: ``MasqueError`` when it cannot be moved.
private func moved(
    _ path: String, in place: String, to destination: String, maxBytes: Int64
) async throws -> MadeFile? {
    guard (try? await MadeFile(path, in: place)) != nil else { return nil }
    // Beside the process's two folders, where it can put nothing else in the file's place while it is looked at again.
    let root = URL(fileURLWithPath: place).deletingLastPathComponent().deletingLastPathComponent().path
    let safe = "\(root)/\(UUID().uuidString)"
    return try await offPool { () throws in
        guard unsafe rename(path, safe) == 0 else { return false }
        return true
    }
        ? try await placed(safe, in: root, at: destination, maxBytes: maxBytes) : nil
}

private func placed(
    _ safe: String, in root: String, at destination: String, maxBytes: Int64
) async throws -> MadeFile? {
    let made = try? await MadeFile(safe, in: root)
    return try await offPool {
        defer { try? removeAll(safe) }
        guard let made, made.byteCount <= maxBytes else { return nil }
        try removeAll(destination)
        try linkOrCopy(safe, to: destination)
        return MadeFile(destination, byteCount: made.byteCount)
    }
}
