// Numbers beside faces: how many, where, and whether they can be read.

import Faces
import Foundation
import ImageIO
import Pixels
import Studio
import Testing
import VideoIO

extension StudioTests {
    @Suite struct NumberedFacesTests {
        /// The figures 0…9 in 3×5 blocks, drawn here once more.
        private static let figures = [
            "### #.# #.# #.# ###", ".#. ##. .#. .#. ###", "### ..# ### #.. ###", "### ..# ### ..# ###",
            "#.# #.# ### ..# ..#", "### #.. ### ..# ###",
            "### #.. ### #.# ###", "### ..# ..# ..# ..#", "### #.# ### #.# ###", "### #.# ### ..# ###",
        ]

        /// Arrangements of faces: name, the picture's size, boxes.
        static let scenes: [(name: String, width: Int, height: Int, boxes: [Box])] = {
            func box(_ x: Int, _ y: Int, _ side: Int) -> Box {
                Box(x: Float(x), y: Float(y), width: Float(side), height: Float(side) * 1.3)
            }
            let grid = (0..<24).map { box(60 + $0 % 6 * 200, 60 + $0 / 6 * 220, 90) }
            let crowd = (0..<9).map { box(500 + $0 % 3 * 40, 300 + $0 / 3 * 50, 34) }
            let corners = [box(0, 0, 80), box(1200, 0, 80), box(0, 856, 80), box(1200, 856, 80), box(600, -20, 70)]
            return [
                ("rows", 1280, 960, grid), ("crowd", 1280, 720, crowd), ("corners", 1280, 960, corners),
                ("all of the picture", 960, 1280, [Box(x: 0, y: 0, width: 960, height: 1280)]),
                ("small", 640, 360, [box(100, 100, 22), box(126, 101, 20), box(300, 200, 18)]),
                ("one over another", 1280, 960, [box(300, 300, 300), box(350, 380, 120), box(380, 320, 200)]),
                ("a strip", 1280, 64, [box(20, 6, 40), box(900, 6, 40)]),
            ]
        }()

        @Test(arguments: scenes.map(\.name))
        func `every face has its number, within the picture and on no other number`(name: String) throws {
            let scene = try #require(Self.scenes.first { $0.name == name })
            let numbered = NumberedFaces(scene.boxes, width: scene.width, height: scene.height)
            #expect(numbered.labels.map(\.number) == Array(1...scene.boxes.count))
            for (index, label) in numbered.labels.enumerated() {
                let place = label.place
                #expect(place.x >= 0 && place.y >= 0, "\(label)")
                #expect(place.x + place.width <= Float(scene.width), "\(label)")
                #expect(place.y + place.height <= Float(scene.height), "\(label)")
                for other in numbered.labels[..<index] {
                    #expect(place.overlap(other.place) == 0, "\(label.number) and \(other.number) of \(name)")
                }
            }
            // Where there is room, a number hides nobody's face.
            if ["rows", "corners", "small"].contains(name) {
                for label in numbered.labels {
                    #expect(scene.boxes.allSatisfy { $0.overlap(label.place) == 0 }, "\(label.number)")
                }
            }
        }

        @Test(arguments: scenes.map(\.name))
        func `the figures on a label are its number, on the colour of its face's box`(name: String) throws {
            let scene = try #require(Self.scenes.first { $0.name == name })
            let numbered = NumberedFaces(scene.boxes, width: scene.width, height: scene.height)
            let picture = numbered.drawn(on: Picture(width: scene.width, height: scene.height, fill: (90, 90, 90)))
            guard name != "a strip" else { return }
            let block = Int(numbered.height) / 7, line = Int(numbered.line)
            for label in numbered.labels {
                let colour = NumberedFaces.colours[(label.number - 1) % NumberedFaces.colours.count]
                let (left, top) = (Int(label.place.x) + line, Int(label.place.y) + line)
                #expect(picture.at(left - line, top - line) == Self.text(NumberedFaces.dark), "the rim")
                #expect(picture.at(left + 1, top + 1) == Self.text(colour), "the ground")
                for (place, digit) in String(label.number).compactMap(\.wholeNumberValue).enumerated() {
                    for (i, mark) in Self.figures[digit].filter({ $0 != " " }).enumerated() {
                        let x = left + block * (1 + 4 * place + i % 3) + block / 2
                        let y = top + block * (1 + i / 3) + block / 2
                        let expected = mark == "#" ? NumberedFaces.dark : colour
                        #expect(picture.at(x, y) == Self.text(expected), "block \(i) of \(label.number)")
                    }
                }
            }
        }

        @Test func `on a screen of 320 pixels figures are at least ten high, in crowds seven`() {
            for scene in Self.scenes {
                let numbered = NumberedFaces(scene.boxes, width: scene.width, height: scene.height)
                let seen = numbered.height * 5 / 7 * 320 / Float(max(scene.width, scene.height))
                #expect(seen >= (scene.boxes.count > 12 ? 7 : 10), "\(scene.name): \(seen)")
            }
        }

        @Test func `a small picture is enlarged for its numbers, and a large one is not`() throws {
            for (side, wanted) in [(100, 640), (640, 640), (2000, 1280)] {
                let picture = Picture(width: side, height: side / 2)
                let shown = try picture.shrunk(longest: 1280)
                let ground = try NumberedFaces.ground(for: picture, shown: shown, longest: 1280)
                #expect(ground.width == wanted && ground.height == wanted / 2)
            }
        }

        @Test func `an inspection writes the numbered picture beside the frame`() async throws {
            let fixture = try StudioFixture()
            let path = try fixture.write(try ChoiceTests.two(), "two.png")
            var request = InspectionRequest(path: path, findsFaces: true)
            request.pictureFolder = fixture.path("pictures")
            request.frameSize = 1280
            let found = try await StudioFixture.engine.inspect(request)
            let faces = try #require(found.faces)
            #expect(faces.count == 2)
            let drawn = try fixture.read(fixture.path("pictures/numbered.jpg"))
            let factor = Float(drawn.width) / Float(found.width)
            let boxes = faces.map {
                Box(
                    x: Float($0.x) * factor, y: Float($0.y) * factor, width: Float($0.width) * factor,
                    height: Float($0.height) * factor)
            }
            let expected = NumberedFaces(boxes, width: drawn.width, height: drawn.height)
            for label in expected.labels {
                let colour = NumberedFaces.colours[label.number - 1]
                let x = Int(label.place.x + expected.line + 3), y = Int(label.place.y + expected.line + 3)
                #expect(drawn.distance(x, y, colour) < 60, "the label of \(label.number)")
                // The left edge of the box.
                let edge = (Int(label.face.x) + 1, Int(label.face.center.y))
                #expect(drawn.distance(edge.0, edge.1, colour) < 110, "the box of \(label.number)")
            }
        }

        private static func text(_ colour: (UInt8, UInt8, UInt8)) -> String { "\(colour.0) \(colour.1) \(colour.2)" }
    }
}

extension Picture {
    /// A pixel's channels in words.
    fileprivate func at(_ x: Int, _ y: Int) -> String {
        guard (0..<width).contains(x), (0..<height).contains(y) else { return "outside" }
        let i = (y * width + x) * channels
        return "\(bytes[i]) \(bytes[i + 1]) \(bytes[i + 2])"
    }

    /// How far a pixel is from a colour, as a sum over channels.
    fileprivate func distance(_ x: Int, _ y: Int, _ colour: (UInt8, UInt8, UInt8)) -> Int {
        let i = (y * width + x) * channels
        return abs(Int(bytes[i]) - Int(colour.0)) + abs(Int(bytes[i + 1]) - Int(colour.1))
            + abs(Int(bytes[i + 2]) - Int(colour.2))
    }
}
