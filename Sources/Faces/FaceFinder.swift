// All faces of a single picture.

package import Pixels

/// Finds the faces of single pictures with their meshes, and irises and identities if it has the models for them.
///
/// A value over loaded models; it keeps nothing from one picture to the next. Calls block.
package struct FaceFinder: Sendable {
    private let detector: any FaceDetector
    private let landmarker: any MeshLandmarker
    private let embedder: (any FaceEmbedder)?
    private let irisLandmarker: IrisLandmarker?
    private let classifier: FaceClassifier?
    /// The mesh's presence below which a detection is taken for a mistake.
    package static let presence: Float = 0.5

    /// Makes a finder; without `embedder`, `irisLandmarker` or `classifier` those parts of a face stay empty.
    package init(
        detector: any FaceDetector, landmarker: any MeshLandmarker, embedder: (any FaceEmbedder)? = nil,
        irisLandmarker: IrisLandmarker? = nil, classifier: FaceClassifier? = nil
    ) {
        self.detector = detector
        self.landmarker = landmarker
        self.embedder = embedder
        self.irisLandmarker = irisLandmarker
        self.classifier = classifier
    }

    /// Finds the faces of a picture, best score first.
    ///
    /// - Throws: ``MasqueError`` when a model fails; a picture without faces gives an empty list.
    package func faces(
        in surface: some Surface, options: DetectionOptions = .picture
    ) throws -> [Face] {
        var kept: [FaceMesh] = []
        return try detector.detect(in: surface, options: options).compactMap { detection in
            let mesh = try landmarker.mesh(of: detection, in: surface, refinements: 1)
            guard mesh.presence >= Self.presence, !kept.contains(where: { Self.isSame($0, mesh) }) else { return nil }
            kept.append(mesh)
            return Face(
                box: detection.box, score: detection.score, mesh: mesh,
                irises: try irisLandmarker?.irises(of: mesh, in: surface),
                embedding: try embedder?.embedding(of: mesh, in: surface),
                attributes: try classifier?.attributes(of: mesh.fivePoints, in: surface))
        }
    }

    /// Whether two meshes lie on one face: two detections of a large face, one of them off, end on the same mesh.
    private static func isSame(_ a: FaceMesh, _ b: FaceMesh) -> Bool {
        let size = min(max(a.box.width, a.box.height), max(b.box.width, b.box.height))
        return (a.box.center - b.box.center).length < 0.35 * size || a.box.overlap(b.box) > 0.35
    }
}
