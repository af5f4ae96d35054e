// Files that are not what they should be: a sentence, the right exit code, and nothing left behind.

import Foundation
import Testing

@Suite struct BadInputTests {
    private let place: Workplace

    init() throws {
        place = try Workplace()
        try place.write([], to: "empty.jpg")
        try place.write("This is only a text.\n".utf8, to: "text.jpg")
        try place.write("This is only a text.\n".utf8, to: "text.mp4")
        let portrait = try Data(contentsOf: URL(filePath: Samples.hopper))
        try place.write(portrait.prefix(700), to: "header.jpg")
        try place.write(portrait.prefix(portrait.count / 3), to: "cut.jpg")
        let png = try Data(contentsOf: URL(filePath: Samples.astronaut)).prefix(2000)
        try place.write(png, to: "cut.png")
        try FileManager.default.createDirectory(
            at: place.folder.appending(path: "folder.jpg"), withIntermediateDirectories: true)
    }

    @Test(arguments: ["missing.jpg", "empty.jpg", "text.jpg", "header.jpg", "cut.png", "folder.jpg", "text.mp4"])
    func `a bad source or target ends with 2 and leaves nothing`(name: String) async throws {
        let before = place.listing
        for files in [[name, Samples.hopper], [Samples.hopper, name]] {
            let run = try await place.masque(["swap"] + files + ["-o", "out.jpg", "--json"])
            #expect(run.code == 2, "\(files): \(run.err)")
            #expect(run.err.contains("masque: ") && run.err.contains(name), "\(run.err)")
            #expect(run.errorCode != nil)
            #expect(place.listing == before)
        }
        let run = try await place.masque(["faces", name])
        #expect(run.code == 2)
        #expect(run.err.contains(name))
    }

    @Test func `a cut-off photo is swapped or refused but never half written`() async throws {
        let before = place.listing
        let run = try await place.masque(["swap", Samples.astronaut, "cut.jpg", "-o", "out.jpg"])
        #expect(run.code == 2 || run.code == 0)
        #expect(place.listing == (run.code == 0 ? (before + ["out.jpg"]).sorted() : before))
    }

    @Test func `an output that is there is kept unless force is given`() async throws {
        let old = try place.write("mine".utf8, to: "out.jpg")
        let arguments = ["swap", Samples.astronaut, Samples.hopper, "-o", old]
        let refused = try await place.masque(arguments + ["--json"])
        #expect(refused.code == 2)
        #expect(refused.errorCode == "outputExists")
        #expect(refused.err.contains("--force"))
        #expect(try Data(contentsOf: URL(filePath: old)) == Data("mine".utf8))
        #expect(try await place.masque(arguments + ["--force"]).code == 0)
        #expect(try Data(contentsOf: URL(filePath: old)).starts(with: [0xFF, 0xD8, 0xFF]))
    }

    @Test func `a folder that is missing or may not be written to is named`() async throws {
        for folder in ["nowhere", "/proc"] {
            let run = try await place.masque(["swap", Samples.astronaut, Samples.hopper, "-o", folder + "/out.jpg"])
            #expect(run.code == 2 || run.code == 1)
            #expect(run.err.contains(folder))
        }
    }

    @Test func `a missing content gate refuses everything`() async throws {
        let run = try await place.masque(
            ["swap", Samples.astronaut, Samples.hopper, "-o", "gate.jpg", "--json"],
            environment: ["MASQUE_MODELS": place.path("folder.jpg")])
        #expect(run.code == 1)
        #expect(run.errorCode == "missingModel")
        #expect(!place.listing.contains("gate.jpg"))
    }
}
