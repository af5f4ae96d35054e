// Stands for the media processes, which need the engine: says what a file is by its first bytes, and finds one face.

import Errors
import Files
import HTTPParts
import Synchronization
import WorkerProtocol

final class SniffingInspector: MediaInspector {
    func inspect(path: String, findsFaces: Bool, time: Double?, folder: String?) async throws -> MediaFacts {
        guard let type = sniff(head: try readHead(of: path, count: 64)) else {
            throw MasqueError(.unsupportedMedia, "The file is of no known kind.")
        }
        if findsFaces, let folder {
            try writeFile(Array("frame".utf8), to: "\(folder)/frame.jpg", overwrite: true)
            try writeFile(Array("numbered".utf8), to: "\(folder)/numbered.jpg", overwrite: true)
            try writeFile(Array("face".utf8), to: "\(folder)/face-0.jpg", overwrite: true)
        }
        let face = FaceFacts(number: 0, x: 10, y: 12.5, width: 80, height: 90, score: 0.97)
        return MediaFacts(
            mediaType: type.mediaType, isVideo: type.isVideo, width: 320, height: 240,
            duration: type.isVideo ? 3.2 : nil, framesPerSecond: type.isVideo ? 25 : nil,
            frameCount: type.isVideo ? 80 : nil, faces: findsFaces ? [face] : nil,
            frameTime: findsFaces && type.isVideo ? time ?? 0 : nil)
    }

    func fit(path: String, maxBytes: Int, folder: String) async throws -> FittedMedia {
        let facts = try await inspect(path: path, findsFaces: false, time: nil, folder: nil)
        let fitted = "\(folder)/fitted.\(facts.isVideo ? "mp4" : "jpg")"
        try writeFile(try readHead(of: path, count: maxBytes), to: fitted, overwrite: true)
        return FittedMedia(
            path: fitted, mediaType: facts.isVideo ? "video/mp4" : "image/jpeg", width: facts.width,
            height: facts.height, duration: facts.duration, byteCount: Int64(maxBytes))
    }

    func poster(path: String, folder: String) async throws -> String {
        _ = try await inspect(path: path, findsFaces: false, time: nil, folder: nil)
        try writeFile(Array("poster".utf8), to: "\(folder)/poster.jpg", overwrite: true)
        return "\(folder)/poster.jpg"
    }

    func listen(path: String) async throws -> MediaFacts {
        let head = try readHead(of: path, count: 64)
        guard let type = sniff(head: head)?.mediaType ?? otherMediaType(head: head), !type.hasPrefix("image/") else {
            throw MasqueError(.unsupportedMedia, "The file holds no sound.")
        }
        return MediaFacts(
            mediaType: type, isVideo: false, width: 0, height: 0, duration: 2, framesPerSecond: nil, frameCount: nil,
            faces: nil)
    }

    func abilities() async -> WorkerAbilities? {
        WorkerAbilities(
            processors: [
                ProcessorAbility(
                    name: "face_enhancer", available: false, reason: "The model gfpgan_1.4 is not installed."),
                ProcessorAbility(name: "face_swapper", available: true, reason: nil),
                ProcessorAbility(name: "lip_syncer", available: true, reason: nil),
            ], executionProviders: ["cpu"])
    }
}
