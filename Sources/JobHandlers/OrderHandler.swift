// Does orders with the engine: the only place where a job meets it.

internal import Errors
internal import Faces
internal import Foundation
package import Inference
internal import JobQueue
internal import Studio
internal import VideoIO
package import WorkerProtocol

/// Does orders, one or several at a time; keeps models loaded in between.
package final class OrderHandler: Sendable {
    private let abilities: Abilities
    private let policy: ExecutionPolicy
    let engine: Engine

    /// Makes a handler; the first order loads what it needs unless ``warmUp()`` did.
    package init(abilities: Abilities, policy: ExecutionPolicy) {
        self.abilities = abilities
        self.policy = policy
        engine = Engine(policy: policy)
    }

    /// Loads the models and runs each once, on a face when the installation has its sample pictures.
    ///
    /// - Throws: ``MasqueError`` `.missingModel` or `.damagedModel`.
    package func warmUp(_ installation: Installation = Installation()) async throws {
        let sample = installation.samples.appendingPathComponent("astronaut.png").path
        guard FileManager.default.isReadableFile(atPath: sample) else { return }
        _ = try await engine.faces(inPicture: sample)
    }

    /// Lets go of models that no order used for a minute, unless the memory strategy is tolerant.
    package func unloadIdle() { engine.library.unloadIdle() }

    /// Does one order.
    ///
    /// - Parameter progress: told at most four times a second, from engine threads.
    /// - Throws: ``MasqueError``; `.stopped` soon after the task is cancelled.
    package func perform(
        _ order: WorkOrder, progress: @escaping @Sendable (WorkProgress) -> Void
    ) async throws -> WorkResult {
        let plan = try await onEngineThread("masque-order") { [abilities, policy] in
            try OrderPlan(order, abilities: abilities, own: policy)
        }
        // Another policy has models of its own, which go with it.
        let engine = plan.policy == policy ? engine : Engine(library: ModelLibrary(Installation()), policy: plan.policy)
        let pace = OrderProgress(isPicture: plan.isPicture, previewFolder: plan.request.previewFolder, send: progress)
        let report: MediaReport
        do {
            report = try await engine.process(plan.request) { pace.show($0) }
        } catch let error as MasqueError {
            throw error.forClients
        }
        let duration = plan.isPicture ? nil : try await seconds(of: report.output)
        return WorkResult(
            path: report.output, mediaType: plan.mediaType, width: report.width, height: report.height,
            duration: duration, faceCount: report.swapped.count, notes: plan.notes + report.warnings,
            stageSeconds: Dictionary(report.stages.map { ($0.name, $0.seconds) }, uniquingKeysWith: +))
    }

    /// Looks at a file.
    ///
    /// - Throws: ``MasqueError``, as `Engine.inspect` does.
    package func inspect(_ order: InspectOrder) async throws -> MediaFacts {
        if order.isVoice { return try await listen(order) }
        var request = InspectionRequest(path: order.path, findsFaces: order.findsFaces, time: order.time)
        request.pictureFolder = order.folder
        request.frameSize = 1280
        let found = try await engine.inspect(request)
        let faces = found.faces?.map {
            FaceFacts(number: $0.number, x: $0.x, y: $0.y, width: $0.width, height: $0.height, score: $0.score)
        }
        return MediaFacts(
            mediaType: found.mediaType, isVideo: found.isVideo, width: found.width, height: found.height,
            duration: found.duration, framesPerSecond: found.frameRate, frameCount: found.isVideo ? found.frames : nil,
            faces: faces, frameTime: found.frameTime)
    }

    /// Looks at the sound of a file.
    private func listen(_ order: InspectOrder) async throws -> MediaFacts {
        try await onEngineThread("masque-listen") { _ in
            let reader = try AudioReader(path: order.path)
            guard try reader.next() != nil else {
                throw MasqueError(
                    .unsupportedMedia, "The recording holds no sound that can be decoded.",
                    advice: "Send it as WAV, MP3, FLAC, OGG, AAC or M4A.")
            }
            return MediaFacts(
                mediaType: "audio/\(reader.container)", isVideo: false, width: 0, height: 0, duration: reader.duration,
                framesPerSecond: nil, frameCount: nil, faces: nil)
        }
    }

    private func seconds(of path: String) async throws -> Double? {
        try await onEngineThread("masque-probe") { () throws -> Double? in
            let duration = try VideoReader(path: path, forScanning: true).info.duration
            return duration > 0 ? duration : nil
        }
    }
}

extension MasqueError {
    /// The error with an advice for somebody who cannot run commands on this server.
    var forClients: MasqueError {
        guard code == .missingModel || code == .damagedModel, let advice, advice.contains("“masque ") else {
            return self
        }
        return MasqueError(code, message, advice: "Ask the server's operator for this: \(advice)", cause: cause)
    }
}
