// A face followed through a video, and how it is followed.

/// One face in one frame of a video, with its history.
package struct TrackedFace: Sendable {
    /// The same for the same face through the video, also after it was away for a moment; counted from 1.
    package let id: Int
    /// The face now: the smoothed mesh, and the embedding of the track once it is known.
    package let face: Face
    /// The mesh as measured, before smoothing; the held one while the face is lost.
    package let measured: FaceMesh
    /// For how many frames the face has been followed.
    package let age: Int
    /// For how many frames the face has not been seen: 0 when it is there, more while it is held where it is expected.
    package let lostFrames: Int
    /// How far to trust the place, 0…1: falls to 0 while a lost face is held, so that an effect can fade out.
    package let confidence: Float
}

/// How faces are followed.
package struct FaceTrackerOptions: Sendable {
    /// Frames from one detection to the next while faces are followed; new faces are seen at most so much later.
    package var detectionInterval = 10
    /// Frames from one detection to the next while there is no face at all.
    package var searchInterval = 3
    /// For how many seconds a lost face is held where it is expected.
    package var hold = 0.3
    /// For how many seconds a face that is away is remembered, to give it its number again.
    package var memory = 5.0
    /// The mesh's presence below which a face counts as lost.
    package var presence: Float = 0.5
    /// How the detector looks while faces are followed.
    package var detection = DetectionOptions.video
    /// How it looks in the first frame, after a cut, and at every tenth search while there is no face: also for small
    /// and turned faces.
    package var search = DetectionOptions()
    /// How meshes are smoothed; `nil` for not at all.
    package var smoothing: MeshSmoother.Parameters? = MeshSmoother.Parameters()
    /// How many faces are followed at most; the largest are kept.
    package var maximumFaces = 16

    /// Makes the default options.
    package init() {}
}
