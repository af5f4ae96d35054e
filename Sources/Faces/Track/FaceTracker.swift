// Faces followed through a video.

internal import Foundation
package import Pixels

/// Follows faces from frame to frame.
///
/// Life cycle: one tracker for one video, fed with every frame in order by ``update(surface:time:sceneCut:)``; it keeps
/// meshes and identities but no pixels, so its memory does not grow. Each frame costs one run of the landmarker for
/// each face; the detector runs every few frames, at scene cuts, and when a face is lost; the embedder runs once for
/// each new or re-found face. Calls block, so never from the cooperative pool.
package struct FaceTracker {
    private let detector: any FaceDetector
    private let reacquirer: (any FaceDetector)?
    private let landmarker: any MeshLandmarker
    private let embedder: (any FaceEmbedder)?
    private let classifier: FaceClassifier?
    private let options: FaceTrackerOptions

    /// Faces that are there or held.
    private var tracks: [FaceTrack] = []
    /// Faces that went away, by when they were last seen.
    private var remembered: [FaceTrack] = []
    private var nextID = 1
    private var framesSinceDetection = Int.max / 2
    /// Detections since the start or the last cut that were made while there was no face.
    private var searches = 0

    /// Makes a tracker.
    ///
    /// - Parameters:
    ///   - detector: finds new faces.
    ///   - landmarker: follows them.
    ///   - reacquirer: a fast detector that is asked first when a face was lost.
    ///   - embedder: says who a face is, once for each track; without it tracks have no embedding and a face that was
    ///     away gets a new number.
    ///   - classifier: says how old a face looks and the like, once for each track; without it tracks have no attributes.
    package init(
        detector: any FaceDetector, landmarker: any MeshLandmarker, reacquirer: (any FaceDetector)? = nil,
        embedder: (any FaceEmbedder)? = nil, classifier: FaceClassifier? = nil,
        options: FaceTrackerOptions = FaceTrackerOptions()
    ) {
        self.detector = detector
        self.landmarker = landmarker
        self.reacquirer = reacquirer
        self.embedder = embedder
        self.classifier = classifier
        self.options = options
    }

    /// All that the tracker remembers, without models and options.
    package var state: FaceTrackerState {
        get {
            FaceTrackerState(
                tracks: tracks, remembered: remembered, nextID: nextID, framesSinceDetection: framesSinceDetection,
                searches: searches)
        }
        set {
            tracks = newValue.tracks
            remembered = newValue.remembered
            nextID = newValue.nextID
            framesSinceDetection = newValue.framesSinceDetection
            searches = newValue.searches
        }
    }

    /// Follows all faces into the next frame.
    ///
    /// - Parameters:
    ///   - surface: the frame.
    ///   - time: its time in seconds, not before the last frame's.
    ///   - sceneCut: whether this frame begins a new scene: nothing is followed across a cut.
    /// - Returns: the faces that are there, and those lost for a moment where they are expected; by age, oldest first.
    /// - Throws: ``MasqueError`` when a model fails; the tracker can be used further.
    package mutating func update(
        surface: some Surface, time: Double, sceneCut: Bool = false
    ) throws -> [TrackedFace] {
        if sceneCut {
            remembered += tracks
            tracks = []
            searches = 0
        }
        framesSinceDetection += sceneCut ? Int.max / 2 - framesSinceDetection : 1
        try follow(in: surface, at: time)

        let hasLost = tracks.contains { $0.lostFrames > 0 }
        let interval = detectionInterval
        if hasLost, framesSinceDetection < interval, let reacquirer {
            try associate(
                reacquirer.detect(in: surface, options: options.detection), in: surface, at: time, full: false)
        }
        if framesSinceDetection >= interval || tracks.contains(where: { $0.lostFrames > 0 }) {
            framesSinceDetection = 0
            let detections = try detector.detect(in: surface, options: nextDetection())
            try associate(detections, in: surface, at: time, full: true)
        }
        forget(at: time)
        return tracks.map { output($0, at: time) }
    }

    /// Frames from one detection to the next as things stand; short while the detector doubts a followed face.
    private var detectionInterval: Int {
        if tracks.isEmpty { return options.searchInterval }
        return tracks.contains { $0.unconfirmed > 0 } ? min(3, options.detectionInterval) : options.detectionInterval
    }

    /// How to detect this time: with care at the start, after a cut, and now and then while there is no face.
    private mutating func nextDetection() -> DetectionOptions {
        guard tracks.isEmpty else { return options.detection }
        defer { searches += 1 }
        return searches % 10 == 0 ? options.search : options.detection
    }

    // MARK: Following

    private mutating func follow(in surface: some Surface, at time: Double) throws {
        for i in tracks.indices {
            tracks[i].age += 1
            let expected = tracks[i].expected(at: time)
            let mesh = try landmarker.mesh(following: tracks[i].anchored(expected), in: surface)
            if mesh.presence >= options.presence,
                tracks[i].accepts(mesh, expected: expected, width: surface.width, height: surface.height)
            {
                // A face found again by chance where it was held is confirmed by the next detection.
                tracks[i].see(mesh, at: time)
                try identify(&tracks[i], in: surface)
            } else {
                tracks[i].lostFrames += 1
            }
        }
        dropDoubles()
    }

    /// Takes the identity of a face again that was turned far to the side when it was first taken.
    private func identify(_ track: inout FaceTrack, in surface: some Surface) throws {
        guard track.embeddingYaw > 30, let embedder else { return }
        let yaw = abs(FaceAngles(of: track.measured).yaw)
        guard yaw < 15 else { return }
        track.embedding = try embedder.embedding(of: track.measured, in: surface)
        track.attributes = try classifier?.attributes(of: track.measured.fivePoints, in: surface)
        track.embeddingYaw = yaw
    }

    /// Two tracks on one face: the younger goes.
    private mutating func dropDoubles() {
        var kept: [FaceTrack] = []
        for track in tracks {
            let points = track.smoothed.fivePoints
            let isDouble = kept.contains { other in
                let others = other.smoothed.fivePoints
                return points.distance(to: others) < 0.35 * min(points.size, others.size)
            }
            if !isDouble { kept.append(track) }
        }
        tracks = kept
    }

    // MARK: Detections

    private mutating func associate(
        _ detections: [Detection], in surface: some Surface, at time: Double, full: Bool
    ) throws {
        var free = detections
        for i in tracks.indices {
            let mesh = tracks[i].lostFrames > 0 ? tracks[i].expected(at: time) : tracks[i].measured
            // A lost face may have moved: the longer it is lost, the farther it is looked for.
            let reach: Float = 0.6 + 0.15 * Float(min(tracks[i].lostFrames, 8))
            let nearest = free.indices.min { mesh.offset(from: free[$0]) < mesh.offset(from: free[$1]) }
            guard let nearest, mesh.offset(from: free[nearest]) < reach else {
                if full, tracks[i].lostFrames == 0 { tracks[i].unconfirmed += 1 }
                continue
            }
            let detection = free.remove(at: nearest)
            tracks[i].unconfirmed = 0
            tracks[i].score = detection.score
            let drifted = mesh.offset(from: detection) > 0.3
            guard tracks[i].lostFrames > 0 || drifted else { continue }
            let found = try landmarker.mesh(of: detection, in: surface, refinements: 1)
            guard isFace(found, in: surface) else { continue }
            if tracks[i].lostFrames == 0, found.offset(from: detection) >= mesh.offset(from: detection) { continue }
            let wasLost = tracks[i].lostFrames > 0
            if wasLost, let known = tracks[i].embedding, let embedder {
                let embedding = try embedder.embedding(of: found, in: surface)
                // Someone else stands there now: the lost face stays lost, the new one gets its own track.
                guard embedding.distance(to: known) < FaceEmbedding.samePersonDistance else {
                    free.append(detection)
                    continue
                }
            }
            tracks[i].see(found, at: time)
        }
        guard full else { return }
        for detection in free where tracks.count < options.maximumFaces {
            try begin(detection, in: surface, at: time)
        }
        dropDoubles()
    }

    private func isFace(_ mesh: FaceMesh, in surface: some Surface) -> Bool {
        mesh.presence >= options.presence && mesh.fivePoints.size > 3
            && mesh.liesIn(width: surface.width, height: surface.height)
    }

    private mutating func begin(_ detection: Detection, in surface: some Surface, at time: Double) throws {
        let mesh = try landmarker.mesh(of: detection, in: surface, refinements: 1)
        // The mesh must lie on the face that the detector saw.
        guard isFace(mesh, in: surface), mesh.offset(from: detection) < 0.6 else { return }
        let embedding = try embedder?.embedding(of: mesh, in: surface)
        let id = revivedID(embedding) ?? nextID
        if id == nextID { nextID += 1 }
        var track = FaceTrack(
            id: id, mesh: mesh, score: detection.score, time: time, smoothing: options.smoothing)
        track.embedding = embedding
        track.embeddingYaw = abs(FaceAngles(of: mesh).yaw)
        track.attributes = try classifier?.attributes(of: mesh.fivePoints, in: surface)
        tracks.append(track)
    }

    /// The number of the remembered face that this is, which is then no longer remembered.
    private mutating func revivedID(_ embedding: FaceEmbedding?) -> Int? {
        guard let embedding else { return nil }
        let distances = remembered.map { $0.embedding?.distance(to: embedding) ?? .infinity }
        guard let nearest = distances.indices.min(by: { distances[$0] < distances[$1] }),
            distances[nearest] < FaceEmbedding.samePersonDistance
        else { return nil }
        return remembered.remove(at: nearest).id
    }

    // MARK: Ends

    private mutating func forget(at time: Double) {
        // A mesh that no detection confirms has left its face, sooner if the mesh itself is not quite sure.
        let gone = tracks.filter { track in
            let patience = track.measured.presence < 0.999 ? 3 : 8
            return time - track.lastSeen > options.hold || track.unconfirmed >= patience
        }
        if !gone.isEmpty {
            tracks.removeAll { track in gone.contains { $0.id == track.id } }
            remembered += gone
        }
        let memory = options.memory
        remembered.removeAll { time - $0.lastSeen > memory }
    }

    private func output(_ track: FaceTrack, at time: Double) -> TrackedFace {
        let mesh = track.lostFrames > 0 ? track.expected(at: time) : track.smoothed
        let confidence: Float
        if track.lostFrames > 0 {
            confidence = options.hold > 0 ? Float(max(0, 1 - (time - track.lastSeen) / options.hold)) : 0
        } else {
            confidence = track.measured.presence
        }
        return TrackedFace(
            id: track.id,
            face: Face(
                box: mesh.box, score: track.score, mesh: mesh, embedding: track.embedding,
                attributes: track.attributes),
            measured: track.measured, age: track.age, lostFrames: track.lostFrames, confidence: confidence)
    }
}
