// Golden data of the processors that neither swap nor restore (Tests/golden/live.py).

import Faces
import Foundation
import Inference
import Neural
import Pixels
import Testing

/// The index of Golden/live.
struct LiveGolden: Decodable {
    /// What a frame was made with, beside its model.
    struct How: Decodable {
        let factor: Float?
        let areas: [String]?
        let sliders: [String: Float]?
        let direction: Float?
        let morph: Float?
        let weight: Float?
        let occlude: Bool?
        let rate: String?
    }
    private struct Options: Decodable {
        let how: How
    }
    struct Turn: Decodable {
        let own: [Float]
        let how: [String: Float]
        let turn: [Float]
    }
    struct Rotation: Decodable {
        let turn: [Float]
        let matrix: [Float]
    }
    /// Every `step`-th column of the track's bands.
    struct Spectrogram: Decodable {
        let columns: Int
        let step: Int
        let values: [[Float]]
    }
    /// Every `step`-th sample of a voice.
    struct Voice: Decodable {
        let count: Int
        let step: Int
        let left: [Float]
        let right: [Float]
    }
    private let landmarks: [String: [[Float]]]
    private let frames: [String: Golden.Frame]
    private let options: [String: Options]
    /// What one slider adds to an expression in the middle of its range: coordinate → offset, by "slider value".
    let expressions: [String: [String: Float]]
    let turns: [Turn]
    let rotation: Rotation
    let spectrogram: Spectrogram?
    let voice: Voice?

    private enum CodingKeys: String, CodingKey {
        case landmarks, frames, expressions, turns, rotation, spectrogram, voice
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        landmarks = try values.decode([String: [[Float]]].self, forKey: .landmarks)
        frames = try values.decode([String: Golden.Frame].self, forKey: .frames)
        options = try values.decode([String: Options].self, forKey: .frames)
        expressions = try values.decode([String: [String: Float]].self, forKey: .expressions)
        turns = try values.decode([Turn].self, forKey: .turns)
        rotation = try values.decode(Rotation.self, forKey: .rotation)
        spectrogram = try values.decodeIfPresent(Spectrogram.self, forKey: .spectrogram)
        voice = try values.decodeIfPresent(Voice.self, forKey: .voice)
    }

    /// Reads the index.
    static func load() throws -> LiveGolden {
        try JSONDecoder().decode(
            LiveGolden.self, from: Data(contentsOf: Golden.folder.appending(path: "live/index.json")))
    }

    /// The golden track, mono at 16 kHz.
    static func track() throws -> [Float] {
        let data = [UInt8](try Data(contentsOf: Golden.folder.appending(path: "live/track.s16")))
        return stride(from: 0, to: data.count, by: 2).map { i in
            Float(Int16(bitPattern: UInt16(data[i]) | UInt16(data[i + 1]) << 8)) / 32768
        }
    }

    /// The 68 landmarks of a place.
    func points(at place: String) throws -> [Point] {
        try #require(landmarks[place]).map { Point($0[0], $0[1]) }
    }

    /// The face at a place; its mesh is one point, since nothing of it counts beside the landmarks.
    func face(at place: String) throws -> FaceShape {
        let count = FaceMesh.count
        let mesh = FaceMesh(
            points: [Point](repeating: Point(-1, -1), count: count), depths: [Float](repeating: 0, count: count),
            presence: 1)
        return FaceShape(mesh: mesh, landmarks: try points(at: place))
    }

    /// What a frame was made with.
    func how(_ name: String) throws -> How { try #require(options[name]).how }

    /// Makes a frame over the astronaut and expects it to be the golden one.
    func check(
        _ name: String, least: Float = 3, _ make: (inout Picture, FaceShape, How) throws -> Void
    ) throws {
        let frame = try #require(frames[name])
        let before = try Golden.astronaut()
        var result = before
        try make(&result, face(at: frame.place), how(name))
        try frame.check(result, from: before, name: "live/" + name, least: least)
    }

    /// A stand-in of this folder.
    static func session(_ name: String) throws -> any InferenceSession { try StandIn.session("live/" + name) }

    /// LivePortrait's main graphs.
    static func livePortrait() throws -> LivePortraitNetwork {
        try LivePortraitNetwork(
            featureExtractor: session("live_portrait_feature_extractor"),
            motionExtractor: session("live_portrait_motion_extractor"), generator: session("live_portrait_generator"))
    }
}
