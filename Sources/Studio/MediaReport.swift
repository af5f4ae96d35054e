// What finished work on a picture or video says of itself.

/// The result of processing a picture or video, for people and (as JSON) for programs.
package struct MediaReport: Sendable, Codable {
    /// One face of a picture that was worked on, or one followed face of a video.
    package struct SwappedFace: Sendable, Codable {
        /// The face's place in the order in which faces of the picture are counted (`masque faces --order`), or the
        /// number of the followed face of a video by when it came; from 0.
        package let number: Int
        /// The source that it became, from 1; `nil` when no processor swapped it.
        package let source: Int?
        /// Identity distance (Euclidean, same person below 0.6) from the source to the target's own face.
        package let distanceBefore: Float?
        /// The same from the source to the result.
        package let distanceAfter: Float?
        /// Mean distance of the result's landmarks from the target's, in hundredths of the distance between the eyes.
        package let landmarkError: Float?
    }
    /// Seconds spent in one stage, added over all frames; stages run side by side.
    package struct Stage: Sendable, Codable {
        package let name: String
        package let seconds: Double
        /// Of them, those in which the stage's own threads held a core: without waits, and without the helper threads
        /// of codecs and models.
        package let processorSeconds: Double
    }

    /// Where the result lies.
    package let output: String
    /// `picture` or `video`.
    package let kind: String
    /// Columns of the result as it is shown.
    package let width: Int
    /// Rows of the result as it is shown.
    package let height: Int
    /// Faces that were found in the target (of a video: followed).
    package let facesFound: Int
    /// The faces that were worked on.
    package let swapped: [SwappedFace]
    /// Frames of a video, 1 for a picture.
    package let frames: Int
    /// Frames in which at least one face was worked on.
    package let framesSwapped: Int
    /// Wall-clock seconds of all the work.
    package let seconds: Double
    /// Where they went.
    package let stages: [Stage]
    /// Things a person should know, as sentences.
    package let warnings: [String]
}

/// How far a swap has come.
package struct MediaProgress: Sendable {
    /// What is being done.
    package enum Stage: String, Sendable {
        case loading, checking, analysing, swapping, finishing
    }
    package let stage: Stage
    /// 0…1 of this stage.
    package let fraction: Double
    /// Frames done and expected, in videos.
    package let frame: Int
    package let frames: Int
    /// How many previews were written so far; when it grows, `preview.jpg` in the request's folder is new.
    package let previews: Int
}
