// What an inspection asks and what it finds.

package import Faces
package import ImageIO
package import VideoIO

/// What is to be found out about a file.
package struct InspectionRequest: Sendable {
    /// The file.
    package var path: String
    /// Whether its faces are looked for.
    package var findsFaces: Bool
    /// The moment of a video whose frame is looked at, in seconds from its beginning: the first frame at or after it,
    /// the last one beyond the end. `nil`: the first frame with a face among those at which a swap looks that is told no
    /// frame; the first one when none of them shows a face.
    package var time: Double?
    /// The order in which faces are counted; the same as the swap's `selector.order` or `sourceOrder`.
    package var order = FaceOrder.largeSmall
    /// How hard faces are looked for; the same as the swap's.
    package var detection = DetectionOptions.picture
    /// A folder that is given `frame.jpg`, the picture or frame as people see it, `numbered.jpg`, the same with a box about
    /// each face and its number, counted from 1, and `face-0.jpg`, `face-1.jpg`…, a square about each face; `nil` writes
    /// nothing. Only with faces.
    package var pictureFolder: String?
    /// The longest side of `frame.jpg` and `numbered.jpg`, in pixels.
    package var frameSize = 960
    /// The side of a face's square, in pixels.
    package var faceSize = 160
    /// Bounds on pictures.
    package var pictureLimits = PictureLimits.default
    /// Bounds on videos.
    package var videoLimits = VideoLimits()

    /// Makes a request with the defaults.
    package init(path: String, findsFaces: Bool = false, time: Double? = nil) {
        self.path = path
        self.findsFaces = findsFaces
        self.time = time
    }
}

/// What was found out about a file.
package struct MediaInspection: Sendable, Codable {
    /// One face; its box is in pixels of the upright picture or frame, from the upper left corner.
    package struct Face: Sendable, Codable {
        /// The face's place in the order, from 0: what `MediaRequest.pairs` and positions in `map` name.
        package let number: Int
        package let x: Double
        package let y: Double
        package let width: Double
        package let height: Double
        /// The detector's score, 0…1.
        package let score: Double
        /// Where the face's square was written.
        package let picturePath: String?
    }

    /// The media type by content, such as "image/jpeg" or "video/mp4".
    package let mediaType: String
    /// Whether it is a video; GIFs are.
    package let isVideo: Bool
    /// Columns as people see it, after rotation.
    package let width: Int
    /// Rows as people see it, after rotation.
    package let height: Int
    /// Seconds, as the file promises; `nil` for pictures and where a video does not say.
    package let duration: Double?
    /// Frames a second in the mean; `nil` for pictures and where a video does not say.
    package let frameRate: Double?
    /// Frames, estimated without reading the whole file; 1 for a picture, `nil` where a video does not say.
    package let frames: Int?
    /// Whether a video has sound.
    package let hasSound: Bool
    /// The codec of a video's pictures, such as "h264".
    package let codec: String?
    /// The time of the frame that was looked at, in seconds; `nil` for pictures and without faces.
    package let frameTime: Double?
    /// The faces in order; `nil` when they were not looked for.
    package let faces: [Face]?
    /// Where the picture or frame was written.
    package let framePath: String?
}
