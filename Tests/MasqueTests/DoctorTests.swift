// The doctor tells a ready machine from one where something is missing or damaged.

import Foundation
import Testing

@Suite struct DoctorTests {
    @Test func `a ready machine is described`() async throws {
        let run = try await Workplace().masque(["doctor", "--json"])
        #expect(run.code == 0, "\(run.out)")
        let report = try #require(run.event("doctor"))
        #expect(report["ready"] as? Bool == true)
        let cpu = try #require(report["cpu"] as? [String: Any])
        #expect(try #require(cpu["cores"] as? Int) >= 1)
        let models = try #require(report["models"] as? [[String: Any]])
        for id in ["centerface", "face_mesh", "identity", "open_nsfw"] {
            let model = try #require(models.first { $0["id"] as? String == id })
            #expect(model["state"] as? String == "ok")
            #expect((model["licence"] as? String)?.isEmpty == false)
        }
        let runtimes = try #require(report["runtimes"] as? [[String: Any]])
        #expect(runtimes.contains { $0["name"] as? String == "ONNX Runtime" && $0["version"] is String })
    }

    @Test func `an empty cache is not ready and the advice says what to run`() async throws {
        let place = try Workplace()
        let run = try await place.masque(["doctor"], environment: ["MASQUE_CACHE": place.folder.path])
        #expect(run.code == 1)
        #expect(run.out.contains("scripts/setup"))
        #expect(place.listing.isEmpty)
    }

    @Test func `a model with a flipped byte is found`() async throws {
        let place = try Workplace()
        let models = URL(filePath: Samples.astronaut).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "models")
        let copy = place.folder.appending(path: "models")
        try FileManager.default.copyItem(at: models, to: copy)
        let file = copy.appending(path: "face_mesh.onnx")
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: file)
        let run = try await place.masque(["doctor"], environment: ["MASQUE_MODELS": copy.path])
        #expect(run.code == 1)
        #expect(run.out.contains("face_mesh") && run.out.contains("damaged"))
    }
}
