// What chats send, taken as inputs of jobs: stickers, animations, video notes.

import BlobStore
import Errors
import Foundation
import ImageIO
import JobQueue
import JobQueueSQLite
import Logging
import MediaSamples
import Pixels
import Services
import Testing
import VideoIO
import WorkerProtocol
import Workers

extension WorkersSerial {
    @Suite struct TakenInputs {
        /// A job service over the lab's store, with real media processes.
        private func service(_ lab: Lab, _ workers: MediaWorkers) throws -> JobService {
            let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
            return JobService(
                store: lab.store.real, blobs: lab.blobs, inspector: workers, feed: EventFeed(store: lab.store.real),
                rules: JobRules(), workers: [.image: 0, .video: 1],
                audit: try AuditLog(path: "\(lab.folder)/logs/audit.jsonl", logger: logger), logger: logger)
        }

        /// A face on a transparent ground, as stickers are: WebP of 512 pixels.
        private func sticker(_ lab: Lab) throws -> String {
            let (whole, _) = try decodePicture(at: Samples.path("grace_hopper.jpg"))
            let small = try whole.shrunk(longest: 512)
            var bytes: [UInt8] = []
            for i in 0..<small.width * small.height {
                let (x, y) = (i % small.width, i / small.width)
                let isClear = min(x, y, small.width - 1 - x) < 20
                bytes += small.bytes[3 * i..<3 * i + 3] + [isClear ? 0 : 255]
            }
            let path = "\(lab.folder)/sticker.webp"
            try writePicture(
                Picture(width: small.width, height: small.height, channels: 4, bytes: bytes), to: path,
                overwrite: true)
            return path
        }

        private func run(_ arguments: [String]) throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["ffmpeg", "-v", "error", "-y"] + arguments
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
        }

        /// A copy that may be given away.
        private func received(_ lab: Lab, _ path: String) async throws -> ReceivedFile {
            let part = try await lab.blobs.newPart()
            try Data(contentsOf: URL(fileURLWithPath: path)).write(to: URL(fileURLWithPath: part))
            return try await ReceivedFile.onDisk(part, name: nil)
        }

        @Test func `a sticker, an animation and a video note become inputs, and are swapped`() async throws {
            let lab = try await Lab()
            // An animation has no sound; a video note is square and has some.
            let animation = try lab.movie("animation.mp4", frames: 8)
            let note = "\(lab.folder)/note.mp4"
            try run([
                "-i", animation, "-f", "lavfi", "-i", "sine=frequency=440:duration=0.32", "-vf", "scale=240:240",
                "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", note,
            ])
            let sticker = try sticker(lab)
            let owner = Lab.owner
            try await lab.run(lab.settings { $0.lanes = [$0.lanes[1]] }) { workers in
                // The modes that can run are known once a process has said so.
                try await lab.wait { await workers.abilities() != nil }
                let service = try service(lab, workers)
                for (target, side) in [(animation, 320), (note, 240)] {
                    let (job, _) = try await service.create(mode: "photo_video", owner: owner)
                    _ = try await service.accept(
                        try await received(lab, sticker), as: .source, of: job.id, owner: owner)
                    let filled = try await service.accept(
                        try await received(lab, target), as: .target, of: job.id, owner: owner)
                    #expect(filled.input(.source)?.mediaType == "image/webp")
                    #expect(filled.input(.target)?.mediaType == "video/mp4")
                    #expect(filled.input(.target)?.width == side && filled.input(.target)?.height == side)
                    _ = try await service.submit(job.id, owner: owner)
                    let done = try await lab.job(job.id)
                    #expect(done.state == .completed, "\(done.failure?.message ?? "")")
                    let output = try #require(done.output)
                    let made = try await lab.blobs.localFile(output.blob, in: lab.folder)
                    #expect(try VideoReader(path: made).info.audio.count == (target == note ? 1 : 0))
                }
                let (job, _) = try await service.create(mode: "photo_photo", owner: owner)
                let onSticker = try await service.accept(
                    try await received(lab, sticker), as: .target, of: job.id, owner: owner)
                #expect(onSticker.input(.target)?.mediaType == "image/webp")
            }
        }

        @Test func `an animated sticker and a file of another kind are refused in words`() async throws {
            let lab = try await Lab()
            // Telegram's animated stickers are gzipped Lottie.
            let lottie = try lab.file("sticker.tgs", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6])
            let heic = try lab.file("photo.heic", [0, 0, 0, 0x18] + Array("ftypheic\0\0\0\0mif1heic".utf8))
            try await lab.run(lab.settings { $0.lanes = [] }) { workers in
                try await lab.wait { await workers.abilities() != nil }
                let service = try service(lab, workers)
                for path in [lottie, heic] {
                    let (job, _) = try await service.create(mode: "photo_photo", owner: Lab.owner)
                    let file = try await received(lab, path)
                    let error = await #expect(throws: MasqueError.self) {
                        _ = try await service.accept(file, as: .source, of: job.id, owner: Lab.owner)
                    }
                    #expect(error?.code == .unsupportedMedia)
                    #expect(error?.advice?.contains("JPEG, PNG or WebP") == true)
                    #expect(!FileManager.default.fileExists(atPath: file.path))
                }
            }
        }
    }
}
