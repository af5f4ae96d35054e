// A FaceFusion for tests: the stand-in in a folder of its own.

import FaceFusion
import Foundation
import JobQueue
import Synchronization
import Testing
import WorkerProtocol

/// One test's installation, files and what was heard.
final class Installation: Sendable {
    let folder: String
    private let heard = Mutex<[WorkProgress]>([])

    init() throws {
        folder = NSTemporaryDirectory() + "masque-ff-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder + "/ff", withIntermediateDirectories: true)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("StandIn/facefusion.py").path
        try FileManager.default.copyItem(atPath: script, toPath: folder + "/ff/facefusion.py")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var log: String { folder + "/calls" }
    var pids: String { folder + "/pids" }
    var news: [WorkProgress] { heard.withLock { $0 } }

    /// What the stand-in was called with, call by call.
    var calls: [[String]] {
        get throws {
            try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map {
                try JSONDecoder().decode([String].self, from: Data($0.utf8))
            }
        }
    }

    func settings(_ mode: String = "", silence: Duration = .seconds(60)) throws -> FaceFusionSettings {
        var settings = try FaceFusionSettings(folder: folder + "/ff")
        settings.silence = silence
        settings.environment = ["STANDIN": mode, "STANDIN_LOG": log, "STANDIN_PIDS": pids]
        return settings
    }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        return "\(folder)/\(name)"
    }

    /// An order whose files only look like what they are called.
    func order(_ description: JobDescription, attempt: String = "attempt", source: String = "me.jpg") throws
        -> ExternalOrder
    {
        let isVideo = description.lane == .video
        return ExternalOrder(
            description: description,
            sourcePaths: [try file(source, [0xFF, 0xD8, 0xFF, 0xE0])],
            targetPath: try isVideo
                ? file("--film.MOV", Array("film".utf8)) : file("target", [0x89] + Array("PNG picture".utf8)),
            target: MediaFacts(
                mediaType: isVideo ? "video/quicktime" : "image/png", isVideo: isVideo, width: 320, height: 320,
                duration: isVideo ? 4 : nil, framesPerSecond: isVideo ? 25 : nil, frameCount: nil, faces: nil),
            folder: "\(folder)/\(attempt)")
    }

    func note(_ each: WorkProgress) { heard.withLock { $0.append(each) } }

    func perform(_ mode: String = "", _ order: ExternalOrder, silence: Duration = .seconds(60)) async throws -> String {
        try await FaceFusionEngine(settings(mode, silence: silence)).perform(order) { [self] each in
            heard.withLock { $0.append(each) }
        }
    }
}

extension JobDescription {
    /// The contract's modes.
    static func mode(_ name: String, _ swapper: String, _ enhancer: String, _ lane: Lane) -> JobDescription {
        JobDescription(
            mode: name, processors: ["face_swapper", "face_enhancer"], swapper: swapper, enhancer: enhancer, lane: lane)
    }
    static let fast = mode("photo_video_fast", "inswapper_128_fp16", "gfpgan_1.4", .video)
    static let quality = mode("photo_video_quality", "hyperswap_1c_256", "codeformer", .video)
    static let gpen = mode("photo_photo_gpen", "hyperswap_1c_256", "gpen_bfr_1024", .image)
    static let codeformer = mode("photo_photo_codeformer", "hyperswap_1c_256", "codeformer", .image)
}
