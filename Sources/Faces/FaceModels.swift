// The models of this module, loaded when first asked for.

package import Inference

/// Makes detectors, landmarkers and the like over a model library, which loads each model once.
///
/// Every call may load a model and blocks for as long.
package struct FaceModels: Sendable {
    private let library: ModelLibrary
    private let policy: ExecutionPolicy
    /// For graphs of about a millisecond: one thread, no choice of runtime.
    private let small: ExecutionPolicy

    /// Models of `library`, run as `policy` says.
    package init(_ library: ModelLibrary = .shared, policy: ExecutionPolicy = ExecutionPolicy()) {
        self.library = library
        self.policy = policy
        var small = ExecutionPolicy.small
        small.memory = policy.memory
        self.small = small
    }

    /// A loaded model by its id or the name of its file.
    func session(_ id: String) throws -> any InferenceSession { try library.session(id, policy: policy) }

    /// The default detector.
    package func detector() throws -> CenterFaceDetector {
        try CenterFaceDetector(session: library.session(CenterFaceDetector.model, policy: policy))
    }

    /// The fast detector for near faces.
    package func fastDetector() throws -> BlazeFaceDetector {
        try BlazeFaceDetector(session: library.session(BlazeFaceDetector.model, policy: small))
    }

    /// The dense landmarker.
    package func landmarker() throws -> FaceMeshLandmarker {
        try FaceMeshLandmarker(session: library.session(FaceMeshLandmarker.model, policy: small))
    }

    /// The iris landmarker.
    package func irisLandmarker() throws -> IrisLandmarker {
        try IrisLandmarker(session: library.session(IrisLandmarker.model, policy: small))
    }

    /// The identity model.
    package func embedder() throws -> DlibFaceEmbedder {
        try DlibFaceEmbedder(session: library.session(DlibFaceEmbedder.model, policy: policy))
    }

    /// The person segmenter.
    package func personSegmenter() throws -> PersonSegmenter {
        try PersonSegmenter(session: library.session(PersonSegmenter.model, policy: small))
    }

    /// A finder of faces in single pictures.
    ///
    /// - Parameters:
    ///   - detector: which detector, by default the one that comes with Masque.
    ///   - filter: faces get their attributes if it asks for any.
    package func finder(
        embeddings: Bool = true, irises: Bool = false, detector: (any FaceDetector)? = nil,
        filter: FaceFilter = FaceFilter()
    ) throws -> FaceFinder {
        FaceFinder(
            detector: try detector ?? self.detector(), landmarker: try landmarker(),
            embedder: embeddings ? try embedder() : nil, irisLandmarker: irises ? try irisLandmarker() : nil,
            classifier: filter.isEmpty ? nil : try classifier())
    }

    /// A tracker for one video; see ``finder(embeddings:irises:detector:filter:)``.
    package func tracker(
        embeddings: Bool = true, options: FaceTrackerOptions = FaceTrackerOptions(),
        detector: (any FaceDetector)? = nil, filter: FaceFilter = FaceFilter()
    ) throws -> FaceTracker {
        FaceTracker(
            detector: try detector ?? self.detector(), landmarker: try landmarker(), reacquirer: try fastDetector(),
            embedder: embeddings ? try embedder() : nil, classifier: filter.isEmpty ? nil : try classifier(),
            options: options)
    }
}
