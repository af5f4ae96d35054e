// Draws what is known of a face into its frame.

package import Faces
internal import Foundation
package import Pixels

/// What is drawn; names are FaceFusion's (`--face-debugger-items`), and one more.
package enum FaceDebuggerItem: String, Sendable, CaseIterable {
    /// The box, in red, the side of the forehead lighter and thicker.
    case boundingBox = "bounding-box"
    /// The detector's five points, in red.
    case fivePoints = "face-landmark-5"
    /// The five points that crops are aligned by, in green; in cyan where they are the detector's.
    case alignmentPoints = "face-landmark-5/68"
    /// The 68 landmarks, in green; in cyan where they are the mesh's.
    case landmarks = "face-landmark-68"
    /// The mesh's own 68 points, in cyan.
    case meshLandmarks = "face-landmark-68/5"
    /// The outline of the mask that holds a swap, in green.
    case mask = "face-mask"
    /// Score and age, as whole numbers above the box; not in FaceFusion.
    case values
}

/// What is known of a face beside its shape.
package struct FaceFindings: Sendable {
    /// The detector's box.
    package var box: Box?
    /// The detector's score, 0…1.
    package var score: Float?
    /// The detector's own five points.
    package var points: FivePoints?
    /// About how old the face looks, in years.
    package var age: Int?

    /// Nothing known.
    package init(box: Box? = nil, score: Float? = nil, points: FivePoints? = nil, age: Int? = nil) {
        self.box = box
        self.score = score
        self.points = points
        self.age = age
    }
}

/// Draws into pictures and video frames alike. Needs no model beyond those of its masks.
package struct FaceDebugger: Sendable {
    /// The files that must be there: none.
    package static let files: [String] = []

    package let items: Set<FaceDebuggerItem>
    private let masks: FaceMasks

    private typealias Color = (UInt8, UInt8, UInt8)
    private static let red: Color = (255, 0, 0), pink: Color = (255, 100, 100), green: Color = (0, 255, 0)
    private static let cyan: Color = (0, 255, 255), white: Color = (255, 255, 255)

    /// Side of the crop in which the mask is made, in pixels.
    private static let side = 512

    /// Makes a debugger; the box of the masks is drawn without its softness.
    package init(
        items: Set<FaceDebuggerItem> = [.alignmentPoints, .mask], masks settings: MaskSettings = MaskSettings(),
        occluders: [OcclusionModel] = [], parser: FaceParser? = nil
    ) {
        var settings = settings
        settings.blur = 0
        self.items = items
        masks = FaceMasks(settings: settings, occluders: occluders, parser: parser)
    }

    /// Draws one face's items. Without items, or with a strength of 0, nothing is changed.
    ///
    /// - Parameters:
    ///   - findings: what is known beside the shape; a box that is missing is drawn about the landmarks.
    ///   - strength: 0 leaves the frame as it is, 1 draws in full colours.
    /// - Throws: ``MasqueError`` when a mask's model fails; the surface is then as it was.
    package func apply(
        on surface: inout some Surface, face: FaceShape, findings: FaceFindings = FaceFindings(), strength: Float = 1
    ) throws {
        guard strength > 0, !items.isEmpty else { return }
        let scale = Float(min(max((Float(surface.height) / 270).rounded(), 1), 10))
        let box = findings.box ?? Box(around: face.landmarks)
        let transform = AlignmentTemplate.arcface128.crop(for: face.points, size: Self.side)
        let last = Float(Self.side - 1)
        let corners = [Point(0, 0), Point(last, 0), Point(0, last), Point(last, last)].map { transform($0) }
        let ends = [Point(box.x, box.y), Point(box.x + box.width, box.y + box.height)]
        let mesh = face.mesh.points68
        let all = Box(
            around: corners + ends + face.landmarks + (findings.points?.all ?? [])
                + (items.contains(.meshLandmarks) ? mesh : []))
        let text = max(10, 6 * scale)
        let margin = 2 * scale + text + 2
        func cut(_ value: Float, _ limit: Int) -> Int { value.isFinite ? Int(min(max(value, 0), Float(limit))) : 0 }
        let (x0, y0) = (cut(all.x - margin, surface.width), cut(all.y - margin, surface.height))
        let (x1, y1) = (
            cut(all.x + all.width + margin, surface.width), cut(all.y + all.height + margin, surface.height)
        )
        guard x0 < x1, y0 < y1 else { return }
        let shift = Point(-Float(x0), -Float(y0))
        var canvas = Canvas(width: x1 - x0, height: y1 - y0)

        if items.contains(.boundingBox) {
            let moved = Box(x: box.x + shift.x, y: box.y + shift.y, width: box.width, height: box.height)
            canvas.frame(moved, thickness: scale, color: Self.red)
            let (from, to) = Self.foreheadSide(of: moved, quarter: Self.quarter(of: face.landmarks))
            canvas.line(from: from, to: to, thickness: scale + 1, color: Self.pink)
        }
        if items.contains(.mask) {
            let crop = surface.sample(transform, width: Self.side, height: Self.side)
            let mask = try masks.mask(target: crop, result: crop, face: face, transform: transform)
            outline(mask, through: transform, shift: shift, scale: scale, on: &canvas)
        }
        func dots(_ points: [Point], _ color: Color) {
            for point in points { canvas.dot(point + shift, radius: scale, color: color) }
        }
        if items.contains(.meshLandmarks) { dots(mesh, Self.cyan) }
        if items.contains(.landmarks) { dots(face.landmarks, face.landmarks == mesh ? Self.cyan : Self.green) }
        if items.contains(.fivePoints) { dots((findings.points ?? face.mesh.fivePoints).all, Self.red) }
        if items.contains(.alignmentPoints) {
            dots(face.points.all, findings.points == face.points ? Self.cyan : Self.green)
        }
        if items.contains(.values) {
            let score = findings.score.flatMap { $0.isFinite ? Int(min(max($0 * 100, 0), 100).rounded()) : nil }
            let values = [(score, Self.white), (findings.age, Self.pink)].compactMap { value, color in
                value.map { (value: $0, color: color, width: text * Float(4 * String($0).count + 2) / 7) }
            }
            // A face at the frame's edge has its numbers in the frame all the same.
            let room = (Float(canvas.picture.width) - values.reduce(0) { $0 + $1.width }).rounded(.down)
            var corner = Point(box.x, box.y) + shift
            corner.x = max(min(corner.x, room), 0)
            for (value, color, width) in values {
                canvas.number(value, at: corner, height: text, color: color)
                corner.x += width
            }
        }
        canvas.lay(over: &surface, x: x0, y: y0, strength: strength)
    }

    /// Draws the edge of where a mask of the crop is above 100/255.
    private func outline(
        _ mask: Plane, through transform: Affine, shift: Point, scale: Float, on canvas: inout Canvas
    ) {
        let (width, height) = (canvas.picture.width, canvas.picture.height)
        let inverse = transform.inverse
        let last = Float(Self.side - 1)
        var inside = [Bool](repeating: false, count: width * height)
        for y in 0..<height {
            for x in 0..<width {
                let place = inverse(Point(Float(x), Float(y)) - shift)
                guard place.x >= 0, place.y >= 0, place.x <= last, place.y <= last else { continue }
                inside[y * width + x] = mask.value(at: place) > 100.0 / 255
            }
        }
        for y in 0..<height {
            for x in 0..<width where inside[y * width + x] {
                let i = y * width + x
                let isEdge =
                    x > 0 && !inside[i - 1] || x < width - 1 && !inside[i + 1] || y > 0 && !inside[i - width]
                    || y < height - 1 && !inside[i + width]
                if isEdge { canvas.dot(Point(Float(x), Float(y)), radius: scale / 2, color: Self.green) }
            }
        }
    }

    /// By how many quarter turns, clockwise, the line from the one end of the jaw to the other is turned.
    private static func quarter(of landmarks: [Point]) -> Int {
        let line = landmarks[16] - landmarks[0]
        let angle = atan2(line.y, line.x)
        guard angle.isFinite else { return 0 }
        return (Int((angle / (.pi / 2)).rounded()) + 4) % 4
    }

    private static func foreheadSide(of box: Box, quarter: Int) -> (Point, Point) {
        let (x0, y0, x1, y1) = (box.x, box.y, box.x + box.width - 1, box.y + box.height - 1)
        switch quarter {
        case 1: return (Point(x1, y0), Point(x1, y1))
        case 2: return (Point(x0, y1), Point(x1, y1))
        case 3: return (Point(x0, y0), Point(x0, y1))
        default: return (Point(x0, y0), Point(x1, y0))
        }
    }
}
