// Results made smaller and shown small, by real media processes.

import BlobStore
import Errors
import Files
import Foundation
import Glibc
import ImageIO
import JobQueue
import Pixels
import Testing
import VideoIO
import WorkerProtocol
import Workers

extension WorkersSerial {
    @Suite struct SmallerResults {
        /// A video as jobs make them, with a statement of origin.
        private func result(_ lab: Lab, frames: Int = 50) throws -> String {
            let plain = try lab.movie("plain.mp4", frames: frames)
            let reader = try VideoReader(path: plain)
            try reader.prepare()
            let path = "\(lab.folder)/result.mp4"
            _ = try copyVideo(
                pictures: plain, source: reader.source, to: path, options: VideoIO.EncodeOptions(container: .mp4),
                provenance: VideoProvenance(software: "Masque 9", system: "mesh", comment: "A test."), check: {})
            return path
        }

        private func size(_ path: String) throws -> Int {
            try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        }

        /// A folder for what is made.
        private func place(_ lab: Lab) throws -> String {
            try FileManager.default.createDirectory(
                atPath: "\(lab.folder)/made", withIntermediateDirectories: true)
            return "\(lab.folder)/made"
        }

        private func names(_ folder: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        }

        @Test func `a job's results are made smaller and shown small`() async throws {
            let lab = try await Lab()
            let id = try await lab.submit()
            let settings = lab.settings { $0.lanes = [$0.lanes[0]] }
            try await lab.run(settings) { workers in
                let job = try await lab.job(id)
                let output = try #require(job.output)
                let stored = try await lab.blobs.localFile(output.blob, in: lab.folder)
                let before = try Data(contentsOf: URL(fileURLWithPath: stored))
                let statement = try #require(readProvenance(Array(before)))
                let folder = try place(lab)
                let fitted = try await workers.fit(path: stored, maxBytes: 30_000, folder: folder)
                #expect(fitted.path == "\(folder)/fitted.jpg" && fitted.mediaType == "image/jpeg")
                #expect(try size(fitted.path) <= 30_000)
                #expect(try Int64(size(fitted.path)) == fitted.byteCount)
                let content = Array(try Data(contentsOf: URL(fileURLWithPath: fitted.path)))
                #expect(readProvenance(content) == statement)
                #expect(try PictureHeader(content, name: "it").width == fitted.width)
                let poster = try await workers.poster(path: stored, folder: folder)
                #expect(poster == "\(folder)/poster.jpg")
                let small = try decodePicture(at: poster).0
                #expect(max(small.width, small.height) == 320)
                #expect(try size(poster) < 200_000)
                // The stored result is as it was, and nothing stays with the processes.
                #expect(try Data(contentsOf: URL(fileURLWithPath: stored)) == before)
                try await lab.wait { lab.workNames.isEmpty }
                #expect(lab.workNames("fit").sorted() == ["in", "out"])
                #expect(lab.workNames("inspect").sorted() == ["in", "out"])
            }
        }

        @Test func `a video is made smaller by a process of its own, which then ends`() async throws {
            let lab = try await Lab()
            let film = try result(lab)
            let folder = try place(lab)
            try await lab.run(lab.settings { $0.lanes = [] }) { workers in
                let wanted = try size(film) / 3
                let fitted = try await workers.fit(path: film, maxBytes: wanted, folder: folder)
                #expect(try names(folder) == ["fitted.mp4"])
                #expect(try size(fitted.path) <= wanted)
                #expect(fitted.mediaType == "video/mp4")
                #expect(abs((fitted.duration ?? 0) - 2) < 0.05)
                let statement = try VideoProvenance(path: film)
                #expect(statement != nil)
                #expect(try VideoProvenance(path: fitted.path) == statement)
                #expect(try VideoReader(path: fitted.path).info.frameCountEstimate == 50)
                let pid = try #require(lab.fitterPID)
                try await lab.wait { kill(pid, 0) != 0 }
                // The next one starts another.
                _ = try await workers.fit(path: film, maxBytes: wanted, folder: folder)
                #expect(lab.fitterPID != pid)
                let poster = try await workers.poster(path: film, folder: folder)
                #expect(try decodePicture(at: poster).0.width == 320)
            }
        }

        @Test func `what is no result is refused, and nothing is left behind`() async throws {
            let lab = try await Lab()
            let folder = try place(lab)
            let bare = try lab.movie("bare.mp4", frames: 5)
            let garbage = try lab.file("garbage.mp4", (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) })
            try await lab.run(lab.settings { $0.lanes = [] }) { workers in
                let refused = await #expect(throws: MasqueError.self) {
                    _ = try await workers.fit(path: bare, maxBytes: 1000, folder: folder)
                }
                #expect(refused?.code == .badInput)
                #expect(refused?.message == "The file does not state its origin, so it is not made smaller.")
                for path in [garbage, "\(lab.folder)/gone.mp4"] {
                    let error = await #expect(throws: MasqueError.self) {
                        _ = try await workers.fit(path: path, maxBytes: 1000, folder: folder)
                    }
                    #expect(error.map { !$0.description.contains(lab.folder) } == true)
                    let other = await #expect(throws: MasqueError.self) {
                        _ = try await workers.poster(path: path, folder: folder)
                    }
                    #expect(other.map { !$0.description.contains(lab.folder) } == true)
                }
                #expect(try names(folder) == [])
                try await lab.wait { lab.workNames.isEmpty }
            }
        }

        @Test func `whoever no longer waits stops the work within a second`() async throws {
            let lab = try await Lab()
            let folder = try place(lab)
            let film = try result(lab, frames: 1000)
            try await lab.run(lab.settings { $0.lanes = [] }) { workers in
                let wanted = try size(film) / 3
                let asking = Task { try await workers.fit(path: film, maxBytes: wanted, folder: folder) }
                try await lab.wait { lab.fitterPID != nil }
                // It is at work when it has begun to write.
                try await lab.wait { lab.workNames("fit/out").contains { !lab.workNames("fit/out/\($0)").isEmpty } }
                asking.cancel()
                let error = await #expect(throws: (any Error).self) { _ = try await asking.value }
                #expect(error is CancellationError || (error as? MasqueError)?.code == .stopped)
                #expect(try names(folder) == [])
                try await lab.wait { lab.workNames.isEmpty }
            }
        }

        @Test(arguments: [
            "ln -s $folder/../../../../victim $folder/fitted.mp4", "ln $folder/../../../../victim $folder/fitted.mp4",
            "echo x > $folder/a; ln $folder/a $folder/fitted.mp4", "head -c 5000 /dev/zero > $folder/fitted.mp4",
            "mkdir $folder/fitted.mp4", "true",
        ])
        func `a process that was taken over gets no file of the server's out`(trick: String) async throws {
            let lab = try await Lab()
            let folder = try place(lab)
            let film = try result(lab, frames: 2)
            let victim = try lab.file("victim", Array("secret".utf8))
            let program = try lab.program(
                "hostile",
                """
                echo '{"ready":{"_0":{"processors":[],"executionProviders":[]}}}'
                read -r line || exit 0
                id=$(printf %s "$line" | sed 's/.*"order":"\\([^"]*\\)".*/\\1/')
                folder=$(printf %s "$line" | sed 's/.*"folder":"\\([^"]*\\)".*/\\1/;s/\\\\//g')
                \(trick)
                printf '{"finished":{"order":"%s","_1":{"path":"%s","mediaType":"video/mp4","width":5,"height":5,' \
                    "$id" "$folder/fitted.mp4"
                printf '"faceCount":0,"notes":[],"stageSeconds":{}}}}\\n'
                sleep 1
                """)
            try await lab.run(
                lab.settings {
                    $0.lanes = []
                    $0.inspection.executable = program
                }
            ) { (workers) async throws in
                let error = await #expect(throws: MasqueError.self) {
                    _ = try await workers.fit(path: film, maxBytes: 1000, folder: folder)
                }
                #expect(error?.code == .unsupportedMedia)
                #expect(try names(folder) == [])
                #expect(try String(contentsOfFile: victim, encoding: .utf8) == "secret")
            }
        }
    }
}

extension Lab {
    var fitterPID: Int32? {
        events.compactMap {
            if case .processReady(let name, let pid, _) = $0, name.contains("/fit/") { pid } else { nil }
        }.last
    }
}
