// Published detectors, landmarkers and the classifier through graphs shaped as theirs, against OpenCV and NumPy
// (Tests/golden/detectors.py).

import Errors
import Faces
import Foundation
import Inference
import Pixels
import Testing

private struct Golden: Decodable {
    struct Painted: Decodable {
        let width: Int
        let height: Int
        let spots: [[Int]]

        var picture: Picture {
            var picture = Picture(width: width, height: height, fill: (60, 40, 20))
            for spot in spots {
                for y in spot[1]..<spot[1] + spot[2] {
                    for x in spot[0]..<spot[0] + spot[2] {
                        for c in 0..<3 { picture.bytes[(y * width + x) * 3 + c] = UInt8(spot[3 + c]) }
                    }
                }
            }
            return picture
        }
    }
    struct FoundFace: Decodable {
        let box: [Float]
        let score: Float
        let points: [Float]
    }
    struct Detected: Decodable {
        let models: [String]
        let picture: String
        let turn: Int
        let margin: [Int]
        let threshold: Float
        let faces: [FoundFace]
    }
    struct Landmarks: Decodable {
        let model: String
        let turn: Int
        let box: [Float]
        let dim: Float
        let score: Float
        let points: [[Float]]
    }
    struct Classes: Decodable {
        let points: [[Float]]
        let ids: [Int]
    }
    struct Five: Decodable {
        let points: [[Float]]
        let landmarks: [[Float]]
    }
    struct Colour: Decodable {
        let rgb: [Float]
        let lab: [Float]
    }
    let pictures: [String: Painted]
    let detections: [Detected]
    let landmarks: [Landmarks]
    let classes: [Classes]
    let five: Five
    let lab: [Colour]
    let equalised: [[Float]]

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/published")

    static func load() throws -> Golden {
        try JSONDecoder().decode(Golden.self, from: Data(contentsOf: folder.appending(path: "index.json")))
    }

    static func session(_ name: String) throws -> any InferenceSession {
        try ModelLoader.load(path: folder.appending(path: name + ".onnx").path, name: name, policy: .small)
    }

    /// A library whose models are the stand-ins.
    static var models: FaceModels {
        FaceModels(
            ModelLibrary(loading: { id, policy in
                try ModelLoader.load(path: folder.appending(path: id + ".onnx").path, name: id, policy: policy)
            }), policy: .small)
    }
}

private func fivePoints(_ p: [[Float]]) -> FivePoints {
    let p = p.map { Point($0[0], $0[1]) }
    return FivePoints(leftEye: p[0], rightEye: p[1], nose: p[2], leftMouth: p[3], rightMouth: p[4])
}

@Suite struct PublishedDetectorTests {
    private func detector(_ names: [String]) throws -> any FaceDetector {
        let all = try names.map { try Golden.models.detector(named: $0) }
        return all.count == 1 ? all[0] : ManyDetectors(all)
    }

    @Test(arguments: ["yolo_face", "scrfd", "yunet", "scrfd+yolo_face"])
    func `a published detector's faces come out as OpenCV and NumPy have them`(name: String) throws {
        let golden = try Golden.load()
        let cases = golden.detections.filter { $0.models.joined(separator: "+") == name }
        #expect(cases.count == 8)
        let detector = try detector(name.split(separator: "+").map(String.init))
        for one in cases {
            let turn = try #require(QuarterTurn(rawValue: one.turn))
            let margin = DetectionMargin(
                top: one.margin[0], right: one.margin[1], bottom: one.margin[2], left: one.margin[3])
            let found = try detector.detect(
                in: #require(golden.pictures[one.picture]).picture,
                options: DetectionOptions(threshold: one.threshold, turns: [turn], margin: margin))
            try #require(found.count == one.faces.count, "\(one.picture) \(one.threshold)")
            for (face, wanted) in zip(found, one.faces) {
                let box = [face.box.x, face.box.y, face.box.x + face.box.width, face.box.y + face.box.height]
                let points = face.points.all.flatMap { [$0.x, $0.y] }
                for (a, b) in zip(box + points, wanted.box + wanted.points) { #expect(abs(a - b) < 0.08) }
                #expect(abs(face.score - wanted.score) < 0.002)
            }
        }
    }

    @Test(arguments: ["yolo_face", "scrfd", "yunet"])
    func `a grey picture shows no face, and a large one shows each once at thorough effort`(name: String) throws {
        let golden = try Golden.load()
        let detector = try Golden.models.detector(named: name)
        // A grey picture: nothing is found at any turn.
        let empty = Picture(width: 300, height: 200, fill: (90, 90, 90))
        #expect(try detector.detect(in: empty, options: DetectionOptions()).isEmpty)
        // At thorough effort, a large picture's faces are still found once each.
        let large = try #require(golden.pictures["large"]).picture
        let found = try detector.detect(in: large, options: .picture)
        #expect(found.count == 3)
    }

    @Test func `every name of a detector is known, with its files`() {
        let names: [(String, DetectorModel)] = [
            ("centerface", .centerface), ("blazeface", .blazeface), ("yolo_face", .yoloFace), ("yoloface", .yoloFace),
            ("yoloface_8n", .yoloFace), ("scrfd", .scrfd), ("scrfd_2.5g", .scrfd), ("retinaface", .retinaface),
            ("retinaface_10g", .retinaface), ("yunet", .yunet), ("yunet_2023_mar", .yunet), ("many", .many),
        ]
        for (name, model) in names { #expect(DetectorModel(named: name) == model) }
        #expect(DetectorModel(named: "mtcnn") == nil)
        #expect(DetectorModel.many.files == ["retinaface_10g", "scrfd_2.5g", "yoloface_8n"])
        #expect(Set(names.map(\.1)) == Set(DetectorModel.all))
    }

    @Test func `a wrong name, size or file is refused with a sentence`() throws {
        let models = Golden.models
        let name = try #require(throws: MasqueError.self) { _ = try models.detector(named: "mtcnn") }
        #expect(name.code == .badInput && name.message == "There is no face detector “mtcnn”.")
        let size = try #require(throws: MasqueError.self) { _ = try models.detector(named: "yunet", size: 320) }
        #expect(size.message == "The face detector “yunet” does not look at 320 pixels.")
        // The stand-in has six of SCRFD's nine outputs.
        let file = try #require(throws: MasqueError.self) { _ = try models.detector(named: "retinaface") }
        #expect(file.code == .damagedModel && file.message.contains("gives 6 outputs where 9 are due"))
        let other = try #require(throws: MasqueError.self) {
            _ = try YoloFaceDetector(session: Golden.session("yunet_2023_mar"))
        }
        #expect(other.message.contains("gives [1, 6400, 1] as “cls_8” where [1, 20, 8400] is due"))
        let scrfd = try #require(throws: MasqueError.self) { _ = try models.detector(named: "scrfd", size: 320) }
        #expect(scrfd.message.contains("takes [1, 3, 640, 640] for “input” where [1, 3, 320, 320] is due"))
    }
}

@Suite struct PublishedLandmarkerTests {
    @Test(arguments: ["2dfan4", "peppa_wutz"])
    func `landmarks come out as OpenCV and NumPy have them`(name: String) throws {
        let cases = try Golden.load().landmarks.filter { $0.model == name }
        #expect(cases.count == 6)
        let kind = try #require(CropLandmarker.Kind(rawValue: name))
        let landmarker = try CropLandmarker(session: Golden.session(name), kind: kind)
        for one in cases {
            var picture = try Samples.astronaut()
            if one.dim < 1 {
                for i in picture.bytes.indices { picture.bytes[i] = UInt8(Double(picture.bytes[i]) * 0.12) }
            }
            let b = one.box
            let found = try landmarker.landmarks(
                in: Box(x: b[0], y: b[1], width: b[2] - b[0], height: b[3] - b[1]),
                turn: #require(QuarterTurn(rawValue: one.turn)), of: picture)
            try #require(found.points.count == 68)
            let gaps = zip(found.points, one.points).map { ($0 - Point($1[0], $1[1])).length }
            // OpenCV keeps crops in bytes, which are coarse steps in the dark.
            let tolerance: Float = one.dim < 1 ? 1 : 0.3
            #expect((gaps.max() ?? 9) < tolerance, "turn \(one.turn), dim \(one.dim)")
            #expect(abs(found.score - one.score) < 0.03 * tolerance, "\(found.score), \(one.score)")
        }
    }

    /// A mesh whose five points are those given and whose jaw is turned by `turn`.
    private func mesh(_ five: FivePoints, jaw: Point = Point(1, 0)) -> FaceMesh {
        var points = [Point](repeating: five.nose, count: FaceMesh.count)
        for i in MeshIndex.leftEye { points[i] = five.leftEye }
        for i in MeshIndex.rightEye { points[i] = five.rightEye }
        points[MeshIndex.leftMouthCorner] = five.leftMouth
        points[MeshIndex.rightMouthCorner] = five.rightMouth
        points[MeshIndex.ibug68[0]] = five.nose - jaw * 50
        points[MeshIndex.ibug68[16]] = five.nose + jaw * 50
        return FaceMesh(points: points, depths: [Float](repeating: 0, count: FaceMesh.count), presence: 1)
    }

    @Test func `a face's shape takes the surer landmarks, and the mesh's own when none is sure`() throws {
        let golden = try Golden.load()
        let picture = try Samples.astronaut()
        let box = Box(x: 170, y: 60, width: 110, height: 130)
        let five = fivePoints(golden.five.points)
        let models = Golden.models
        func wanted(_ model: String, _ turn: Int) throws -> Golden.Landmarks {
            try #require(
                golden.landmarks.first { $0.model == model && $0.turn == turn && $0.dim == 1 && $0.box[0] == 170 })
        }
        func isNear(_ shape: FaceShape, _ points: [[Float]]) -> Bool {
            zip(shape.landmarks, points).allSatisfy { ($0 - Point($1[0], $1[1])).length < 0.3 }
        }
        // The jaw says how the face is turned.
        for (turn, jaw) in [(0, Point(1, 0.2)), (90, Point(-0.3, 1)), (180, Point(-1, 0.1)), (270, Point(0, -1))] {
            let shape = try models.shapeFinder(named: "2dfan4", threshold: 0).shape(
                of: mesh(five, jaw: jaw), box: box, in: picture)
            #expect(isNear(shape, try wanted("2dfan4", turn).points))
            #expect(shape.points == FivePoints(landmarks68: shape.landmarks))
        }
        // Both sure: `2dfan4`, even where the other is a little surer; in the dark only the other is.
        func entry(_ model: String, x: Float, dim: Float) throws -> Golden.Landmarks {
            try #require(
                golden.landmarks.first { $0.model == model && $0.turn == 0 && $0.dim == dim && $0.box[0] == x })
        }
        let dark = Picture(
            width: picture.width, height: picture.height, channels: picture.channels,
            bytes: picture.bytes.map { UInt8(Double($0) * 0.12) })
        for (x, dim, surer) in [(170, 1, "2dfan4"), (-40, 1, "2dfan4"), (170, 0.12, "peppa_wutz")]
            as [(Float, Float, String)]
        {
            let (fan, peppa) = (try entry("2dfan4", x: x, dim: dim), try entry("peppa_wutz", x: x, dim: dim))
            #expect((fan.score > peppa.score - 0.2) == (surer == "2dfan4"))
            let b = fan.box
            let shape = try models.shapeFinder(.many, threshold: 0).shape(
                of: mesh(five), box: Box(x: b[0], y: b[1], width: b[2] - b[0], height: b[3] - b[1]),
                in: dim < 1 ? dark : picture)
            let gaps = [fan, peppa].map { one in
                zip(shape.landmarks, one.points).map { ($0 - Point($1[0], $1[1])).length }.max() ?? 0
            }
            #expect(surer == "2dfan4" ? gaps[0] < 1 && gaps[1] > 3 : gaps[1] < 1 && gaps[0] > 3)
        }
        let unsure = try models.shapeFinder(.many, threshold: 1).shape(of: mesh(five), box: box, in: picture)
        #expect(unsure.landmarks == mesh(five).points68)
        let guessed = try models.shapeFinder(named: "fan_68_5").shape(of: mesh(five), box: box, in: picture)
        #expect(isNear(guessed, golden.five.landmarks))
        #expect(try models.shapeFinder().shape(of: mesh(five), box: box, in: picture).points == mesh(five).fivePoints)
    }

    @Test func `landmarkers that are another model are refused by name`() throws {
        let name = try #require(throws: MasqueError.self) { _ = try Golden.models.shapeFinder(named: "3dfan") }
        #expect(name.message == "There is no face landmarker “3dfan”.")
        let fan = try #require(throws: MasqueError.self) {
            _ = try CropLandmarker(session: Golden.session("peppa_wutz"), kind: .fan)
        }
        #expect(fan.code == .damagedModel && fan.message.contains("“2dfan4” is another model"))
        let peppa = try #require(throws: MasqueError.self) {
            _ = try CropLandmarker(session: Golden.session("fairface"), kind: .peppa)
        }
        #expect(peppa.message.contains("takes [1, 3, 224, 224] for “input”"))
        let five = try #require(throws: MasqueError.self) {
            _ = try FivePointLandmarker(session: Golden.session("peppa_wutz"))
        }
        #expect(five.message.contains("where [1, 5, 2] is due"))
    }

    @Test func `a dark plane's contrast is raised as OpenCV raises it`() throws {
        let wanted = try Golden.load().equalised
        var plane = Plane(width: 256, height: 256)
        for y in 0..<256 {
            for x in 0..<256 { plane.values[y * 256 + x] = Float((x * 3 + y * 2 + ((x * y) >> 5)) & 63) }
        }
        let even = plane.equalised(limit: 2)
        for (row, y) in stride(from: 0, to: 256, by: 9).enumerated() {
            for (column, x) in stride(from: 0, to: 256, by: 7).enumerated() {
                #expect(abs(even.values[y * 256 + x] - wanted[row][column]) <= 1)
            }
        }
    }

    @Test func `colours go to L*a*b* as OpenCV has them, and back`() throws {
        let colours = try Golden.load().lab
        #expect(colours.count == 8)
        for colour in colours {
            let lab = Lab(red: colour.rgb[0], green: colour.rgb[1], blue: colour.rgb[2])
            for (a, b) in zip([lab.l, lab.a, lab.b], colour.lab) { #expect(abs(a - b) < 0.25) }
            let rgb = lab.rgb
            for (a, b) in zip([rgb.red, rgb.green, rgb.blue], colour.rgb) { #expect(abs(a - b) < 0.4) }
        }
    }
}

@Suite struct ClassifierTests {
    @Test func `age, gender and race are the classes that the graph names`() throws {
        let ages = [0...2, 3...9, 10...19, 20...29, 30...39, 40...49, 50...59, 60...69, 70...100]
        let races: [FaceAttributes.Race] = [.white, .black, .latino, .asian, .asian, .indian, .arabic]
        let golden = try Golden.load().classes
        #expect(golden.count >= 2)
        let classifier = try Golden.models.classifier()
        let picture = try Samples.astronaut()
        for one in golden {
            let found = try classifier.attributes(of: fivePoints(one.points), in: picture)
            #expect(found.race == races[one.ids[0]])
            #expect(found.gender == (one.ids[1] == 1 ? .female : .male))
            #expect(found.age == ages[one.ids[2]])
        }
        let wrong = try #require(throws: MasqueError.self) {
            _ = try FaceClassifier(session: Golden.session("2dfan4"))
        }
        #expect(wrong.message.contains("“fairface” is another model"))
    }

    @Test func `a filter keeps faces by age, gender and race`() {
        let twenties = FaceAttributes(age: 20...29, gender: .female, race: .asian)
        let old = FaceAttributes(age: 70...100, gender: .male, race: .black)
        #expect(FaceFilter().passes(nil) && FaceFilter().isEmpty)
        #expect(!FaceFilter(gender: .male).passes(nil))
        #expect(FaceFilter(gender: .female).passes(twenties) && !FaceFilter(gender: .female).passes(old))
        #expect(FaceFilter(race: .black).passes(old) && !FaceFilter(race: .black).passes(twenties))
        #expect(FaceFilter(ageStart: 29).passes(twenties) && !FaceFilter(ageStart: 30).passes(twenties))
        #expect(FaceFilter(ageEnd: 20).passes(twenties) && !FaceFilter(ageEnd: 19).passes(twenties))
        #expect(FaceFilter(ageStart: 25, ageEnd: 27).passes(twenties))
        #expect(!FaceFilter(ageStart: 25, gender: .male).passes(twenties))

        let mesh = FaceMesh(
            points: [Point](repeating: Point(0, 0), count: 468), depths: [Float](repeating: 0, count: 468), presence: 1)
        func face(_ x: Float, _ attributes: FaceAttributes?) -> Face {
            Face(
                box: Box(x: x, y: 0, width: 10, height: 10), score: 1, mesh: mesh, attributes: attributes)
        }
        let faces = [face(1, nil), face(2, old), face(3, twenties), face(4, twenties)]
        let selector = FaceSelector(mode: .one, order: .leftRight, position: 1, filter: FaceFilter(race: .asian))
        #expect(selector.needsAttributes)
        #expect(selector.select(from: faces).map(\.box.x) == [4])
        #expect(FaceSelector(order: .leftRight).select(from: faces).count == 4)
    }
}
