// The faces of an input on the wire, with their small pictures as data URLs.

internal import WorkerProtocol

/// Schema `Faces`.
struct FacesJSON: Encodable, Sendable {
    let media: MediaJSON
    let faces: [FaceJSON]
    @OrNull var frame: String?
}

/// Schema `Media`.
struct MediaJSON: Encodable, Sendable {
    let mediaType: String
    let isVideo: Bool
    let width: Int
    let height: Int
    @OrNull var duration: Double?
    @OrNull var fps: Double?

    enum CodingKeys: String, CodingKey {
        case mediaType = "media_type"
        case isVideo = "is_video"
        case width, height, duration, fps
    }

    init(_ facts: MediaFacts) {
        mediaType = facts.mediaType
        isVideo = facts.isVideo
        width = facts.width
        height = facts.height
        duration = facts.duration
        fps = facts.framesPerSecond
    }
}

/// Schema `Face`.
struct FaceJSON: Encodable, Sendable {
    let number: Int
    let x: Double
    let y: Double
    let width: Double
    let height: Double
    let score: Double
    @OrNull var image: String?

    init(_ face: FaceFacts, image: String?) {
        number = face.number
        x = face.x
        y = face.y
        width = face.width
        height = face.height
        score = min(1, max(0, face.score))
        self.image = image
    }
}
