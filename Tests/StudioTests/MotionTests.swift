// Faces in time: still ones do not tremble, lost ones do not flicker, scenes end, people keep their sources.

import Faces
import Foundation
import Pixels
import Studio
import Testing
import VideoIO

extension StudioTests {
    @Suite struct MotionTests {
        @Test func `a still head in a noisy picture does not tremble`() async throws {
            let fixture = try StudioFixture()
            let still = try Scene.astronaut.picture(scale: 1.3)
            let target = try fixture.movie("still.mp4", frames: 40, quality: 96) {
                still.noisy(6, seed: UInt64($0) + 1)
            }
            var jitters: [Float] = []
            let mesh = try Look.face(still).mesh
            for smoothing in [true, false] {
                var request = try fixture.videoRequest([Portrait.hopper.file], target, "out-\(smoothing).mp4")
                request.smoothing = smoothing
                request.video?.quality = 96
                let report = try await fixture.process(request)
                jitters.append(Drift.jitter(of: try fixture.frames(report.output).pictures.suffix(30), mesh: mesh))
            }
            let own = Drift.jitter(of: try fixture.frames(target).pictures.suffix(30), mesh: mesh)
            figure("jitter | target \(own.short) | smoothed \(jitters[0].short) | not \(jitters[1].short)")
            #expect(jitters[0] < 0.7 * jitters[1])
            #expect(jitters[0] < own + 0.1)
        }

        @Test func `a moving face is followed without lag`() async throws {
            let fixture = try StudioFixture()
            // 3 pixels a frame to the right: the result's landmarks must keep up with the target's.
            let target = try fixture.movie("moving.mp4", frames: 30) {
                try Scene.astronaut.picture(offset: Point(3 * Float($0) - 45, 0))
            }
            let report = try await fixture.process(fixture.videoRequest([Portrait.hopper.file], target, "out.mp4"))
            let (before, after) = (try fixture.frames(target).pictures, try fixture.frames(report.output).pictures)
            var behind: [Float] = []
            for index in stride(from: 6, to: 30, by: 4) {
                let mesh = try Look.face(before[index]).mesh
                let result = try Look.mesh(near: mesh, in: after[index])
                let shifts = zip(mesh.points, result.points).map { $0.x - $1.x }
                behind.append(shifts.reduce(0, +) / Float(shifts.count))
            }
            figure("lag | \(behind.map(\.short))")
            #expect(behind.allSatisfy { abs($0) < 1.5 })
        }

        @Test func `a face lost for a few frames does not flicker back`() async throws {
            let fixture = try StudioFixture()
            let lost = 14..<18
            let clear = try Scene.astronaut.picture(scale: 1.1)
            // So blurred that no face is to be found where it was; the rest of the picture stays.
            var smeared = clear
            smeared.paste(
                clear.crop.blurred(sigma: 26),
                mask: FaceRegions(try Look.face(clear).mesh, width: 320, height: 240).face.blurred(sigma: 2),
                through: .identity)
            let blurred = smeared
            let target = try fixture.movie("lost.mp4", frames: 30) { index in
                lost.contains(index) ? blurred : clear
            }
            let report = try await fixture.process(fixture.videoRequest([Portrait.biden.file], target, "out.mp4"))
            let peer = try fixture.reencode(target, "peer.mp4", options: fixture.fast("peer.mp4"))
            let (plain, after) = (try fixture.frames(peer).pictures, try fixture.frames(report.output).pictures)
            // The test means something only when the tracker does lose the face.
            var tracker = try Look.models.tracker(embeddings: false)
            var missed: Set<Int> = []
            for (index, picture) in plain.enumerated() {
                let tracks = try tracker.update(surface: picture, time: Double(index) / 25)
                if tracks.allSatisfy({ $0.lostFrames > 0 }) { missed.insert(index) }
            }
            try #require(!missed.isEmpty)
            let regions = FaceRegions(try Look.face(clear).mesh, width: 320, height: 240)
            let changes = (0..<30).map { after[$0].difference(from: plain[$0], where: regions.inner) }
            figure("lost | \(missed.sorted()) | \(changes.map(\.short))")
            let usual = (changes[10] + changes[22]) / 2
            for index in missed.union(lost) { #expect(changes[index] > 0.5 * usual, "frame \(index)") }
            #expect(report.facesFound == 1)
        }

        @Test func `a face that goes and comes back is swapped while it is there`() async throws {
            let fixture = try StudioFixture()
            let away = 15..<35
            let backdrop = Picture(width: 320, height: 240, fill: (120, 140, 130))
            let face = try Scene.astronaut.picture(width: 160, height: 220)
            let target = try fixture.movie("away.mp4", frames: 50) { index in
                away.contains(index) ? backdrop : backdrop.with(face, x: 80, y: 10)
            }
            let report = try await fixture.process(fixture.videoRequest([Portrait.biden.file], target, "out.mp4"))
            let peer = try fixture.reencode(target, "peer.mp4", options: fixture.fast("peer.mp4"))
            let (plain, after) = (try fixture.frames(peer).pictures, try fixture.frames(report.output).pictures)
            let here = backdrop.with(face, x: 80, y: 10)
            let regions = FaceRegions(try Look.face(here).mesh, width: 320, height: 240)
            let changes = (0..<50).map { after[$0].difference(from: plain[$0], where: regions.inner) }
            figure("away | \(changes.map(\.short)) | tracks \(report.facesFound)")
            for index in [5, 14, 40, 49] { #expect(changes[index] > 4, "frame \(index)") }
            // Nothing is painted where no face is.
            for index in [18, 25, 34] { #expect(changes[index] < 1.5, "frame \(index)") }
        }

        @Test func `nothing is smeared over the scene after a cut`() async throws {
            let fixture = try StudioFixture()
            let first = try Scene.astronaut.picture(scale: 1.1)
            // The uniform below the portrait's face: no face to swap, but much to spoil.
            let second = try Scene.hopper.picture(offset: Point(0, -330))
            let target = try fixture.movie("cut.mp4", frames: 30) { $0 < 15 ? first : second }
            let report = try await fixture.process(fixture.videoRequest([Portrait.biden.file], target, "out.mp4"))
            let peer = try fixture.reencode(target, "peer.mp4", options: fixture.fast("peer.mp4"))
            let (plain, after) = (try fixture.frames(peer).pictures, try fixture.frames(report.output).pictures)
            let regions = FaceRegions(try Look.face(first).mesh, width: 320, height: 240)
            let changes = (0..<30).map { after[$0].difference(from: plain[$0], where: regions.face) }
            figure("cut | \(changes.map(\.short))")
            #expect(changes[..<15].allSatisfy { $0 > 3 })
            #expect(changes[15...].allSatisfy { $0 < 0.8 })
            #expect(report.framesSwapped == 15)
        }

        @Test func `after a cut to another face that face is swapped at once`() async throws {
            let fixture = try StudioFixture()
            let scenes = [try Scene.astronaut.picture(), try Scene.hopper.picture(scale: 0.8, offset: Point(-50, 10))]
            let target = try fixture.movie("cut.mp4", frames: 24) { scenes[$0 / 12] }
            let report = try await fixture.process(fixture.videoRequest([Portrait.obama2.file], target, "out.mp4"))
            let after = try fixture.frames(report.output).pictures
            let who = try #require(try Look.face(try Portrait.obama2.picture()).embedding)
            for index in [11, 12, 13, 20] {
                let mesh = try Look.face(scenes[index / 12]).mesh
                let result = try Look.mesh(near: mesh, in: after[index])
                let distance = who.distance(to: try Look.identity(result, in: after[index]))
                figure("cut to a face | \(index) | \(distance.short)")
                #expect(distance < 0.6, "frame \(index)")
            }
        }

        @Test func `two people who cross keep their sources`() async throws {
            let fixture = try StudioFixture()
            let (width, height) = (480, 300)
            let backdrop = Picture(width: width, height: height, fill: (110, 125, 140))
            let left = try Scene.astronaut.picture(width: 130, height: 150)
            let right = try Scene.hopper.picture(width: 130, height: 150, scale: 0.75)
            let oval = Plane.filled(
                polygon: (0..<48).map {
                    let angle = Float($0) / 48 * 2 * .pi
                    return Point(65 + 58 * cos(angle), 75 + 70 * sin(angle))
                }, width: 130, height: 150
            ).blurred(sigma: 3)
            let count = 50
            func frame(_ index: Int) -> Picture {
                var picture = backdrop
                let x = 300 * Float(index) / Float(count - 1)
                for (face, place) in [(left, Point(20 + x, 5)), (right, Point(320 - x, 125))] {
                    picture.paste(
                        face.crop, mask: oval, through: Affine(a: 1, b: 0, tx: place.x, c: 0, d: 1, ty: place.y))
                }
                return picture
            }
            let target = try fixture.movie("cross.mp4", frames: count) { frame($0) }
            var request = try fixture.videoRequest([Portrait.biden.file, Portrait.obama2.file], target, "out.mp4")
            request.map = "source1=0,source2=1"
            let report = try await fixture.process(request)
            let after = try fixture.frames(report.output).pictures
            let who = try [Portrait.biden, .obama2].map { try #require(try Look.face(try $0.picture()).embedding) }
            for index in [0, 10, 20, 30, 40, count - 1] {
                // The upper face is the astronaut, who becomes the first source; the lower one becomes the second.
                let faces = FaceOrder.topBottom.sorted(try Look.faces(frame(index)))
                try #require(faces.count == 2)
                for (place, face) in faces.enumerated() {
                    let mesh = try Look.mesh(near: face.mesh, in: after[index])
                    let identity = try Look.identity(mesh, in: after[index])
                    let distances = who.map { $0.distance(to: identity) }
                    figure("cross | \(index) | \(place) | \(distances.map(\.short))")
                    #expect(distances[place] < 0.65, "frame \(index)")
                    #expect(distances[place] < distances[1 - place], "frame \(index)")
                }
            }
            #expect(report.facesFound == 2)
        }
    }
}
