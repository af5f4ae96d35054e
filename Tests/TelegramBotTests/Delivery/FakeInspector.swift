// Stands for the media processes where no picture is really looked at.
import Errors
import Foundation
import Services
import Synchronization
import WorkerProtocol

/// Stands for the media processes: takes every picture and video, makes what it is told small.
final class FakeInspector: MediaInspector {
    struct Fit: Sendable {
        var path: String
        var maxBytes: Int
    }
    /// Finds faces in a file, at a moment of a video; throws what the content gate would.
    typealias Look = @Sendable (_ content: [UInt8], _ time: Double?) throws -> [FaceFacts]

    private struct State {
        var fits: [Fit] = []
        var answer: [UInt8]?
        var look: Look?
    }
    private let state = Mutex(State())

    /// What was to be made smaller.
    var fits: [Fit] { state.withLock(\.fits) }
    /// What comes out of it; nil: it fails.
    func answer(_ bytes: [UInt8]?) { state.withLock { $0.answer = bytes } }
    /// How faces are found; without it none is.
    func look(_ look: @escaping Look) { state.withLock { $0.look = look } }

    func inspect(path: String, findsFaces: Bool, time: Double?, folder: String?) async throws -> MediaFacts {
        let content = Array(FileManager.default.contents(atPath: path) ?? Data())
        let isVideo = content.dropFirst(4).starts(with: Array("ftyp".utf8))
        let look = findsFaces ? state.withLock(\.look) : nil
        let faces = try look?(content, time)
        if let folder, faces != nil {
            try Data(Sample.jpeg(64, 48)).write(to: URL(fileURLWithPath: "\(folder)/numbered.jpg"))
        }
        return MediaFacts(
            mediaType: isVideo ? "video/mp4" : "image/jpeg", isVideo: isVideo, width: 64, height: 48,
            duration: isVideo ? 3 : nil, framesPerSecond: isVideo ? 25 : nil, frameCount: isVideo ? 75 : nil,
            faces: faces, frameTime: isVideo && findsFaces ? time ?? 1 : nil)
    }

    func listen(path: String) async throws -> MediaFacts { throw MasqueError(.unsupportedMedia, "No sound here.") }

    func fit(path: String, maxBytes: Int, folder: String) async throws -> FittedMedia {
        let answer = state.withLock { state in
            state.fits.append(Fit(path: path, maxBytes: maxBytes))
            return state.answer
        }
        guard let answer else { throw MasqueError(.tooLarge, "It cannot be made so small.") }
        try Data(answer).write(to: URL(fileURLWithPath: "\(folder)/fitted"))
        return FittedMedia(
            path: "\(folder)/fitted", mediaType: "video/mp4", width: 320, height: 240, duration: 9,
            byteCount: Int64(answer.count))
    }

    func poster(path: String, folder: String) async throws -> String {
        try Data(Sample.jpeg(320, 180)).write(to: URL(fileURLWithPath: "\(folder)/poster.jpg"))
        return "\(folder)/poster.jpg"
    }

    func abilities() async -> WorkerAbilities? {
        WorkerAbilities(
            processors: [ProcessorAbility(name: "face_swapper", available: true, reason: nil)],
            executionProviders: ["cpu"])
    }
}
