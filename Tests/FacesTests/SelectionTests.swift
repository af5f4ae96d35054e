// Faces are chosen and mapped as asked.

import Errors
import Faces
import Pixels
import Testing

@Suite struct SelectionTests {
    private func face(_ x: Float, _ y: Float, _ side: Float, score: Float, identity: Float? = nil) -> Face {
        let mesh = FaceMesh(
            points: [Point](repeating: Point(x, y), count: 468), depths: [Float](repeating: 0, count: 468), presence: 1)
        return Face(
            box: Box(x: x, y: y, width: side, height: side), score: score, mesh: mesh,
            embedding: identity.map { FaceEmbedding(values: [$0, 0]) })
    }

    private var faces: [Face] {
        [
            face(30, 10, 20, score: 0.7, identity: 1), face(10, 30, 30, score: 0.9, identity: 2),
            face(20, 20, 10, score: 0.8, identity: 3),
        ]
    }

    @Test(arguments: [
        (FaceOrder.leftRight, [10, 20, 30]), (.rightLeft, [30, 20, 10]), (.topBottom, [30, 20, 10]),
        (.bottomTop, [10, 20, 30]), (.smallLarge, [20, 30, 10]), (.largeSmall, [10, 30, 20]),
        (.bestWorst, [10, 20, 30]), (.worstBest, [30, 20, 10]),
    ])
    func `Orders sort as FaceFusion's names say`(order: FaceOrder, wanted: [Float]) {
        #expect(order.sorted(faces).map(\.box.x) == wanted)
    }

    @Test func `Modes choose many, one or the reference's faces`() {
        #expect(FaceSelector(mode: .many).select(from: faces).count == 3)
        #expect(FaceSelector(mode: .one, order: .leftRight, position: 1).select(from: faces).map(\.box.x) == [20])
        #expect(FaceSelector(mode: .one, position: 9).select(from: faces).isEmpty)
        let reference = FaceSelector(mode: .reference)
        #expect(reference.select(from: faces, references: [FaceEmbedding(values: [2.1, 0])]).map(\.box.x) == [10])
        #expect(reference.select(from: faces, references: []).isEmpty)
        #expect(reference.select(from: faces, references: [FaceEmbedding(values: [2])]).isEmpty)
    }

    @Test func `A map puts sources on places and on people`() throws {
        let map = try FaceMap(parsing: "source1=0, source2=2", sources: 2)
        let places = map.assign(to: faces, order: .leftRight)
        #expect(places.map(\.source) == [0, 1])
        #expect(places.map(\.face.box.x) == [10, 30])

        let people = try FaceMap(parsing: "source2=reference1,source1=reference2", sources: 2, references: 2)
        let references = [FaceEmbedding(values: [3.2, 0]), FaceEmbedding(values: [1.3, 0])]
        let assigned = people.assign(to: faces, order: .leftRight, references: references)
        #expect(assigned.map(\.source) == [1, 0])
        #expect(assigned.map(\.face.box.x) == [20, 30])
    }

    @Test func `Of two faces that fit a reference the nearer is taken, and no face twice`() {
        let map = FaceMap(entries: [
            FaceMap.Entry(source: 0, target: .reference(0)), FaceMap.Entry(source: 1, target: .reference(1)),
        ])
        let references = [FaceEmbedding(values: [1.4, 0]), FaceEmbedding(values: [1.1, 0])]
        let two = [face(0, 0, 9, score: 1, identity: 1), face(5, 0, 9, score: 1, identity: 1.8)]
        let assigned = map.assign(to: two, order: .leftRight, references: references)
        #expect(assigned.map(\.source) == [0, 1])
        #expect(assigned.map(\.face.box.x) == [5, 0])
    }

    @Test func `A map by places becomes one by people`() throws {
        let map = try FaceMap(parsing: "source1=0,source2=2,source3=7", sources: 3)
        let (people, references) = map.byPerson(faces: faces, order: .leftRight)
        #expect(references.map { $0.values[0] } == [2, 1])
        // The two have changed places since.
        let later = [face(99, 0, 9, score: 1, identity: 2), face(1, 0, 9, score: 1, identity: 1)]
        let assigned = people.assign(to: later, order: .leftRight, references: references)
        #expect(assigned.map(\.source) == [0, 1])
        #expect(assigned.map(\.face.box.x) == [99, 1])
    }

    @Test(arguments: [
        ("", "The map has an empty pair."), ("source1=0,", "The map has an empty pair."),
        ("source1", "“source1” in the map is not a source, “=” and a face."),
        ("source1=0=1", "“source1=0=1” in the map is not a source, “=” and a face."),
        ("bob=0", "“bob” in the map is not a source such as “source1”."),
        ("source=0", "“source” in the map is not a source such as “source1”."),
        ("source0=0", "The map names source 0, but there are only 2 sources."),
        ("source3=0", "The map names source 3, but there are only 2 sources."),
        ("source99999999999999999999=0", "“source99999999999999999999” in the map is not a source such as “source1”."),
        ("source1=-1", "“-1” in the map is not a face's place; faces count from 0."),
        ("source1=left", "“left” in the map is neither a face's place such as “0” nor “reference1”."),
        ("source1=reference1", "The map names reference 1, but there is no reference picture."),
        ("source1=0,source2=0", "The map “source1=0,source2=0” names the face “0” twice."),
    ])
    func `A wrong map is refused with a sentence`(text: String, sentence: String) {
        let error = #expect(throws: MasqueError.self) { try FaceMap(parsing: text, sources: 2) }
        #expect(error?.message == sentence)
        #expect(error?.code == .badInput)
    }

    @Test func `Random maps never crash`() {
        var random = SystemRandomNumberGenerator()
        let letters = Array("source12309=, -reference²٣")
        for _ in 0..<3000 {
            let text = String(
                (0..<Int.random(in: 0...24, using: &random)).map { _ in
                    letters[Int.random(in: 0..<letters.count, using: &random)]
                })
            _ = try? FaceMap(parsing: text, sources: 3, references: 2)
        }
    }
}
