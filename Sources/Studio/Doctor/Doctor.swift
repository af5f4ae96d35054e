// Looks at the machine and the installation.

internal import Errors
internal import Faces
internal import Foundation
package import Inference
internal import VideoIO

/// Finds out whether Masque can work here.
package enum Doctor {
    /// The models and data that every swap needs.
    package static let needed = [
        CenterFaceDetector.model, BlazeFaceDetector.model, FaceMeshLandmarker.model, IrisLandmarker.model,
        DlibFaceEmbedder.model, ContentGate.model, "face_mesh_topology",
    ]

    /// Looks at everything; reads all model files, which takes a fraction of a second.
    package static func examine(_ installation: Installation = Installation()) async throws -> DoctorReport {
        try await onEngineThread("masque-doctor") { report(installation) }
    }

    private static func report(_ installation: Installation) -> DoctorReport {
        let machine = Machine()
        let runtimes = [RuntimeFacts.onnxRuntime(installation), RuntimeFacts.openVINO(installation)]
        let (models, manifestProblem) = models(installation)
        let codecs = VideoCodec.allCases.map {
            DoctorReport.Codec(name: $0.rawValue, available: LibraryVersions.canWrite($0))
        }
        var problems = manifestProblem.map { [$0] } ?? []
        if let problem = runtimes[0].problem {
            problems.append(.init(message: problem, advice: Installation.setupAdvice))
        }
        problems += models.compactMap(problem)
        if manifestProblem == nil {
            problems += needed.filter { id in !models.contains { $0.id == id } }.map {
                .init(message: "The list of models does not name “\($0)”.", advice: Installation.setupAdvice)
            }
        }
        problems += codecs.filter { !$0.available && $0.name != "gif" }.map {
            .init(
                message: "FFmpeg on this machine cannot write \($0.name) video.",
                advice: "Install FFmpeg's full libavcodec.")
        }
        let cache = machine.folder(installation.cache)
        return DoctorReport(
            version: Version.number, system: machine.system, cpu: machine.cpu, memory: machine.memory,
            runtimes: runtimes,
            libraries: [.init(name: "FFmpeg", version: LibraryVersions.release)]
                + LibraryVersions.all.map { .init(name: $0.name, version: $0.version) },
            codecs: codecs, models: models, processors: processors(installation), cache: cache,
            notes: DoctorNotes.slow(cpu: machine.cpu, memory: machine.memory, runtimes: runtimes, cache: cache),
            problems: problems)
    }

    private static func processors(_ installation: Installation) -> [DoctorReport.Processor] {
        let catalogue = ProcessorCatalogue(installation)
        return ProcessorName.allCases.map { name in
            let reason = catalogue.reason(name)
            return DoctorReport.Processor(
                name: name.rawValue, available: reason == nil, models: catalogue.runnable(name).map(\.model),
                reason: reason)
        }
    }

    private static func models(_ installation: Installation) -> ([DoctorReport.Model], DoctorReport.Problem?) {
        do {
            return (try installation.manifest().models.map { model($0, installation) }, nil)
        } catch {
            let known = error as? MasqueError
            return ([], .init(message: known?.message ?? "\(error)", advice: known?.advice))
        }
    }

    private static func model(_ entry: ModelManifest.Entry, _ installation: Installation) -> DoctorReport.Model {
        let state: DoctorReport.Model.State
        do {
            _ = try installation.verifiedModel(entry.id)
            state = .ok
        } catch {
            state = (error as? MasqueError)?.code == .missingModel ? .missing : .damaged
        }
        return DoctorReport.Model(
            id: entry.id, role: entry.role, licence: entry.licence,
            source: entry.source.map { "\($0.package) \($0.version)" }, path: installation.file(of: entry).path,
            bytes: entry.bytes, state: state)
    }

    private static func problem(_ model: DoctorReport.Model) -> DoctorReport.Problem? {
        guard needed.contains(model.id) else { return nil }
        switch model.state {
        case .ok: return nil
        case .missing:
            return .init(
                message: "The file of the model “\(model.id)” is not at \(model.path).",
                advice: Installation.setupAdvice)
        case .damaged:
            return .init(
                message: "The file of the model “\(model.id)” at \(model.path) is not what the list of models says.",
                advice: Installation.setupAdvice)
        }
    }
}
