// Finds out what a file is and whose faces it shows.

internal import Errors
internal import Faces
internal import Files
internal import Foundation
internal import ImageIO
internal import Inference
internal import Pixels
internal import VideoIO

/// One inspection, on the calling thread.
struct InspectionWork {
    let engine: Engine
    let request: InspectionRequest
    let stop: CancellationFlag

    func run() throws -> MediaInspection {
        if let time = request.time, !(time.isFinite && time >= 0) {
            throw MasqueError(.badInput, "The time \(time) is not a moment of a video.")
        }
        let head = try fileHead(request.path)
        if PictureFormat(sniffing: head) != nil { return try picture() }
        return try video(head)
    }

    private var name: String { URL(fileURLWithPath: request.path).lastPathComponent }

    private func picture() throws -> MediaInspection {
        let header = try PictureHeader(path: request.path, limits: request.pictureLimits)
        var found: (faces: [MediaInspection.Face], framePath: String?)?
        if request.findsFaces {
            let (picture, _) = try decodePicture(at: request.path, limits: request.pictureLimits)
            let gate = try ContentGate(engine.library, policy: engine.policy)
            let finder = try engine.faceModels.finder(embeddings: false)
            let faces = try finder.faces(in: picture, options: request.detection)
            try gate.check(picture, faces: faces, role: "picture", name: name)
            try stop.check()
            found = try written(request.order.sorted(faces).map { ($0.box, $0.score) }, on: picture)
        }
        return MediaInspection(
            mediaType: header.format.mediaType, isVideo: false, width: header.width, height: header.height,
            duration: nil, frameRate: nil, frames: 1, hasSound: false, codec: nil, frameTime: nil, faces: found?.faces,
            framePath: found?.framePath)
    }

    private func video(_ head: [UInt8]) throws -> MediaInspection {
        let reader = try VideoReader(path: request.path, limits: request.videoLimits)
        let info = reader.info
        var found: (faces: [MediaInspection.Face], framePath: String?)?
        var time: Double?
        if request.findsFaces {
            let (frame, faces) = try look(into: reader)
            try stop.check()
            time = frame.seconds
            let gate = try ContentGate(engine.library, policy: engine.policy)
            let shown = VideoWork.turns(for: info.rotation, wanted: [.upright])[0]
            let score = try frame.withPlanes { try gate.score(of: $0, boxes: faces.map(\.box), turn: shown) }
            guard score < ContentGate.threshold else { throw ContentGate.refusal(role: "video", name: name) }
            let boxes = request.order.sorted(faces).map {
                ($0.box.turned(info.rotation, width: frame.width, height: frame.height), $0.score)
            }
            let picture = try frame.picture(rotation: info.rotation)
            found = try written(boxes, on: picture)
        }
        return MediaInspection(
            mediaType: Self.mediaType(info, head: head), isVideo: true, width: info.displayWidth,
            height: info.displayHeight, duration: info.duration > 0 ? info.duration : nil,
            frameRate: info.frameRate.isKnown ? info.frameRate.value : nil,
            frames: info.frameCountEstimate > 0 ? info.frameCountEstimate : nil, hasSound: !info.audio.isEmpty,
            codec: info.codec, frameTime: time, faces: found?.faces, framePath: found?.framePath)
    }

    /// The frame that was asked for and its faces.
    private func look(into reader: VideoReader) throws -> (VideoFrame, [Face]) {
        let finder = try engine.faceModels.finder(embeddings: false)
        var options = request.detection
        options.turns = VideoWork.turns(for: reader.info.rotation, wanted: options.turns)
        func faces(in frame: VideoFrame) throws -> [Face] {
            try frame.withPlanes { try finder.faces(in: $0, options: options) }
        }
        if let time = request.time {
            let frame = try reader.frame(at: time)
            try stop.check()
            return (frame, try faces(in: frame))
        }
        var first: (VideoFrame, [Face])?
        let began = ContinuousClock.now
        let found = try ReferenceFrames.search(reader) { frame in
            try stop.check()
            let seen = try faces(in: frame)
            if first == nil { first = (frame, seen) }
            if !seen.isEmpty { return .some((frame, seen)) }
            return ContinuousClock.now - began > Self.longestSearch ? first : nil
        }
        guard let chosen = found ?? first else {
            throw MasqueError(.unsupportedMedia, "“\(name)” is damaged: not one frame of it could be decoded.")
        }
        return chosen
    }

    /// Somebody waits for the answer.
    private static let longestSearch = Duration.seconds(8)

    /// Numbers the faces and writes the pictures that were asked for.
    private func written(
        _ faces: [(box: Box, score: Float)], on picture: Picture
    ) throws -> (faces: [MediaInspection.Face], framePath: String?) {
        let options = ImageIO.EncodeOptions(quality: 82)
        var framePath: String?
        if let folder = request.pictureFolder {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let path = folder + "/frame.jpg"
            let shown = try picture.shrunk(longest: max(16, request.frameSize))
            try writePicture(shown, to: path, options: options, overwrite: true)
            framePath = path
            let canvas = try NumberedFaces.ground(for: picture, shown: shown, longest: request.frameSize)
            let factor = Float(canvas.width) / Float(picture.width)
            let numbered = NumberedFaces(
                faces.map { $0.box.scaled(by: factor) }, width: canvas.width, height: canvas.height)
            try writePicture(
                numbered.drawn(on: canvas), to: folder + "/numbered.jpg", options: options, overwrite: true)
        }
        let list = try faces.enumerated().map { number, face in
            var path: String?
            if let folder = request.pictureFolder {
                let name = folder + "/face-\(number).jpg"
                try writePicture(
                    picture.square(about: face.box, size: max(16, request.faceSize)), to: name, options: options,
                    overwrite: true)
                path = name
            }
            return MediaInspection.Face(
                number: number, x: Double(face.box.x), y: Double(face.box.y), width: Double(face.box.width),
                height: Double(face.box.height), score: Double(face.score), picturePath: path)
        }
        return (list, framePath)
    }

    /// The media type of a container; of the QuickTime family the brand in the file's first box decides.
    private static func mediaType(_ info: VideoInfo, head: [UInt8]) -> String {
        switch info.container {
        case "mov":
            let brand = String(decoding: head.dropFirst(8).prefix(4), as: UTF8.self)
            if brand.hasPrefix("3g") { return "video/3gpp" }
            return brand == "qt  " || !head.dropFirst(4).starts(with: "ftyp".utf8) ? "video/quicktime" : "video/mp4"
        case "matroska":
            return String(decoding: head.prefix(64), as: UTF8.self).contains("webm") ? "video/webm" : "video/x-matroska"
        case "avi": return "video/x-msvideo"
        case "gif": return "image/gif"
        case "apng": return "image/apng"
        case "mpegts": return "video/mp2t"
        case "mpeg", "mpegvideo": return "video/mpeg"
        case "flv": return "video/x-flv"
        case "ogg": return "video/ogg"
        case "asf": return "video/x-ms-wmv"
        case "mxf": return "application/mxf"
        default: return "video/" + info.container
        }
    }
}

extension Box {
    /// The box after a frame of `width`×`height` pixels was turned clockwise by `degrees`.
    func turned(_ degrees: Int, width frameWidth: Int, height frameHeight: Int) -> Box {
        let (w, h) = (Float(frameWidth), Float(frameHeight))
        return switch degrees {
        case 90: Box(x: h - y - height, y: x, width: height, height: width)
        case 180: Box(x: w - x - width, y: h - y - height, width: width, height: height)
        case 270: Box(x: y, y: w - x - width, width: height, height: width)
        default: self
        }
    }
}

extension Picture {
    /// A square of `size` pixels with the box in its middle half.
    func square(about box: Box, size: Int) -> Picture {
        let side = max(box.width, box.height, 4) * 1.7
        let crop = sample(.crop(center: box.center, side: side, angle: 0, size: size), width: size, height: size)
        let count = size * size
        var bytes = [UInt8](repeating: 0, count: 3 * count)
        for i in 0..<count {
            for channel in 0..<3 {
                bytes[3 * i + channel] = UInt8(max(0, min(255, crop.values[channel * count + i].rounded())))
            }
        }
        return Picture(width: size, height: size, channels: 3, bytes: bytes)
    }
}
