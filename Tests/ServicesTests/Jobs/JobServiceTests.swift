// The rules about jobs.

import BlobStore
import Errors
import Foundation
import JobQueue
import JobQueueSQLite
import Services
import Testing
import WorkerProtocol

struct JobServiceTests {
    /// Runs `body` with a service whose folder is removed afterwards.
    private func with(
        _ rules: JobRules = JobRules(), _ body: (JobServiceFixture) async throws -> Void
    ) async throws {
        let fixture = try await JobServiceFixture(rules: rules)
        defer { fixture.end() }
        try await body(fixture)
    }

    @Test func `a job goes from draft through both files into the queue`() async throws {
        try await with { fixture in
            let service = fixture.service
            let draft = try await service.create(mode: "photo_photo", owner: fixture.owner).job
            #expect(draft.state == .draft)
            _ = try await service.accept(
                try await fixture.upload(name: "../me.jpg"), as: .source, of: draft.id, owner: fixture.owner)
            let filled = try await service.accept(
                try await fixture.upload("image/png", width: 800), as: .target, of: draft.id, owner: fixture.owner)
            #expect(filled.input(.source)?.fileName == "me.jpg")
            #expect(filled.input(.target)?.width == 800)
            #expect(filled.input(.target)?.mediaType == "image/png")
            let queued = try await service.submit(draft.id, owner: fixture.owner)
            #expect(queued.state == .queued)
            #expect(try await service.outlook(of: queued).queuePosition == 0)
            let again = try await service.submit(draft.id, owner: fixture.owner)
            #expect(abs(try #require(again.queuedAt).timeIntervalSince(try #require(queued.queuedAt))) < 0.001)
        }
    }

    @Test func `every mode of the contract becomes a description with its models`() async throws {
        try await with { fixture in
            let expected: [(String, Lane, String, String?)] = [
                ("photo_video_fast", .video, "inswapper_128_fp16", "gfpgan_1.4"),
                ("photo_video_quality", .video, "hyperswap_1c_256", "codeformer"),
                ("photo_photo_gpen", .image, "hyperswap_1c_256", "gpen_bfr_1024"),
                ("photo_photo_codeformer", .image, "hyperswap_1c_256", "codeformer"),
            ]
            for (mode, lane, swapper, enhancer) in expected {
                let description = try await fixture.service.create(mode: mode, owner: fixture.owner).job.description
                #expect(description.mode == mode)
                #expect(description.lane == lane)
                #expect(description.swapper == swapper)
                #expect(description.enhancer == enhancer)
                #expect(description.processors == ["face_swapper", "face_enhancer"])
            }
        }
    }

    @Test func `a mode whose models are missing is refused when the server may not do without`() async throws {
        var rules = JobRules()
        rules.fallsBackToMesh = false
        try await with(rules) { fixture in
            let error = await #expect(throws: MasqueError.self) {
                _ = try await fixture.service.create(mode: "photo_video_fast", owner: fixture.owner)
            }
            #expect(error?.code == .missingModel)
            #expect(error?.message.contains("inswapper_128_fp16") == true)
            _ = try await fixture.service.create(mode: "photo_video", owner: fixture.owner)
        }
    }

    @Test func `a mode whose models are missing is FaceFusion's where there is one`() async throws {
        var rules = JobRules()
        rules.fallsBackToMesh = false
        rules.hasFaceFusion = true
        try await with(rules) { fixture in
            let facts = try #require(await fixture.service.modes().first { $0.mode.name == "photo_photo_gpen" })
            #expect(facts.isAvailable)
            #expect(facts.uses == "hyperswap_1c_256")
            #expect(facts.note?.hasSuffix("so FaceFusion does it.") == true)
            _ = try await fixture.service.create(mode: "photo_video_fast", owner: fixture.owner)
        }
    }

    @Test func `an unknown mode is refused with those there are`() async throws {
        try await with { fixture in
            let error = await #expect(throws: MasqueError.self) {
                _ = try await fixture.service.create(mode: "photo_magic", owner: fixture.owner)
            }
            #expect(error?.code == .badInput)
            #expect(error?.advice?.contains("photo_video_fast") == true)
        }
    }

    @Test func `somebody else's job is not there`() async throws {
        try await with { fixture in
            let id = try await fixture.service.create(mode: "photo_photo", owner: fixture.owner).job.id
            let other = OwnerID(rawValue: "bob")
            let upload = try await fixture.upload()
            let calls: [() async throws -> Void] = [
                { _ = try await fixture.service.job(id, owner: other) },
                { _ = try await fixture.service.accept(upload, as: .source, of: id, owner: other) },
                { _ = try await fixture.service.submit(id, owner: other) },
                { _ = try await fixture.service.cancel(id, owner: other) },
                { _ = try await fixture.service.result(of: id, owner: other) },
                { _ = try await fixture.service.preview(of: id, owner: other) },
                { _ = try await fixture.service.inputFile(.source, of: id, owner: other) },
                { _ = try await fixture.service.rerun(id, mode: nil, options: nil, owner: other) },
                { _ = try await fixture.service.update(id, mode: nil, options: nil, owner: other) },
                { try await fixture.service.delete(id, owner: other) },
            ]
            for call in calls {
                let error = await #expect(throws: MasqueError.self) { try await call() }
                #expect(error?.code == .notFound)
            }
            #expect(try await fixture.service.job(id, owner: fixture.owner).state == .draft)
        }
    }

    @Test func `a refused file leaves nothing behind and says what was wrong`() async throws {
        var rules = JobRules()
        rules.maxMegapixels = 10
        try await with(rules) { fixture in
            let id = try await fixture.service.create(mode: "photo_video", owner: fixture.owner).job.id
            let cases: [(InputRole, ReceivedFile, MasqueError.Code, String)] = [
                (.source, try await fixture.upload("video/mp4", duration: 1), .unsupportedMedia, "video/mp4"),
                (.target, try await fixture.upload("image/jpeg"), .unsupportedMedia, "image/jpeg"),
                (.source, try await fixture.upload("application/pdf"), .unsupportedMedia, "application/pdf"),
                (.source, try await fixture.upload(announced: 60_000_000), .tooLarge, "60"),
                (.target, try await fixture.upload("video/mp4", announced: 61_000_000), .tooLarge, "61"),
                (.target, try await fixture.upload("video/mp4", duration: 121), .overLimit, "121 seconds"),
                (.source, try await fixture.upload(width: 8000, height: 2000), .overLimit, "8000×2000"),
            ]
            for (role, file, code, words) in cases {
                let error = await #expect(throws: MasqueError.self) {
                    _ = try await fixture.service.accept(file, as: role, of: id, owner: fixture.owner)
                }
                #expect(error?.code == code)
                #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
                #expect(error?.advice != nil)
            }
            #expect(try fixture.fileCount() == 0)
        }
    }

    @Test func `what the inspector finds damaged is refused and gone`() async throws {
        try await with { fixture in
            let id = try await fixture.service.create(mode: "photo_photo", owner: fixture.owner).job.id
            let file = try await fixture.upload()
            fixture.inspector.tell(file.path, .failure(MasqueError(.unsupportedMedia, "The JPEG is cut off.")))
            let error = await #expect(throws: MasqueError.self) {
                _ = try await fixture.service.accept(file, as: .source, of: id, owner: fixture.owner)
            }
            #expect(error?.message == "The JPEG is cut off.")
            #expect(try fixture.fileCount() == 0)
        }
    }

    @Test func `a file that is sent again replaces the one before, whose bytes go`() async throws {
        try await with { fixture in
            let id = try await fixture.service.create(mode: "photo_photo", owner: fixture.owner).job.id
            for width in [100, 200, 300] {
                let job = try await fixture.service.accept(
                    try await fixture.upload(width: width), as: .source, of: id, owner: fixture.owner)
                #expect(job.input(.source)?.width == width)
            }
            #expect(try fixture.fileCount() == 1)
        }
    }

    @Test func `a queued job takes no files, and says how to run it again`() async throws {
        try await with { fixture in
            let job = try await fixture.service.quick(
                mode: "photo_photo", source: try await fixture.upload(), target: try await fixture.upload(),
                owner: fixture.owner
            ).job
            let error = await #expect(throws: MasqueError.self) {
                _ = try await fixture.service.accept(
                    try await fixture.upload(), as: .source, of: job.id, owner: fixture.owner)
            }
            #expect(error?.code == .conflict)
            #expect(try fixture.fileCount() == 2)
        }
    }

    @Test func `a quick job that fails to be made leaves none of its files`() async throws {
        try await with { fixture in
            let good = try await fixture.upload()
            let bad = try await fixture.upload("application/zip")
            await #expect(throws: MasqueError.self) {
                _ = try await fixture.service.quick(
                    mode: "photo_photo", source: good, target: bad, owner: fixture.owner)
            }
            #expect(try fixture.fileCount() == 0)
            #expect(try await fixture.service.jobs(JobQuery(owner: fixture.owner)).jobs.isEmpty)
        }
    }

    @Test func `the same idempotency key gets the same quick job, and its second files go`() async throws {
        try await with { fixture in
            let key = IdempotencyKey(key: "k", fingerprint: "f")
            var ids: Set<JobID> = []
            for expectNew in [true, false] {
                let made = try await fixture.service.quick(
                    mode: "photo_photo", source: try await fixture.upload(), target: try await fixture.upload(),
                    owner: fixture.owner, idempotency: key)
                #expect(made.isNew == expectNew)
                ids.insert(made.job.id)
            }
            #expect(ids.count == 1)
            #expect(try fixture.fileCount() == 2)
        }
    }

    @Test func `running again shares the inputs, and deleting one job leaves the other its files`() async throws {
        try await with { fixture in
            let first = try await fixture.service.quick(
                mode: "photo_photo", source: try await fixture.upload(), target: try await fixture.upload(),
                owner: fixture.owner
            ).job
            var options = JobOptions()
            options.keepEyes = true
            let second = try await fixture.service.rerun(
                first.id, mode: "photo_photo_gpen", options: options, owner: fixture.owner
            ).job
            #expect(second.description.options.keepEyes == true)
            #expect(second.description.mode == "photo_photo_gpen")
            #expect(second.inputs == first.inputs)
            try await fixture.service.delete(first.id, owner: fixture.owner)
            #expect(try fixture.fileCount() == 2)
            try await fixture.service.delete(second.id, owner: fixture.owner)
            #expect(try fixture.fileCount() == 0)
        }
    }

    @Test func `nobody has more jobs at once than allowed, and a finished one makes room`() async throws {
        var rules = JobRules()
        rules.maxActiveJobs = 2
        try await with(rules) { fixture in
            var ids: [JobID] = []
            for _ in 0..<2 {
                ids.append(
                    try await fixture.service.quick(
                        mode: "photo_photo", source: try await fixture.upload(), target: try await fixture.upload(),
                        owner: fixture.owner
                    ).job.id)
            }
            let error = await #expect(throws: MasqueError.self) {
                _ = try await fixture.service.rerun(ids[0], mode: nil, options: nil, owner: fixture.owner)
            }
            #expect(error?.code == .tooManyRequests)
            _ = try await fixture.service.cancel(ids[0], owner: fixture.owner)
            _ = try await fixture.service.rerun(ids[1], mode: nil, options: nil, owner: fixture.owner)
        }
    }

    @Test func `an upload that the disk has no room for is refused before it is read`() async throws {
        var rules = JobRules()
        rules.reservedBytes = .max / 2
        try await with(rules) { fixture in
            let error = await #expect(throws: MasqueError.self) {
                try await fixture.service.checkRoom(byteCount: 10, limit: 100)
            }
            #expect(error?.code == .outOfSpace)
            let tooLarge = await #expect(throws: MasqueError.self) {
                try await fixture.service.checkRoom(byteCount: 101, limit: 100)
            }
            #expect(tooLarge?.code == .tooLarge)
        }
    }

    @Test func `a result that is not there says why, in every state`() async throws {
        try await with { fixture in
            let draft = try await fixture.service.create(mode: "photo_photo", owner: fixture.owner).job.id
            let queued = try await fixture.service.quick(
                mode: "photo_photo", source: try await fixture.upload(), target: try await fixture.upload(),
                owner: fixture.owner
            ).job.id
            let canceled = try await fixture.service.create(mode: "photo_photo", owner: fixture.owner).job.id
            _ = try await fixture.service.cancel(canceled, owner: fixture.owner)
            for (id, word) in [(draft, "draft"), (queued, "queued"), (canceled, "canceled")] {
                let error = await #expect(throws: MasqueError.self) {
                    _ = try await fixture.service.result(of: id, owner: fixture.owner)
                }
                #expect(error?.code == .conflict)
                #expect(error?.message.contains(word) == true)
            }
        }
    }

    @Test func `a process call without a source is refused where one is needed, and leaves no file`() async throws {
        try await with { fixture in
            let error = await #expect(throws: MasqueError.self) {
                _ = try await fixture.service.startProcess(
                    ProcessRequest(), lane: .image, sources: [], target: try await fixture.upload(),
                    owner: fixture.owner)
            }
            #expect(error?.code == .badInput)
            let count = try fixture.fileCount()
            #expect(count == 0)
        }
    }

    @Test func `a processor that cannot run here is refused with the reason`() async throws {
        try await with { fixture in
            var request = ProcessRequest()
            request.processors = ["face_swapper", "face_enhancer"]
            let error = await #expect(throws: MasqueError.self) {
                _ = try await fixture.service.startProcess(
                    request, lane: .image, sources: [try await fixture.upload()],
                    target: try await fixture.upload(), owner: fixture.owner)
            }
            #expect(error?.code == .missingModel)
            #expect(error?.message.contains("face_enhancer") == true)
        }
    }

    @Test func `a processor that only FaceFusion can run is taken where there is one, and listed as available`()
        async throws
    {
        var rules = JobRules()
        rules.hasFaceFusion = true
        try await with(rules) { fixture in
            let ability = try #require(await fixture.service.processors().first { $0.name == "face_enhancer" })
            #expect(ability.available)
            #expect(ability.reason?.contains("FaceFusion") == true)
            var request = ProcessRequest()
            request.processors = ["face_enhancer"]
            let made = try await fixture.service.startProcess(
                request, lane: .image, sources: [], target: try await fixture.upload(), owner: fixture.owner)
            #expect(made.job.state == .queued)
        }
    }

    @Test func `a finished process call is found by its output path, by its owner only`() async throws {
        try await with { fixture in
            let job = try await fixture.service.startProcess(
                ProcessRequest(), lane: .image, sources: [try await fixture.upload()],
                target: try await fixture.upload(), owner: fixture.owner
            ).job
            #expect(job.id.rawValue.hasPrefix("api_"))
            let claim = try #require(
                try await fixture.store.claim(
                    lane: .image, worker: "w", leaseUntil: Date(timeIntervalSinceNow: 60), ownerLimit: 1, now: Date()))
            let part = try await fixture.blobs.newPart()
            try Data("result".utf8).write(to: URL(fileURLWithPath: part))
            let output = JobOutput(
                blob: try await fixture.blobs.adopt(fileAt: part), mediaType: "image/png", byteCount: 6, sha256: "",
                width: 1, height: 1, duration: nil, faceCount: 1, notes: [], stageSeconds: [:])
            #expect(try await fixture.store.complete(claim.lease, output: output, expiresAt: nil, now: Date()))
            let done = try await fixture.service.job(job.id, owner: fixture.owner)
            let path = try #require(fixture.service.outputPath(of: done))
            #expect(path.hasPrefix(".api_outputs/"))
            #expect(path.hasSuffix(".png"))
            let name = String(path.dropFirst(".api_outputs/".count))
            #expect(try await fixture.service.processJob(outputName: name, owner: fixture.owner).id == job.id)
            for (wrong, owner) in [
                (name, OwnerID(rawValue: "bob")), (name.replacing(".png", with: ".jpg"), fixture.owner),
            ] {
                let error = await #expect(throws: MasqueError.self) {
                    _ = try await fixture.service.processJob(outputName: wrong, owner: owner)
                }
                #expect(error?.code == .notFound)
            }
            #expect(try await fixture.service.result(of: job.id, owner: fixture.owner).fileName == "me-masque.png")
        }
    }

    @Test func `the audit log tells who made what from which digests`() async throws {
        try await with { fixture in
            let job = try await fixture.service.quick(
                mode: "photo_photo", source: try await fixture.upload(), target: try await fixture.upload(),
                owner: fixture.owner
            ).job
            try await fixture.service.delete(job.id, owner: fixture.owner)
            let path = "\(fixture.folder)/logs/audit.jsonl"
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            let acts = try lines.map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
            #expect(acts.map { $0["act"] as? String } == ["submitted", "deleted"])
            #expect(acts.allSatisfy { $0["owner"] as? String == "ann" && $0["job"] as? String == job.id.rawValue })
            #expect((acts[0]["inputs"] as? [String: String])?["source"]?.count == 64)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
        }
    }
}
