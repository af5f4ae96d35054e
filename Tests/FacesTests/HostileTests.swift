// Input that would take for ever, or break the mesh.

import Errors
import Faces
import Foundation
import Pixels
import Testing

@Suite struct HostileTests {
    @Test(.timeLimit(.minutes(1))) func `a million boxes are thinned out in bounded time`() {
        let points = FivePoints(
            leftEye: Point(0, 0), rightEye: Point(1, 0), nose: Point(0, 1), leftMouth: Point(0, 2),
            rightMouth: Point(1, 2))
        let boxes = (0..<1_000_000).map { i in
            Detection(
                box: Box(x: Float(i % 1000) * 10, y: Float(i / 1000) * 10, width: 8, height: 8),
                score: Float(i) / 1_000_000, points: points)
        }
        let kept = boxes.suppressed(overlap: 0.4)
        #expect(kept.count == [Detection].mostFaces)
        #expect(kept.first == boxes.last)
    }

    @Test func `a topology with loose points or folded triangles is damaged`() throws {
        let good = try FaceTopology.load()
        let file = FileManager.default.temporaryDirectory.appending(path: "masque-topology-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let text = String(decoding: try JSONEncoder().encode(good), as: UTF8.self)
        var object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        for triangles in [[[0, 1, 2]], Array(repeating: [5, 5, 5], count: good.triangles.count)] {
            object["triangles"] = triangles
            object["holes"] = ["leftEye": [Int](), "rightEye": [Int](), "mouth": [Int]()]
            try JSONSerialization.data(withJSONObject: object).write(to: file)
            let error = #expect(throws: MasqueError.self) { try FaceTopology.load(from: file) }
            #expect(error?.code == .damagedModel)
        }
    }
}
