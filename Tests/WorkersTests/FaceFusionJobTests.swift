// Jobs that an installed FaceFusion does, from the queue to results that passed the gate and state their origin.

import BlobStore
import Errors
import FaceFusion
import Files
import Foundation
import ImageIO
import JobQueue
import Pixels
import Synchronization
import Testing
import VideoIO
import WorkerProtocol
import Workers

extension WorkersSerial {
    @Suite struct FaceFusionJobs {
        /// The stand-in of `FaceFusionTests`, in a folder of its own; it turns colours round.
        static func engine(_ lab: Lab, _ mode: String = "", pause: Double = 0) throws -> FaceFusionEngine {
            let folder = "\(lab.folder)/ff"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../FaceFusionTests/StandIn/facefusion.py").standardizedFileURL.path
            try FileManager.default.copyItem(atPath: script, toPath: "\(folder)/facefusion.py")
            var settings = try FaceFusionSettings(folder: folder)
            settings.environment = [
                "STANDIN": mode, "STANDIN_FFMPEG": "1", "STANDIN_LOG": "\(lab.folder)/calls",
                "STANDIN_PIDS": "\(lab.folder)/pids", "STANDIN_PAUSE": "\(pause)",
            ]
            return FaceFusionEngine(settings)
        }

        static func settings(_ lab: Lab, _ engine: FaceFusionEngine, prefers: Bool = false) -> WorkerSettings {
            lab.settings {
                for lane in $0.lanes.indices {
                    $0.lanes[lane].external = engine
                    $0.lanes[lane].prefersExternal = prefers
                }
            }
        }

        static func wasCalled(_ lab: Lab) -> Bool { FileManager.default.fileExists(atPath: "\(lab.folder)/calls") }

        @Test func `a picture whose model is missing is FaceFusion's, and the result states its origin`() async throws {
            let lab = try await Lab()
            let id = try await lab.submit(swapper: "hyperswap_1c_256")
            let job = try await lab.run(Self.settings(lab, try Self.engine(lab))) { _ in try await lab.job(id) }
            #expect(job.state == .completed, "\(String(describing: job.failure))")
            let output = try #require(job.output)
            #expect(output.mediaType == "image/png")
            #expect(output.notes == ["This result was made by FaceFusion: hyperswap_1c_256."])
            let path = try await lab.blobs.localFile(output.blob, in: lab.folder)
            let origin = try #require(readProvenance(Array(Data(contentsOf: URL(fileURLWithPath: path)))))
            #expect(origin.system == "FaceFusion: hyperswap_1c_256")
            #expect(origin.digitalSourceType == Provenance.composite)
            // The stand-in turned the colours round.
            let (picture, target) = (try await lab.picture(job), try await lab.target())
            #expect((picture.width, picture.height) == (target.width, target.height))
            let corner = (0..<3).map { Int(picture.bytes[$0]) + Int(target.bytes[$0]) }
            #expect(corner.allSatisfy { abs($0 - 255) <= 2 })
            #expect(lab.workNames.isEmpty)
            #expect(lab.workNames("image-0").sorted() == ["in", "out"])
        }

        @Test func `a video gets FaceFusion's pictures with the target's own sound, and states its origin`()
            async throws
        {
            let lab = try await Lab()
            let silent = try lab.movie("silent.mp4", frames: 40)
            let film = "\(lab.folder)/film.mp4"
            try await Self.shell(
                "ffmpeg", "-loglevel", "error", "-i", silent, "-f", "lavfi", "-i", "sine=frequency=440:duration=1.6",
                "-c:v", "copy", "-c:a", "aac", "-shortest", film)
            let id = try await lab.submit(target: film, lane: .video, swapper: "inswapper_128_fp16")
            let shown = Mutex<[Double]>([])
            let job = try await lab.run(Self.settings(lab, try Self.engine(lab, pause: 0.2))) { _ in
                try await lab.job(id) { job in
                    shown.withLock { $0.append(job.progress) }
                    return job.state.isFinal
                }
            }
            #expect(job.state == .completed, "\(String(describing: job.failure))")
            let output = try #require(job.output)
            #expect(abs((output.duration ?? 0) - 1.6) < 0.1)
            let path = try await lab.blobs.localFile(output.blob, in: lab.folder)
            let reader = try VideoReader(path: path)
            #expect(reader.info.audio.count == 1)
            #expect((reader.info.width, reader.info.height) == (320, 320))
            let bytes = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
            #expect(bytes.contains("FaceFusion: inswapper_128_fp16"))
            #expect(bytes.contains("compositeWithTrainedAlgorithmicMedia"))
            let numbers = shown.withLock { $0 }
            #expect(numbers == numbers.sorted())
            #expect(numbers.contains { $0 > 20 && $0 < 95 })
        }

        @Test func `what Masque can do itself stays with it, unless FaceFusion is preferred`() async throws {
            let lab = try await Lab()
            let engine = try Self.engine(lab)
            let id = try await lab.submit()
            let preferred = Self.settings(lab, engine, prefers: true)
            let job = try await lab.run(preferred) { _ in try await lab.job(id) }
            // FaceFusion has no mesh swap.
            #expect(job.state == .completed)
            #expect(!Self.wasCalled(lab))
            #expect(job.output?.faceCount == 1)
        }

        @Test func `files without a face never get to FaceFusion`() async throws {
            let lab = try await Lab()
            let engine = try Self.engine(lab)
            let grey = Picture(
                width: 200, height: 200, channels: 3, bytes: [UInt8](repeating: 120, count: 200 * 200 * 3))
            let source = try lab.file("nobody.png", encodePicture(grey, as: .png))
            let ids = [
                try await lab.submit(source: source, swapper: "hyperswap_1c_256"),
                try await lab.submit(
                    target: lab.file("note.png", Array("Hello.".utf8)), swapper: "hyperswap_1c_256"),
            ]
            try await lab.run(Self.settings(lab, engine)) { _ in
                for (id, code) in zip(ids, ["noFace", "unsupportedMedia"]) {
                    let job = try await lab.job(id)
                    #expect(job.failure?.code == code)
                }
            }
            #expect(!Self.wasCalled(lab))
        }

        @Test func `a failure of FaceFusion's is tried again and then told; nothing is left behind`() async throws {
            let lab = try await Lab()
            let id = try await lab.submit(swapper: "hyperswap_1c_256")
            let job = try await lab.run(Self.settings(lab, try Self.engine(lab, "exit1"))) { _ in
                try await lab.job(id)
            }
            #expect(job.state == .failed)
            #expect(job.attempts == 3)
            #expect(job.failure?.message.hasPrefix("FaceFusion failed (exit code 1)") == true)
            #expect(lab.workNames.isEmpty)
            #expect(lab.workNames("image-0").sorted() == ["in", "out"])
        }

        @Test func `a result that is no picture is refused`() async throws {
            let lab = try await Lab()
            let engine = try Self.engine(lab)
            // It leaves its arguments in place of a picture.
            let script = "\(lab.folder)/ff/facefusion.py"
            let text = try String(contentsOfFile: script, encoding: .utf8)
                .replacingOccurrences(
                    of: "    convert(step, target, output)\n", with: "    output.write_text('ready')\n")
            try text.write(toFile: script, atomically: true, encoding: .utf8)
            let id = try await lab.submit(swapper: "hyperswap_1c_256")
            let job = try await lab.run(Self.settings(lab, engine)) { _ in try await lab.job(id) }
            #expect(job.state == .failed)
            #expect(job.output == nil)
        }

        @Test func `a cancel ends FaceFusion within a second or two, with its children`() async throws {
            let lab = try await Lab()
            let id = try await lab.submit(swapper: "hyperswap_1c_256")
            let job = try await lab.run(Self.settings(lab, try Self.engine(lab, "stubborn"))) { workers in
                try await lab.wait { FileManager.default.fileExists(atPath: "\(lab.folder)/pids") }
                _ = try await lab.store.cancel(id, owner: Lab.owner, now: Date())
                workers.cancelRequested(id)
                return try await lab.job(id)
            }
            #expect(job.state == .canceled)
            let pids = try String(contentsOfFile: "\(lab.folder)/pids", encoding: .utf8).split(separator: " ")
            #expect(pids.count == 2)
            try await lab.wait {
                pids.allSatisfy { pid in
                    let number = pid.trimmingCharacters(in: .whitespacesAndNewlines)
                    let stat = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8)
                    return stat.map { $0.drop { $0 != ")" }.dropFirst(2).first == "Z" } ?? true
                }
            }
            #expect(lab.workNames("image-0").sorted() == ["in", "out"])
        }

        /// Runs a program to its good end.
        private static func shell(_ arguments: String...) async throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = arguments
            let code: Int32 = try await withCheckedThrowingContinuation { continuation in
                process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
                do { try process.run() } catch { continuation.resume(throwing: error) }
            }
            try #require(code == 0)
        }
    }
}
