// What the debugger draws, and that it draws nothing else.

import Faces
import Foundation
import ImageIO
import Neural
import Pixels
import Testing

struct FaceDebuggerTests {
    private let grey = Picture(width: 512, height: 512, fill: (90, 90, 90))
    private let findings = FaceFindings(
        box: Box(x: 150, y: 60, width: 120, height: 140), score: 0.87,
        points: FivePoints(
            leftEye: Point(200, 100), rightEye: Point(250, 100), nose: Point(225, 130), leftMouth: Point(205, 160),
            rightMouth: Point(245, 160)), age: 42)

    private func drawn(
        _ items: Set<FaceDebuggerItem>, at place: String = "face", on picture: Picture? = nil, strength: Float = 1
    ) throws -> Picture {
        var result = picture ?? grey
        try FaceDebugger(items: items).apply(
            on: &result, face: LiveGolden.load().face(at: place), findings: findings, strength: strength)
        return result
    }

    private func color(_ picture: Picture, _ point: Point) -> [UInt8] {
        let i = (Int(point.y.rounded()) * picture.width + Int(point.x.rounded())) * 3
        return Array(picture.bytes[i..<i + 3])
    }

    /// How many pixels differ from the grey ground.
    private func count(_ picture: Picture) -> Int {
        stride(from: 0, to: picture.bytes.count, by: 3).count { i in
            picture.bytes[i] != 90 || picture.bytes[i + 1] != 90 || picture.bytes[i + 2] != 90
        }
    }

    @Test
    func `points lie where they are, in their colours, and nothing else is drawn`() throws {
        let face = try LiveGolden.load().face(at: "face")
        let green: [UInt8] = [0, 255, 0], red: [UInt8] = [255, 0, 0]
        let five = try drawn([.alignmentPoints])
        for point in face.points.all { #expect(color(five, point) == green) }
        let size = count(five)
        #expect(size >= 5 * 9 && size <= 5 * 21)
        let detected = try drawn([.fivePoints])
        for point in findings.points?.all ?? [] { #expect(color(detected, point) == red) }
        let all = try drawn([.landmarks])
        for point in face.landmarks { #expect(color(all, point) == green) }
        #expect(count(all) <= 68 * 21)
    }

    @Test
    func `the box is red, its forehead's side lighter, and turns with the face`() throws {
        let box = try drawn([.boundingBox])
        #expect(color(box, Point(150, 130)) == [255, 0, 0] && color(box, Point(210, 199)) == [255, 0, 0])
        #expect(color(box, Point(210, 60)) == [255, 100, 100])
        #expect(color(box, Point(210, 130)) == [90, 90, 90])
        // The same face turned by a quarter clockwise has its forehead at the right.
        let upright = try LiveGolden.load().face(at: "face")
        let turned = FaceShape(
            mesh: upright.mesh, landmarks: upright.landmarks.map { Point(210 - ($0.y - 130), 130 + $0.x - 210) })
        var picture = grey
        try FaceDebugger(items: [.boundingBox]).apply(on: &picture, face: turned, findings: findings)
        #expect(color(picture, Point(269, 130)) == [255, 100, 100] && color(picture, Point(210, 60)) == [255, 0, 0])
    }

    @Test
    func `the mask's outline is closed and thin, and follows the padding`() throws {
        let face = try LiveGolden.load().face(at: "face")
        let transform = AlignmentTemplate.arcface128.crop(for: face.points, size: 512)
        let outline = try drawn([.mask])
        // Every way out of the crop's middle meets the line.
        for angle in stride(from: Float(0), to: 6.28, by: 0.1) {
            let meets = stride(from: Float(0), to: 400, by: 0.5).contains { way in
                let point = transform(Point(256 + cos(angle) * way, 256 + sin(angle) * way))
                return color(outline, point) == [0, 255, 0]
            }
            #expect(meets)
        }
        #expect(color(outline, transform(Point(256, 256))) == [90, 90, 90])
        #expect(count(outline) < 4 * 2 * Int(512 * transform.scale + 4) * 2)
        var padded = MaskSettings()
        padded.padding = MaskPadding(top: 50, right: 0, bottom: 0, left: 0)
        var picture = grey
        try FaceDebugger(items: [.mask], masks: padded).apply(on: &picture, face: face)
        #expect(color(picture, transform(Point(256, 256))) != color(picture, transform(Point(256, 200))))
    }

    @Test
    func `score and age stand above the box`() throws {
        let values = try drawn([.values])
        let before = try drawn([])
        #expect(before.bytes == grey.bytes)
        let box = [150, 48, 200, 60]
        #expect(values.changes(from: grey, outside: box) == 0)
        #expect(values.samples(of: box, step: 1).contains(255))
    }

    @Test(arguments: [Float(-60), 480])
    func `score and age of a face at the frame's side are in the frame`(x: Float) throws {
        let face = try LiveGolden.load().face(at: "face")
        func pixels(_ box: Box) throws -> [Int] {
            var (picture, findings) = (grey, findings)
            findings.box = box
            let middle = Box(around: face.landmarks).center
            let moved = FaceShape(
                mesh: face.mesh, landmarks: face.landmarks.map { $0 + box.center - middle })
            try FaceDebugger(items: [.values]).apply(on: &picture, face: moved, findings: findings)
            let white = picture.bytes.count { $0 == 255 }
            return [count(picture), white]
        }
        let inside = try pixels(Box(x: 150, y: 60, width: 120, height: 140))
        #expect(try pixels(Box(x: x, y: 60, width: 120, height: 140)) == inside)
    }

    @Test
    func `with strength 0 nothing is drawn, with half half, and beyond the frame's edge nothing breaks`() throws {
        let items = Set(FaceDebuggerItem.allCases)
        let astronaut = try Golden.astronaut()
        #expect(try drawn(items, on: astronaut, strength: 0).bytes == astronaut.bytes)
        let point = try LiveGolden.load().face(at: "face").points.nose
        let half = color(try drawn([.alignmentPoints], strength: 0.5), point)
        #expect(half[0] == 45 && abs(Int(half[1]) - 172) <= 1 && half[2] == 45)
        let face = try LiveGolden.load().face(at: "face")
        for move in [Point(-200, -100), Point(300, 420), Point(9000, 0), Point(.nan, 0)] {
            let moved = FaceShape(mesh: face.mesh, landmarks: face.landmarks.map { $0 + move })
            var picture = grey
            try FaceDebugger(items: items).apply(on: &picture, face: moved)
        }
    }

    @Test
    func `into a video frame's planes the same is drawn as into a picture`() throws {
        let (width, height) = (512, 512)
        let half = width * height / 4
        var planes = [UInt8](repeating: 90, count: width * height) + [UInt8](repeating: 128, count: 2 * half)
        let before = planes
        let face = try LiveGolden.load().face(at: "large")
        let debugger = FaceDebugger(items: Set(FaceDebuggerItem.allCases))
        func draw(_ strength: Float) throws -> Crop {
            try planes.withUnsafeMutableBufferPointer { buffer in
                let start = try #require(buffer.baseAddress)
                var frame = PlanarYUV(
                    width: width, height: height, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1, chromaSitedLeft: false,
                    color: .bt601(fullRange: true), y: start, u: start + width * height,
                    v: start + width * height + half,
                    yStride: width, uvStride: width / 2)
                try debugger.apply(on: &frame, face: face, findings: findings, strength: strength)
                return frame.sample(.identity, width: width, height: height)
            }
        }
        _ = try draw(0)
        #expect(planes == before)
        let frame = try draw(1).luma
        var picture = grey
        try debugger.apply(on: &picture, face: face, findings: findings)
        let wanted = picture.sample(.identity, width: width, height: height).luma
        // Thin lines lose colour to half the resolution, their brightness stays.
        let drawn = wanted.values.indices.filter { abs(wanted.values[$0] - 90) > 10 }
        #expect(drawn.count > 1000)
        let gaps = drawn.map { abs(frame.values[$0] - wanted.values[$0]) }
        #expect(gaps.reduce(0, +) / Float(gaps.count) < 12)
        let others = wanted.values.indices.filter { abs(wanted.values[$0] - 90) < 1 }
        let changed = others.count { abs(frame.values[$0] - 90) > 12 }
        #expect(changed < others.count / 50)
    }
}
