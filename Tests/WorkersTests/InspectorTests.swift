// Questions about files.

import Errors
import Foundation
import Glibc
import ImageIO
import JobQueue
import MediaSamples
import Testing
import WorkerProtocol
import Workers

extension WorkersSerial {
    @Suite struct Inspections {
        @Test func `a picture and a video are looked at, and the faces are numbered and drawn`() async throws {
            let lab = try await Lab()
            let movie = try lab.movie("film.mp4", frames: 10)
            let settings = lab.settings { $0.lanes = [] }
            try await lab.run(settings) { workers in
                let sample = try Samples.path("astronaut.png")
                let bare = try await workers.inspect(path: sample, findsFaces: false, time: nil, folder: nil)
                #expect(bare.mediaType == "image/png")
                #expect((bare.width, bare.height) == (512, 512))
                #expect(bare.faces == nil)
                let folder = "\(settings.facesFolder)/1"
                let facts = try await workers.inspect(path: sample, findsFaces: true, time: nil, folder: folder)
                let face = try #require(facts.faces?.first)
                #expect(face.number == 0)
                #expect((180...270).contains(face.x + face.width / 2))
                #expect(FileManager.default.fileExists(atPath: folder + "/face-0.jpg"))
                #expect(FileManager.default.fileExists(atPath: folder + "/frame.jpg"))
                let numbered = try PictureHeader(path: folder + "/numbered.jpg")
                // Enlarged for its numbers.
                #expect(numbered.format == .jpeg && numbered.width == 640 && numbered.height == 640)
                #expect(facts.frameTime == nil)
                let film = try await workers.inspect(path: movie, findsFaces: true, time: 0.2, folder: nil)
                #expect(film.isVideo)
                #expect(film.faces?.count == 1)
                #expect(abs((film.frameTime ?? 0) - 0.2) < 0.001)
                let first = try await workers.inspect(path: movie, findsFaces: true, time: nil, folder: nil)
                #expect(first.frameTime == 0)
                #expect(abs((film.duration ?? 0) - 0.4) < 0.05)
                #expect(await workers.abilities()?.executionProviders.contains("cpu") == true)
                let abilities = try #require(await workers.abilities())
                #expect(abilities.processors.count == 11)
                // What runs with what setup brings, whatever else this machine's operator added.
                let available = Set(abilities.processors.filter(\.available).map(\.name))
                #expect(
                    available.isSuperset(of: ["background_remover", "face_debugger", "face_swapper", "frame_enhancer"]))
                let swapper = abilities.processors.first { $0.name == "face_swapper" }
                #expect(swapper?.models.first == "mesh")
                #expect(abilities.processors.allSatisfy { $0.available == ($0.reason == nil) })
                let error = await #expect(throws: MasqueError.self) {
                    try await workers.inspect(
                        path: "\(lab.folder)/masque.db", findsFaces: false, time: nil, folder: nil)
                }
                #expect(error?.description.isEmpty == false)
            }
        }

        @Test func `a question that hangs is answered in time, and the next one by a new process`() async throws {
            let lab = try await Lab()
            let sample = try Samples.path("astronaut.png")
            let settings = lab.settings {
                $0.lanes = []
                $0.inspectionTimeout = .milliseconds(600)
                $0.inspectionQueue = 1
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

        @Test func `whoever lists faces holds up no upload, and too many at once are refused`() async throws {
            let lab = try await Lab()
            let sample = try Samples.path("astronaut.png")
            let settings = lab.settings {
                $0.lanes = []
                $0.faceListingQueue = 1
            }
            try await lab.run(settings) { workers in
                try await lab.wait { lab.faceListerPID != nil }
                let pid = try #require(lab.faceListerPID)
                _ = kill(pid, SIGSTOP)
                async let asked = Result {
                    try await workers.inspect(path: sample, findsFaces: true, time: nil, folder: nil)
                }
                try await Task.sleep(for: .milliseconds(100))
                async let waits = Result {
                    try await workers.inspect(path: sample, findsFaces: true, time: nil, folder: nil)
                }
                try await Task.sleep(for: .milliseconds(100))
                let refused = await #expect(throws: MasqueError.self) {
                    try await workers.inspect(path: sample, findsFaces: true, time: nil, folder: nil)
                }
                #expect(refused?.code == .unavailable)
                #expect(refused?.message == "Faces are being looked for in too many files just now.")
                let probe = try await workers.inspect(path: sample, findsFaces: false, time: nil, folder: nil)
                #expect(probe.width == 512)
                _ = kill(pid, SIGCONT)
                #expect(try await asked.get().faces?.count == 1)
                #expect(try await waits.get().faces?.count == 1)
            }
        }

        @Test func `an error about a file names no path of the server`() async throws {
            let lab = try await Lab()
            let path = "\(lab.folder)/blobs/4d3e5c.part"
            try Data([0xff, 0xd8, 0xff]).write(to: URL(fileURLWithPath: path))
            try await lab.run(lab.settings { $0.lanes = [] }) { workers in
                for findsFaces in [false, true] {
                    let error = await #expect(throws: MasqueError.self) {
                        try await workers.inspect(path: path, findsFaces: findsFaces, time: nil, folder: nil)
                    }
                    let words = try #require(error?.description)
                    #expect(!words.contains(lab.folder) && !words.contains(".part"), "\(words)")
                    #expect(words.hasPrefix("The file is "), "\(words)")
                }
                let error = await #expect(throws: MasqueError.self) {
                    try await workers.inspect(
                        path: "\(lab.folder)/blobs/gone.part", findsFaces: false, time: nil, folder: nil)
                }
                let words = try #require(error?.description)
                #expect(!words.contains(lab.folder) && !words.contains("gone"), "\(words)")
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
                    _ = try await workers.inspect(
                        path: Samples.path("astronaut.png"), findsFaces: false, time: nil, folder: nil)
                }
                #expect(error?.code == .unsupportedMedia)
            }
        }

        @Test func `a file whose process was killed is looked at again by a fresh one`() async throws {
            let lab = try await Lab()
            let sample = try Samples.path("astronaut.png")
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
    var inspectorPID: Int32? { newestPID("/inspect/") }
    var faceListerPID: Int32? { newestPID("/faces/") }

    private func newestPID(_ part: String) -> Int32? {
        events.compactMap {
            if case .processReady(let name, let pid, _) = $0, name.contains(part) { pid } else { nil }
        }.last
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous call comes to.
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
