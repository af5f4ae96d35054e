// A picture with a box about each face and its number beside it, for people to choose by.

internal import Faces
package import Pixels
internal import VideoIO

/// Draws boxes and numbers, each face in a colour of its own, legible when the picture is as wide as a phone.
package struct NumberedFaces: Sendable {
    /// A number's place beside its face.
    package struct Label: Sendable {
        /// From 1.
        package let number: Int
        /// The whole label with its rim, in pixels of the picture.
        package let place: Box
        /// The face's box, within the picture.
        package let face: Box
    }

    /// Bright, and far from each other also for people who see few colours.
    package static let colours: [(UInt8, UInt8, UInt8)] = [
        (255, 225, 50), (90, 230, 255), (255, 150, 220), (150, 255, 110), (255, 170, 70), (200, 180, 255),
        (255, 255, 255), (120, 255, 210),
    ]
    package static let dark: (UInt8, UInt8, UInt8) = (16, 16, 20)

    package let labels: [Label]
    /// Lines' thickness, in pixels.
    package let line: Float
    /// The labels' height without their rims.
    package let height: Float

    /// Finds places for the numbers of faces whose boxes are given in the order in which they are counted.
    ///
    /// Numbers stand outside of their boxes where there is room, within the picture always; they keep off each other and
    /// off faces as far as that goes.
    package init(_ faces: [Box], width: Int, height pictureHeight: Int) {
        let longest = Float(max(width, pictureHeight))
        line = max(2, (longest / 320).rounded())
        // Whole blocks, so that each figure's strokes are of one width; see `Canvas.number`.
        let block = max(2, (longest * (faces.count > 12 ? 0.0055 : 0.0075)).rounded())
        height = 7 * block
        let picture = Box(x: 0, y: 0, width: Float(width), height: Float(pictureHeight))
        let boxes = faces.map { $0.held(in: picture) }
        var labels: [Label] = []
        // Small faces have the fewest good places, so they choose first.
        for index in boxes.indices.sorted(by: { (boxes[$0].area, $0) < (boxes[$1].area, $1) }) {
            let size = (
                width: min(block * Float(4 * String(index + 1).count + 1) + 2 * line, picture.width),
                height: min(height + 2 * line, picture.height)
            )
            let place = Self.place(
                size, about: index, boxes: boxes, taken: labels.map(\.place), in: picture, gap: line)
            labels.append(Label(number: index + 1, place: place, face: boxes[index]))
        }
        self.labels = labels.sorted { $0.number < $1.number }
    }

    /// The place that covers least: other numbers count most, then faces, then the way to the own face.
    private static func place(
        _ size: (width: Float, height: Float), about index: Int, boxes: [Box], taken: [Box], in picture: Box, gap: Float
    ) -> Box {
        let box = boxes[index], area = size.width * size.height
        var best: (place: Box, cost: Float)?
        for ring in 0..<12 {
            let away = gap + Float(ring) * size.height * 0.75
            let left = box.x - away - size.width, right = box.x + box.width + away
            let top = box.y - away - size.height, bottom = box.y + box.height + away
            let (startX, endX) = (box.x, box.x + box.width - size.width)
            let (startY, endY) = (box.y, box.y + box.height - size.height)
            let (middleX, middleY) = (box.center.x - size.width / 2, box.center.y - size.height / 2)
            let corners = [
                (startX, top), (endX, top), (middleX, top), (startX, bottom), (endX, bottom), (middleX, bottom),
                (left, startY), (right, startY), (left, endY), (right, endY), (left, middleY), (right, middleY),
                (left, top), (right, top), (left, bottom), (right, bottom),
                // Within the own box, for faces that fill the picture.
                (startX + gap, startY + gap), (endX - gap, startY + gap), (startX + gap, endY - gap),
                (endX - gap, endY - gap),
            ]
            for (order, corner) in corners.enumerated() {
                let place = Box(x: corner.0, y: corner.1, width: size.width, height: size.height).moved(into: picture)
                var cost = Float(ring) * 0.1 + Float(order) * 0.002
                for other in taken { cost += 100 * place.common(with: other.grown(by: gap)) / area }
                for (number, face) in boxes.enumerated() {
                    cost += (number == index ? 1.5 : 3) * place.common(with: face) / area
                }
                // How far the number is from its face, against its own size.
                cost += 0.3 * place.distance(to: box) / size.height
                if best.map({ cost < $0.cost }) ?? true { best = (place, cost) }
            }
        }
        return best?.place ?? Box(x: 0, y: 0, width: size.width, height: size.height)
    }

    /// What numbers are drawn on: a small picture is enlarged first, so that they are not larger than its faces.
    ///
    /// - Parameters:
    ///   - shown: the picture with no side longer than `longest` pixels.
    package static func ground(for picture: Picture, shown: Picture, longest: Int) throws -> Picture {
        let side = max(picture.width, picture.height), wanted = min(640, longest)
        guard side < wanted else { return shown }
        let factor = Double(wanted) / Double(side)
        func scaled(_ side: Int) -> Int { max(1, Int((Double(side) * factor).rounded())) }
        return try picture.resized(width: scaled(picture.width), height: scaled(picture.height))
    }

    /// The picture with boxes and numbers.
    package func drawn(on picture: Picture) -> Picture {
        var canvas = Canvas(picture)
        let rim = max(1, (line / 2).rounded())
        for label in labels {
            let colour = Self.colours[(label.number - 1) % Self.colours.count]
            canvas.frame(label.face.grown(by: rim), thickness: line + 2 * rim, color: Self.dark)
            canvas.frame(label.face, thickness: line, color: colour)
        }
        for label in labels where label.place.distance(to: label.face) > 3 * line {
            let colour = Self.colours[(label.number - 1) % Self.colours.count]
            let (from, to) = (label.place.center, label.face.nearest(to: label.place.center))
            canvas.line(from: from, to: to, thickness: line + 2 * rim, color: Self.dark)
            canvas.line(from: from, to: to, thickness: line, color: colour)
        }
        for label in labels {
            let colour = Self.colours[(label.number - 1) % Self.colours.count]
            let place = label.place
            canvas.fill(place, Self.dark)
            canvas.number(
                label.number, at: Point(place.x + line, place.y + place.height - line),
                height: min(height, place.height - 2 * line), color: Self.dark, ground: colour)
        }
        return canvas.picture
    }
}

extension Box {
    /// The part of the box that lies in another, at least a pixel.
    fileprivate func held(in outer: Box) -> Box {
        let x0 = min(max(x, outer.x), outer.x + outer.width - 1), y0 = min(max(y, outer.y), outer.y + outer.height - 1)
        let x1 = min(max(x + width, x0 + 1), outer.x + outer.width)
        let y1 = min(max(y + height, y0 + 1), outer.y + outer.height)
        return Box(x: x0, y: y0, width: x1 - x0, height: y1 - y0)
    }

    /// A box of this size as near as possible that lies in another, on whole pixels.
    fileprivate func moved(into outer: Box) -> Box {
        Box(
            x: max(outer.x, min(x, outer.x + outer.width - width)).rounded(.down),
            y: max(outer.y, min(y, outer.y + outer.height - height)).rounded(.down), width: width, height: height)
    }

    fileprivate func grown(by margin: Float) -> Box {
        Box(x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin)
    }

    /// The box in a picture that is larger by a factor.
    func scaled(by factor: Float) -> Box {
        Box(x: x * factor, y: y * factor, width: width * factor, height: height * factor)
    }

    /// How many pixels both boxes have.
    fileprivate func common(with other: Box) -> Float {
        max(0, min(x + width, other.x + other.width) - max(x, other.x))
            * max(0, min(y + height, other.y + other.height) - max(y, other.y))
    }

    /// Pixels from one box to another; 0 when they touch.
    fileprivate func distance(to other: Box) -> Float {
        let dx = max(0, max(x, other.x) - min(x + width, other.x + other.width))
        let dy = max(0, max(y, other.y) - min(y + height, other.y + other.height))
        return Point(dx, dy).length
    }

    /// The box's point that is nearest to one.
    fileprivate func nearest(to point: Point) -> Point {
        Point(min(max(point.x, x), x + width), min(max(point.y, y), y + height))
    }
}
