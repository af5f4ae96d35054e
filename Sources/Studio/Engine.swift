// The engine as others call it: processes pictures and videos and looks at faces, on threads of its own.

internal import Errors
package import Faces
package import Inference
internal import Synchronization

/// What Masque does with faces. Knows nothing of jobs, users or HTTP.
///
/// An engine keeps loaded models and what it prepared from them; make one and share it. Its calls run on engine
/// threads, several at a time if asked, and stop soon after their task is cancelled.
package final class Engine: Sendable {
    /// Where models come from.
    package let library: ModelLibrary
    /// How models run on this machine.
    package let policy: ExecutionPolicy
    /// What is known of the mesh's vertices, worked out at the first swap.
    private let knownRegions = Mutex<MeshRegions?>(nil)

    /// Makes an engine.
    package init(library: ModelLibrary = .shared, policy: ExecutionPolicy = ExecutionPolicy()) {
        self.library = library
        self.policy = policy
    }

    /// Does what a request's processors do to a picture or a video; what the target is shows in its content, not in its name.
    ///
    /// - Parameter progress: told now and then, from engine threads.
    /// - Throws: ``MasqueError``: `.noFace`, `.refusedContent`, `.unsupportedMedia`, `.tooLarge`, `.outputExists`,
    ///   `.badInput`, `.stopped`, `.missingModel`, `.outOfSpace`; nothing is left behind then but the finished
    ///   parts in the request's `checkpoint`.
    package func process(
        _ request: MediaRequest, progress: @escaping @Sendable (MediaProgress) -> Void = { _ in }
    ) async throws -> MediaReport {
        try await onEngineThread("masque-swap") { flag in
            try MediaWork(engine: self, request: request, stop: flag, progress: progress).run()
        }
    }

    /// The faces of a picture, best first, with meshes, irises and identities; the picture passes the content gate.
    package func faces(inPicture path: String, detection: DetectionOptions = .picture) async throws -> FaceListing {
        try await onEngineThread("masque-faces") { _ in
            try FaceListing(path: path, engine: self, detection: detection)
        }
    }

    /// What a file is: a picture or a video, how large, how long, and whose faces it shows. Without faces no model is
    /// loaded and nothing is decoded but the beginning of a video.
    ///
    /// - Throws: ``MasqueError``: `.badInput`, `.unsupportedMedia`, `.tooLarge`, and with faces `.refusedContent`.
    package func inspect(_ request: InspectionRequest) async throws -> MediaInspection {
        try await onEngineThread("masque-inspect") { flag in
            try InspectionWork(engine: self, request: request, stop: flag).run()
        }
    }

    /// The models of faces, run as this engine runs them.
    var faceModels: FaceModels { FaceModels(library, policy: policy) }

    /// What the swap knows of the mesh's vertices; read and worked out once.
    ///
    /// - Throws: ``MasqueError`` (`missingModel` or `damagedModel`) when the mesh's description is not there.
    func regions() throws -> MeshRegions {
        try knownRegions.withLock { known in
            if let known { return known }
            let regions = try MeshRegions(FaceTopology.load())
            known = regions
            return regions
        }
    }
}
