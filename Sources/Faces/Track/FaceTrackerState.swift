// What a tracker remembers, so that another can go on where it stopped.

/// The memory of a ``FaceTracker`` between two frames: given to a tracker over the same models and options, it makes it go
/// on as the first would have. Its content is the tracker's own business; it can be stored.
package struct FaceTrackerState: Sendable, Codable {
    let tracks: [FaceTrack]
    let remembered: [FaceTrack]
    let nextID: Int
    let framesSinceDetection: Int
    let searches: Int
}
