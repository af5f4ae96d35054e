// Jobs from the queue to their results, with the real media process and the real models.

import BlobStore
import Errors
import Foundation
import Glibc
import JobQueue
import MediaSamples
import Pixels
import Synchronization
import Testing
import WorkerProtocol
import Workers

extension Tag {
    @Tag static var processes: Self
}

@Suite(.serialized, .tags(.processes), .timeLimit(.minutes(5)))
struct WorkersSerial {
    @Suite struct Runs {
        @Test func `a picture job is done, and its result is the target with another face`() async throws {
            let lab = try await Lab()
            let id = try await lab.submit()
            let job = try await lab.run(lab.settings()) { _ in try await lab.job(id) }
            #expect(job.state == .completed)
            #expect(job.attempts == 1)
            #expect(job.stage == "done")
            let output = try #require(job.output)
            #expect(output.mediaType == "image/png")
            #expect(output.faceCount == 1)
            #expect(output.notes.isEmpty)
            #expect(output.sha256.count == 64)
            #expect(output.stageSeconds["swap"] != nil)
            let info = try #require(try await lab.blobs.info(output.blob))
            #expect(info.byteCount == output.byteCount)
            let picture = try await lab.picture(job)
            let target = try await lab.target()
            #expect((picture.width, picture.height) == (target.width, target.height))
            // The face (around 224, 118) is another's, the corner is untouched.
            #expect(lab.difference(picture, target, x: 194..<254, y: 88..<148) > 8)
            #expect(lab.difference(picture, target, x: 0..<40, y: 300..<340) == 0)
            #expect(lab.workNames.isEmpty)
        }

        @Test func `a lane without processes leaves its jobs in the queue`() async throws {
            let lab = try await Lab()
            let id = try await lab.submit()
            let settings = lab.settings { for lane in $0.lanes.indices { $0.lanes[lane].processCount = 0 } }
            try await lab.run(settings) { workers in
                workers.poke(.image)
                #expect(workers.readiness == (0, 0))
                // Looks at files none the less
                let sample = try Samples.path("astronaut.png")
                try FileManager.default.copyItem(atPath: sample, toPath: "\(lab.folder)/blobs/sample.png")
                let facts = try await workers.inspect(
                    path: "\(lab.folder)/blobs/sample.png", findsFaces: false, time: nil, folder: nil)
                #expect(facts.width == 512)
            }
            #expect(try await lab.store.job(id, owner: nil)?.state == .queued)
            #expect(lab.pid(.image) == nil)
        }

        @Test func `pokes do not get dearer the more there were`() async throws {
            let lab = try await Lab()
            let settings = lab.settings { for lane in $0.lanes.indices { $0.lanes[lane].processCount = 0 } }
            try await lab.run(settings) { workers in
                let began = ContinuousClock.now
                for _ in 0..<40_000 { workers.poke(.image) }
                // A hundredth of a second; 100 seconds when each wraps what the one before left.
                #expect(ContinuousClock.now - began < .seconds(20))
            }
        }

        @Test func `jobs of both lanes run, several one after the other on warm processes`() async throws {
            let lab = try await Lab()
            let movie = try lab.movie("film.mp4", frames: 12)
            var ids: [JobID] = []
            for _ in 0..<3 { ids.append(try await lab.submit()) }
            ids.append(try await lab.submit(target: movie, lane: .video))
            try await lab.run(lab.settings()) { _ in
                for id in ids {
                    let job = try await lab.job(id)
                    #expect(job.state == .completed)
                }
            }
            let film = try #require(try await lab.store.job(ids[3], owner: nil)?.output)
            #expect(film.mediaType == "video/mp4")
            #expect(abs((film.duration ?? 0) - 0.48) < 0.05)
            // The process for inspections may or may not have been ready by then.
            let starts = lab.events.filter {
                if case .processReady(let name, _, _) = $0 {
                    !name.contains("/inspect/") && !name.contains("/faces/")
                } else {
                    false
                }
            }
            #expect(starts.count == 2)
        }

        @Test func `a video that is looked at while it is worked on is done all the same`() async throws {
            let lab = try await Lab()
            let id = try await lab.submit(target: lab.movie("film.mp4", frames: 150), lane: .video)
            try await lab.run(lab.settings()) { workers in
                let blob = try #require(try await lab.store.job(id, owner: nil)?.input(.target)?.blob)
                let path = try await lab.blobs.localFile(blob, in: lab.folder)
                var looks = 0
                while try await lab.store.job(id, owner: nil)?.state.isFinal != true, looks < 10_000 {
                    let facts = try await workers.inspect(path: path, findsFaces: false, time: nil, folder: nil)
                    #expect(facts.frameCount == 150)
                    looks += 1
                }
                #expect(looks > 1)
                let job = try await lab.job(id)
                #expect(job.state == .completed)
                #expect(job.attempts == 1)
            }
        }

        @Test func `a mode whose models are missing runs on the mesh and says so, or fails with a sentence`()
            async throws
        {
            let lab = try await Lab()
            let first = try await lab.submit(swapper: "hyperswap_1c_256")
            try await lab.run(lab.settings()) { _ in
                let job = try await lab.job(first)
                #expect(job.state == .completed)
                let note = try #require(job.output?.notes.first)
                #expect(note.contains("“hyperswap_1c_256” is not installed") && MissingModelNote.isOne(note))
            }
            let second = try await lab.submit(swapper: "hyperswap_1c_256")
            // What no server could have is the client's mistake.
            let third = try await lab.submit(swapper: "no_such_swapper")
            let strict = lab.settings { for i in $0.lanes.indices { $0.lanes[i].fallsBackToMesh = false } }
            try await lab.run(strict) { _ in
                let job = try await lab.job(second)
                #expect(job.state == .failed)
                #expect(job.failure?.code == "missingModel")
                #expect(job.attempts == 1)
                let wrong = try await lab.job(third)
                #expect(wrong.failure?.code == "badInput")
                #expect(wrong.failure?.message.contains("no_such_swapper") == true)
            }
        }

        @Test func `damaged and wrong uploads fail with a sentence that names the file, without another attempt`()
            async throws
        {
            let lab = try await Lab()
            let whole = try Data(contentsOf: URL(fileURLWithPath: Samples.path("grace_hopper.jpg")))
            let cut = try lab.file("me.jpg", whole.prefix(20_000))
            let text = try lab.file("note.png", Array("Hello, this is no picture.".utf8))
            let ids = [
                try await lab.submit(source: cut), try await lab.submit(target: text),
                try await lab.submit(target: lab.file("zeros.png", [UInt8](repeating: 0, count: 5000))),
                try await lab.submit(lane: .video),
            ]
            try await lab.run(lab.settings()) { _ in
                for id in ids {
                    let job = try await lab.job(id)
                    #expect(job.state == .failed)
                    #expect(job.attempts == 1)
                    #expect(job.failure?.code == "unsupportedMedia")
                    #expect(job.failure?.message.hasSuffix(".") == true)
                }
            }
            #expect(try await lab.store.job(ids[0], owner: nil)?.failure?.message.contains("me.jpg") == true)
            #expect(try await lab.store.job(ids[1], owner: nil)?.failure?.message.contains("note.png") == true)
            let deaths = lab.events.compactMap { if case .processDied(_, let reason) = $0 { reason } else { nil } }
            #expect(deaths == [])
            #expect(lab.workNames.isEmpty)
        }

        @Test func `scratch folders of finished and unknown jobs are deleted at start`() async throws {
            let lab = try await Lab()
            let waiting = try await lab.submit { $0.outputScale = 50 }, other = try await lab.submit()
            let places = [
                "image-0/out/gone", "image-0/out/\(waiting)", "image-0/in/\(waiting)", "inspect/in/x", "faces/out/y",
                "kept/lost", "kept/\(other)", "kept/\(waiting)", "of-yore",
            ]
            for place in places {
                try FileManager.default.createDirectory(
                    atPath: "\(lab.folder)/work/\(place)/parts", withIntermediateDirectories: true)
            }
            _ = try lab.file("work/image-0/out/\(waiting)/parts/0", [1])
            try await lab.run(lab.settings { $0.lanes = [] }) { _ in
                try await lab.wait { Set(lab.workNames) == [waiting.rawValue, other.rawValue] }
                #expect(Set(lab.workNames("kept")) == [waiting.rawValue, other.rawValue])
                #expect(lab.workNames("kept/\(waiting)/parts") == ["0"])
                #expect(!lab.workNames("").contains("of-yore"))
            }
        }
    }
}
