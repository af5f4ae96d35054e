// The content gate: passes what is harmless, refuses, and closes when it cannot see.

import Errors
import Faces
import Foundation
import Inference
import Pixels
import Studio
import Testing

extension StudioTests {
    @Suite struct GateTests {
        @Test(arguments: Portrait.allCases)
        func `every sample and test face passes`(portrait: Portrait) throws {
            let picture = try portrait.picture(longest: 1024)
            let gate = try ContentGate(StudioFixture.engine.library, policy: StudioFixture.engine.policy)
            let boxes = try Look.models.detector().detect(in: picture, options: .picture).map(\.box)
            let score = try gate.score(of: picture, boxes: boxes)
            figure("gate | \(portrait) | \(score.short)")
            #expect(score < 0.5 * ContentGate.threshold)
        }

        @Test(arguments: [
            (StudioFixture.GateModel.missing, MasqueError.Code.missingModel), (.unlisted, .missingModel),
            (.noList, .missingModel), (.truncated, .damagedModel), (.altered, .damagedModel), (.garbage, .damagedModel),
            (.notANumber, .damagedModel),
        ])
        func `nothing is made without the gate's model`(gate: StudioFixture.GateModel, code: MasqueError.Code)
            async throws
        {
            let fixture = try StudioFixture()
            let engine = try fixture.engine(gate: gate)
            let request = fixture.request([Portrait.hopper.file], Portrait.astronaut.file, "out.png")
            let error = try await fixture.failure(of: request, engine: engine)
            #expect(error.code == code)
            #expect(error.message.hasSuffix("."))
            #expect(try fixture.files() == ["models-\(gate)"])
            await #expect(throws: MasqueError.self) { try await engine.faces(inPicture: Portrait.astronaut.file) }
        }

        @Test func `a refused source leaves a sentence and no file`() async throws {
            let fixture = try StudioFixture()
            let engine = try fixture.engine(gate: .refusesAll)
            let request = fixture.request([Portrait.hopper.file], Portrait.astronaut.file, "out.png")
            let error = try await fixture.failure(of: request, engine: engine)
            #expect(error.code == .refusedContent)
            #expect(error.code.exitCode == 3)
            #expect(error.message.contains("source “grace_hopper.jpg”"))
            #expect(!fixture.exists("out.png"))
            let shown = await #expect(throws: MasqueError.self) {
                try await engine.faces(inPicture: Portrait.astronaut.file)
            }
            #expect(shown?.code == .refusedContent)
        }

        @Test func `a refused target or reference leaves a sentence and keeps an old output`() async throws {
            let fixture = try StudioFixture()
            let engine = try fixture.engine(gate: .refusesRed)
            let red = try fixture.write(Portrait.astronaut.picture().reddened, "red.png")
            let old = try fixture.write(Picture(width: 8, height: 8), "out.png")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: old))
            var request = fixture.request([Portrait.hopper.file], red, "out.png")
            request.overwrite = true
            let target = try await fixture.failure(of: request, engine: engine)
            #expect(target.code == .refusedContent && target.message.contains("target “red.png”"))
            request.target = Portrait.astronaut.file
            request.references = [red]
            let reference = try await fixture.failure(of: request, engine: engine)
            #expect(reference.code == .refusedContent && reference.message.contains("reference “red.png”"))
            #expect(try Data(contentsOf: URL(fileURLWithPath: old)) == bytes)
            #expect(try fixture.files() == ["models-refusesRed", "out.png", "red.png"])
            request.references = []
            _ = try await engine.process(request)
            #expect(try Data(contentsOf: URL(fileURLWithPath: old)) != bytes)
        }

        /// Samples are taken about once a second, by chance a little earlier or later: the cases lie far from the bound.
        @Test(arguments: [(40, 1, false), (60, 2, false), (12, 3, true), (6, 2, true)])
        func `a video is refused when more than a tenth of its samples are`(
            seconds: Int, red: Int, isRefused: Bool
        ) async throws {
            let fixture = try StudioFixture()
            let engine = try fixture.engine(gate: .refusesRed)
            let base = try Scene.astronaut.picture(width: 160, height: 120, scale: 0.55)
            let hot = base.reddened
            let target = try fixture.movie("target.mp4", frames: seconds * 2, rate: 2) { frame in
                // Whole seconds of red, one second apart.
                frame / 2 % 3 == 1 && frame / 6 < red ? hot : base
            }
            let request = fixture.request([Portrait.hopper.file], target, "out.mp4")
            if isRefused {
                let error = try await fixture.failure(of: request, engine: engine)
                #expect(error.code == .refusedContent && error.code.exitCode == 3)
                #expect(try fixture.files() == ["models-refusesRed", "target.mp4"])
            } else {
                let report = try await engine.process(request)
                #expect(report.frames == seconds * 2)
            }
        }

        @Test(arguments: [0, 90, 180, 270])
        func `a video is checked as it is shown, not as it is stored`(degrees: Int) async throws {
            let fixture = try StudioFixture()
            let engine = try fixture.engine(gate: .refusesRedAbove)
            let half = Picture(width: 160, height: 60, fill: (255, 20, 20))
            for (place, isRefused) in [(0, true), (60, false)] {
                let shown = Picture(width: 160, height: 120, fill: (60, 60, 60)).with(half, x: 0, y: place)
                let stored = try fixture.movie("stored-\(place).mp4", frames: 4) { _ in
                    shown.turned(quarters: (4 - degrees / 90) % 4)
                }
                let target = fixture.path("target-\(place).mp4")
                if degrees == 0 {
                    try FileManager.default.moveItem(atPath: stored, toPath: target)
                } else {
                    try fixture.tag(stored, rotation: degrees, as: target)
                }
                let request = try fixture.videoRequest([Portrait.hopper.file], target, "out.mp4")
                // Without a face in it the video that passes the gate ends later.
                let error = try await fixture.failure(of: request, engine: engine)
                #expect(error.code == (isRefused ? .refusedContent : .noFace), "\(error)")
            }
        }
    }
}

extension Picture {
    /// As under a red lamp.
    fileprivate var reddened: Picture { mapped { r, g, b in (140 + 0.4 * r, 0.1 * g, 0.1 * b) } }
}
