// Swaps and listings of the sample portraits, read back from JSON.

import Foundation
import Testing

@Suite struct PictureTests {
    @Test func `a swap brings the target nearer to the source and says so`() async throws {
        let place = try Workplace()
        let run = try await place.masque(
            ["swap", Samples.astronaut, Samples.hopper, "-o", "out.png", "--faces", "many", "--json", "--verbose"])
        #expect(run.code == 0, "\(run.err)")
        #expect(place.listing == ["out.png"])
        let report = try #require(run.event("report"))
        #expect(report["kind"] as? String == "picture")
        #expect(report["width"] as? Int == 512 && report["height"] as? Int == 600)
        #expect(report["faces_found"] as? Int == 1)
        let face = try #require((report["swapped"] as? [[String: Any]])?.first)
        let before = try #require(face["distance_before"] as? Double)
        let after = try #require(face["distance_after"] as? Double)
        #expect(after < before - 0.05 && after < 0.6)
        #expect(try #require(face["landmark_error"] as? Double) < 6)
        #expect(run.events.contains { $0["event"] as? String == "progress" && $0["stage"] as? String == "swapping" })
        #expect(run.err.contains("identity distance"))
        // The result is a picture in which the same program finds one face.
        let listed = try await place.masque(["faces", "out.png", "--json"])
        #expect((listed.event("faces")?["faces"] as? [Any])?.count == 1)
    }

    @Test func `quiet prints nothing and a summary fits on standard output`() async throws {
        let place = try Workplace()
        let quiet = try await place.masque(["swap", Samples.hopper, Samples.astronaut, "-o", "a.jpg", "--quiet"])
        #expect(quiet.code == 0 && quiet.out.isEmpty && quiet.err.isEmpty)
        let loud = try await place.masque(["swap", Samples.hopper, Samples.astronaut, "-o", "b.webp", "--verbose"])
        #expect(loud.code == 0)
        #expect(loud.out.hasPrefix("b.webp: 512×512, 1 of 1 face swapped"))
        #expect(loud.out.contains("stage          seconds"))
    }

    @Test func `a batch names its outputs, survives a bad item and ends with 1`() async throws {
        let place = try Workplace()
        try FileManager.default.copyItem(atPath: Samples.hopper, toPath: place.path("grace.jpg"))
        try FileManager.default.copyItem(atPath: Samples.astronaut, toPath: place.path("eileen.png"))
        try place.write("text".utf8, to: "broken.jpg")
        let run = try await place.masque([
            "swap", "--sources", "eileen.png", "--targets", "{grace,broken}.jpg", "-o",
            "out-{index}-{source}-{target}.png",
            "--json",
        ])
        #expect(run.code == 1)
        let made = place.listing.filter { $0.hasPrefix("out-") }
        #expect(made == ["out-0-eileen-grace.png"] || made == ["out-1-eileen-grace.png"])
        let batch = try #require(run.event("batch"))
        #expect(batch["done"] as? Int == 1 && batch["failed"] as? Int == 1)
        #expect(run.event("error")?["item"] as? Int != nil)
        #expect(run.event("report")?["item"] as? Int != nil)
    }

    @Test func `two swaps into one name are refused before any work`() async throws {
        let place = try Workplace()
        let run = try await place.masque([
            "swap", "--sources", Samples.hopper, Samples.hopper, Samples.astronaut, "-o", "one.png",
        ])
        #expect(run.code == 2)
        #expect(run.err.contains("{index}"))
        #expect(place.listing.isEmpty)
    }

    @Test func `an output folder gets a file named after source and target`() async throws {
        let place = try Workplace()
        let run = try await place.masque(["swap", Samples.hopper, Samples.astronaut, "-o", "."])
        #expect(run.code == 0, "\(run.err)")
        #expect(place.listing == ["grace_hopper-astronaut.png"])
    }

    @Test func `faces are listed with figures and drawn`() async throws {
        let place = try Workplace()
        let run = try await place.masque(["faces", Samples.astronaut, "--json", "--full", "--draw", "drawn.png"])
        #expect(run.code == 0, "\(run.err)")
        let listing = try #require(run.event("faces"))
        let face = try #require((listing["faces"] as? [[String: Any]])?.first)
        let box = try #require(face["box"] as? [String: Double])
        // Eileen Collins' face lies about (225, 125) and is about 100 pixels wide.
        let x = try #require(box["x"]) + (try #require(box["width"])) / 2
        #expect(abs(x - 225) < 25)
        #expect((face["points"] as? [[Double]])?.count == 5)
        #expect((face["mesh"] as? [[Double]])?.count == 468)
        #expect((face["embedding"] as? [Double])?.count == 128)
        #expect(face["irises"] != nil)
        #expect(place.listing == ["drawn.png"])
        let short = try await place.masque(["faces", Samples.astronaut, "--json"])
        let plain = try #require((short.event("faces")?["faces"] as? [[String: Any]])?.first)
        #expect(plain["mesh"] == nil && plain["embedding"] == nil)
        let table = try await place.masque(["faces", Samples.astronaut])
        #expect(table.out.contains("yaw") && table.out.contains("astronaut.png (512×512): 1 face"))
    }
}
