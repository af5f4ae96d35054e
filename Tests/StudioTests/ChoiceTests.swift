// Whose face goes where, and what the settings change.

import Errors
import Faces
import Foundation
import Pixels
import Studio
import Testing

extension StudioTests {
    @Suite struct ChoiceTests {
        /// The astronaut on the left, Grace Hopper on the right.
        static func two() throws -> Picture {
            let left = try Scene.astronaut.picture(width: 260, height: 300, scale: 1.2)
            let right = try Scene.hopper.picture(width: 260, height: 300, scale: 0.9)
            return Picture(width: 520, height: 300).with(left, x: 0, y: 0).with(right, x: 260, y: 0)
        }

        @Test func `a map puts each source on its face`() async throws {
            let fixture = try StudioFixture()
            let before = try Self.two()
            let target = try fixture.write(before, "two.png")
            var request = fixture.request([Portrait.biden.file, Portrait.obama2.file], target, "out.png")
            request.map = "source1=1,source2=0"
            let report = try await fixture.process(request)
            #expect(report.facesFound == 2)
            #expect(report.swapped.compactMap(\.source).sorted() == [1, 2])
            let distances = try Self.distances(of: fixture.read(report.output), at: before, to: [.biden, .obama])
            figure("map | \(distances.map { $0.map(\.short).joined(separator: " ") })")
            // Rows are faces from left to right, columns the sources.
            #expect(distances[0][1] < 0.6 && distances[0][1] < distances[0][0] - 0.1)
            #expect(distances[1][0] < 0.6 && distances[1][0] < distances[1][1] - 0.1)
        }

        @Test func `a map by reference pictures finds the people`() async throws {
            let fixture = try StudioFixture()
            let before = try Self.two()
            let target = try fixture.write(before, "two.png")
            var request = fixture.request([Portrait.biden.file], target, "out.png")
            request.references = [Portrait.hopper.file]
            request.map = "source1=reference1"
            let after = try fixture.read(try await fixture.process(request).output)
            try Self.expectOnly(1, changed: after, from: before)
        }

        @Test func `a reference picture chooses its person`() async throws {
            let fixture = try StudioFixture()
            let before = try Self.two()
            let target = try fixture.write(before, "two.png")
            var request = fixture.request([Portrait.biden.file], target, "out.png")
            request.selector = FaceSelector(mode: .reference, order: .leftRight)
            request.references = [Portrait.astronaut.file]
            let report = try await fixture.process(request)
            #expect(report.swapped.count == 1)
            try Self.expectOnly(0, changed: fixture.read(report.output), from: before)
            // A reference to someone who is not there.
            request.references = [Portrait.obama.file]
            request.output = fixture.path("none.png")
            #expect(try await fixture.failure(of: request).code == .noFace)
            #expect(!fixture.exists("none.png"))
        }

        @Test func `without a reference picture one place of the order is swapped`() async throws {
            let fixture = try StudioFixture()
            let before = try Self.two()
            let target = try fixture.write(before, "two.png")
            for (mode, place) in [(FaceSelectorMode.reference, 1), (.one, 0)] {
                var request = fixture.request([Portrait.biden.file], target, "\(mode).png")
                request.selector = FaceSelector(mode: mode, order: .leftRight, position: place)
                let after = try fixture.read(try await fixture.process(request).output)
                try Self.expectOnly(place, changed: after, from: before)
            }
        }

        @Test func `many swaps every face`() async throws {
            let fixture = try StudioFixture()
            let before = try Self.two()
            let target = try fixture.write(before, "two.png")
            let report = try await fixture.process(fixture.request([Portrait.biden.file], target, "out.png"))
            #expect(report.swapped.count == 2)
            let distances = try Self.distances(of: fixture.read(report.output), at: before, to: [.biden])
            #expect(distances.allSatisfy { $0[0] < 0.6 })
        }

        @Test func `several pictures of one person count as one`() async throws {
            let fixture = try StudioFixture()
            let target = Portrait.astronaut.file
            let report = try await fixture.process(
                fixture.request([Portrait.obama.file, Portrait.obama2.file], target, "out.png"))
            #expect(report.swapped.count == 1)
            #expect((report.swapped[0].distanceAfter ?? 9) < 0.55)
        }

        @Test func `what shows no face is named`() async throws {
            let fixture = try StudioFixture()
            let empty = try fixture.write(Picture(width: 320, height: 200, fill: (90, 120, 140)), "sky.png")
            let source = try await fixture.failure(of: fixture.request([empty], Portrait.astronaut.file, "out.png"))
            #expect(source.code == .noFace && source.message == "No face was found in the source “sky.png”.")
            let target = try await fixture.failure(of: fixture.request([Portrait.hopper.file], empty, "out.png"))
            #expect(target.code == .noFace && target.message == "No face was found in the target “sky.png”.")
            #expect(target.code.exitCode == 2)
            var request = fixture.request([Portrait.hopper.file], Portrait.astronaut.file, "out.png")
            request.references = [empty]
            let reference = try await fixture.failure(of: request)
            #expect(reference.code == .noFace && reference.message.contains("sky.png"))
            request.references = []
            request.sourcePosition = 4
            #expect(try await fixture.failure(of: request).code == .badInput)
            #expect(try fixture.files() == ["sky.png"])
        }

        @Test(arguments: [(1, 1), (3, 900), (900, 3), (20, 20)])
        func `pictures too small for a face have none`(width: Int, height: Int) async throws {
            let fixture = try StudioFixture()
            let tiny = try fixture.write(Picture(width: width, height: height, fill: (200, 150, 120)), "tiny.png")
            let target = try await fixture.failure(of: fixture.request([Portrait.hopper.file], tiny, "out.png"))
            #expect(target.code == .noFace)
            let source = try await fixture.failure(of: fixture.request([tiny], Portrait.hopper.file, "out.png"))
            #expect(source.code == .noFace)
        }

        @Test func `bad requests are refused with a sentence before any work`() async throws {
            let fixture = try StudioFixture()
            let (hopper, astronaut) = (Portrait.hopper.file, Portrait.astronaut.file)
            let text = fixture.path("text.png")
            try Data("no picture".utf8).write(to: URL(fileURLWithPath: text))
            let nothing = fixture.path("empty.png")
            try Data().write(to: URL(fileURLWithPath: nothing))
            var mapped = fixture.request([hopper], astronaut, "out.png")
            mapped.map = "source2=0"
            let cases: [(MediaRequest, MasqueError.Code)] = [
                (fixture.request([], astronaut, "out.png"), .badInput),
                (fixture.request([hopper], fixture.path("absent.png"), "out.png"), .badInput),
                (fixture.request([fixture.path("absent.png")], astronaut, "out.png"), .badInput),
                (fixture.request([hopper], fixture.folder.path, "out.png"), .badInput),
                (fixture.request([hopper], text, "out.png"), .unsupportedMedia),
                (fixture.request([text], astronaut, "out.png"), .unsupportedMedia),
                (fixture.request([hopper], nothing, "out.png"), .unsupportedMedia),
                (fixture.request([hopper], astronaut, "out.mp4"), .badInput),
                (fixture.request([hopper], astronaut, "out"), .badInput),
                (fixture.request([hopper], astronaut, "absent/out.png"), .badInput),
                (fixture.request([hopper], astronaut, "text.png"), .outputExists), (mapped, .badInput),
            ]
            for (request, code) in cases {
                let error = try await fixture.failure(of: request)
                #expect(error.code == code, "\(error)")
                #expect(error.message.hasSuffix("."), "\(error)")
            }
            #expect(try fixture.files() == ["empty.png", "text.png"])
        }

        @Test func `no strength changes nearly nothing, half of it half`() async throws {
            let fixture = try StudioFixture()
            let before = try Scene.astronaut.picture()
            let target = try fixture.write(before, "target.png")
            let regions = FaceRegions(try Look.face(before).mesh, width: before.width, height: before.height)
            var changes: [Float] = []
            for strength in [0, 0.5, 1] as [Float] {
                var request = fixture.request([Portrait.biden.file], target, "out-\(strength).png")
                request.swap.strength = strength
                let after = try fixture.read(try await fixture.process(request).output)
                changes.append(after.difference(from: before, where: regions.face))
            }
            figure("strength | \(changes.map(\.short))")
            #expect(changes[0] < 0.5)
            #expect(abs(changes[1] / changes[2] - 0.5) < 0.1)
        }

        @Test func `kept eyes and mouth stay the target's`() async throws {
            let fixture = try StudioFixture()
            let before = try Scene.hopper.picture(width: 400, height: 400)
            let target = try fixture.write(before, "target.png")
            let mesh = try Look.face(before).mesh
            func area(_ loops: [[Int]], _ scale: Float) -> Plane {
                var plane = Plane(width: before.width, height: before.height)
                for loop in loops {
                    let points = loop.map { mesh.points[$0] }
                    let middle = points.reduce(Point(0, 0), +) * (1 / Float(points.count))
                    let one = Plane.filled(
                        polygon: points.map { middle + ($0 - middle) * scale }, width: before.width,
                        height: before.height)
                    for i in one.values.indices { plane.values[i] = max(plane.values[i], one.values[i]) }
                }
                return plane
            }
            let eyes = area([MeshIndex.leftEyeLoop, MeshIndex.rightEyeLoop], 0.9)
            let mouth = area([MeshIndex.outerLips], 0.9)
            var request = fixture.request([Portrait.biden.file], target, "plain.png")
            // The shape stays, so that kept parts stay where they were.
            request.swap.shape = 0
            let plain = try fixture.read(try await fixture.process(request).output)
            request.swap.keepEyes = true
            request.swap.keepMouth = true
            request.output = fixture.path("kept.png")
            let kept = try fixture.read(try await fixture.process(request).output)
            let numbers = [
                plain.difference(from: before, where: eyes), kept.difference(from: before, where: eyes),
                plain.difference(from: before, where: mouth), kept.difference(from: before, where: mouth),
            ]
            figure("kept | \(numbers.map(\.short))")
            #expect(numbers[1] < 0.35 * numbers[0])
            #expect(numbers[3] < 0.35 * numbers[2])
        }

        /// Identity distances of the faces in `after` at the places of those in `before`, to people.
        private static func distances(
            of after: Picture, at before: Picture, to people: [Portrait]
        ) throws -> [[Float]] {
            let who = try people.map { try #require(try Look.face(try $0.picture()).embedding) }
            return try Look.faces(before).map { face in
                let mesh = try Look.mesh(near: face.mesh, in: after)
                let identity = try Look.identity(mesh, in: after)
                return who.map { $0.distance(to: identity) }
            }
        }

        /// Checks that of the faces from left to right only one changed.
        private static func expectOnly(_ place: Int, changed after: Picture, from before: Picture) throws {
            let regions = try Look.faces(before).map {
                FaceRegions($0.mesh, width: before.width, height: before.height)
            }
            try #require(regions.count == 2)
            #expect(after.changed(from: before, outside: [regions[place]]) == 0)
            #expect(after.difference(from: before, where: regions[place].inner) > 3)
        }
    }
}
