// Questions about files.

import Errors
import Foundation
import Glibc
import JobQueue
import Testing
import WorkerProtocol
import Workers

extension WorkersSerial {
    @Suite struct Inspections {
        @Test func `a picture and a video are looked at, and the faces are numbered and drawn`() async throws {
            let lab = try await Lab()
            let movie = try lab.movie("film.mp4", frames: 10)
            let settings = lab.settings {
                $0.lanes = []
                $0.inspection.readableFolders += [movie, (try? Lab.sample("astronaut.png")) ?? ""]
            }
            try await lab.run(settings) { workers in
                let sample = try Lab.sample("astronaut.png")
                let bare = try await workers.inspect(path: sample, findsFaces: false, time: nil, folder: nil)
                #expect(bare.mediaType == "image/png")
                #expect((bare.width, bare.height) == (512, 512))
                #expect(bare.faces == nil)
                let folder = "\(lab.folder)/work/inspect-1"
                let facts = try await workers.inspect(path: sample, findsFaces: true, time: nil, folder: folder)
                let face = try #require(facts.faces?.first)
                #expect(face.number == 0)
                #expect((180...270).contains(face.x + face.width / 2))
                #expect(FileManager.default.fileExists(atPath: folder + "/face-0.jpg"))
                #expect(FileManager.default.fileExists(atPath: folder + "/frame.jpg"))
                let film = try await workers.inspect(path: movie, findsFaces: true, time: 0.2, folder: nil)
                #expect(film.isVideo)
                #expect(film.faces?.count == 1)
                #expect(abs((film.duration ?? 0) - 0.4) < 0.05)
                #expect(await workers.abilities()?.executionProviders.contains("cpu") == true)
                let abilities = try #require(await workers.abilities())
                #expect(abilities.processors.count == 11)
                #expect(abilities.processors.filter(\.available).map(\.name) == ["face_swapper"])
                let error = await #expect(throws: MasqueError.self) {
                    try await workers.inspect(
                        path: "\(lab.folder)/masque.db", findsFaces: false, time: nil, folder: nil)
                }
                #expect(error?.description.isEmpty == false)
            }
        }

        @Test func `a question that hangs is answered in time, and the next one by a new process`() async throws {
            let lab = try await Lab()
            let sample = try Lab.sample("astronaut.png")
            let settings = lab.settings {
                $0.lanes = []
                $0.inspectionTimeout = .milliseconds(600)
                $0.inspectionQueue = 1
                $0.inspection.readableFolders.append(sample)
            }
            try await lab.run(settings) { workers in
                try await lab.wait { lab.inspectorPID != nil }
                _ = kill(try #require(lab.inspectorPID), SIGSTOP)
                async let first = Result {
                    try await workers.inspect(path: sample, findsFaces: false, time: nil, folder: nil)
                }
                try await Task.sleep(for: .milliseconds(100))
                async let second = Result {
                    try await workers.inspect(path: sample, findsFaces: false, time: nil, folder: nil)
                }
                try await Task.sleep(for: .milliseconds(100))
                let third = await Result {
                    try await workers.inspect(path: sample, findsFaces: false, time: nil, folder: nil)
                }
                // One is asked, one waits, the third is one too many.
                #expect(throws: MasqueError.self) { try third.get() }
                let hung = await first
                let error = #expect(throws: MasqueError.self) { try hung.get() }
                #expect(error?.code == .unavailable)
                #expect(try await second.get().width == 512)
            }
        }

        @Test func `a file that makes every process crash is refused as media`() async throws {
            let lab = try await Lab()
            let crashing = try lab.program(
                "crashing",
                """
                echo '{"ready":{"_0":{"processors":[],"executionProviders":[]}}}'
                read -r line
                kill -SEGV $$
                """)
            try await lab.run(
                lab.settings {
                    $0.lanes = []
                    $0.inspection.executable = crashing
                }
            ) { workers in
                let error = await #expect(throws: MasqueError.self) {
                    _ = try await workers.inspect(path: "/x", findsFaces: false, time: nil, folder: nil)
                }
                #expect(error?.code == .unsupportedMedia)
            }
        }

        @Test func `a file whose process was killed is looked at again by a fresh one`() async throws {
            let lab = try await Lab()
            let sample = try Lab.sample("astronaut.png")
            try await lab.run(lab.settings { $0.lanes = [] }) { workers in
                try await lab.wait { lab.inspectorPID != nil }
                let pid = try #require(lab.inspectorPID)
                _ = kill(pid, SIGSTOP)
                async let asked = Result {
                    try await workers.inspect(path: sample, findsFaces: false, time: nil, folder: nil)
                }
                try await Task.sleep(for: .milliseconds(100))
                _ = kill(pid, SIGKILL)
                #expect(try await asked.get().width == 512)
                #expect(lab.inspectorPID != pid)
            }
        }
    }
}

extension Lab {
    var inspectorPID: Int32? {
        events.compactMap {
            if case .processReady(let name, let pid, _) = $0, name.contains("/inspect/") { pid } else { nil }
        }.last
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous call comes to.
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
