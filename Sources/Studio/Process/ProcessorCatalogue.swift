// Which processors can run on this machine, with which models, and what is missing for the rest.

internal import Faces
package import Foundation
package import Inference
internal import ModelFiles
internal import Neural

/// What is installed, by a look at the folders: files are checked when they are loaded.
package struct ProcessorCatalogue: Sendable {
    /// One way to run a processor.
    package struct Option: Sendable, Hashable {
        /// The model's name, as `--face-swapper-model` and its like take it.
        package let model: String
        /// The names of the models whose files it takes; none for what is built in.
        package let files: [String]
    }

    private let installed: Set<String>
    /// Models of the operator's that no processor knows by name.
    private let own: [String]
    /// Why nothing can be said, when the list of models cannot be read.
    private let problem: String?

    /// Looks at the installation and at what the operator added.
    package init(_ installation: Installation = Installation()) {
        var names: Set<String> = [], added: Set<String> = [], problem: String?
        do {
            let manager = FileManager.default
            for entry in try installation.manifest().models
            where manager.fileExists(atPath: installation.file(of: entry).path) { names.insert(entry.id) }
            // A record that cannot be read takes its models away, not those that setup brought.
            for model in (try? installation.stored.record().models) ?? [] {
                let isThere = model.files.allSatisfy {
                    manager.fileExists(atPath: installation.stored.url(of: $0).path)
                }
                if isThere {
                    names.insert(model.name)
                    added.insert(model.name)
                }
            }
        } catch { problem = "\(error)" }
        installed = names
        own = added.subtracting(Self.known).sorted()
        self.problem = problem
    }

    /// When the folders of models changed last, and the lists of what is in them: as long as it is the same, so is what
    /// is installed.
    package static func stamp(of installation: Installation) -> [Date?] {
        let stored = installation.stored
        let manifest = installation.models.appendingPathComponent("manifest.json")
        return [installation.models, manifest, stored.folder, stored.recordFile].map {
            try? FileManager.default.attributesOfItem(atPath: $0.path)[.modificationDate] as? Date
        }
    }

    /// All ways to run a processor, the default first.
    package func options(_ processor: ProcessorName) -> [Option] {
        switch processor {
        case .faceSwapper:
            [Option(model: FaceSwapperSettings.mesh, files: [])]
                + SwapModel.all.map { Option(model: $0.name, files: $0.files) }
        case .faceEnhancer:
            Self.first(
                FaceEnhancerSettings().model, of: EnhancerModel.all.map { Option(model: $0.name, files: [$0.name]) })
        case .expressionRestorer: ExpressionRestorerModel.all.map { Option(model: $0.name, files: $0.files) }
        case .faceEditor: FaceEditorModel.all.map { Option(model: $0.name, files: $0.files) }
        case .ageModifier: AgeModifierModel.all.map { Option(model: $0.name, files: $0.files) }
        case .lipSyncer:
            Self.first(LipSyncerSettings().model, of: LipSyncModel.all.map { Option(model: $0.name, files: $0.files) })
        case .faceDebugger: [Option(model: "drawing", files: [])]
        case .frameEnhancer: FrameEnhancerModel.all.map { Option(model: $0.name, files: $0.files) }
        case .frameColorizer: ColorizerModel.all.map { Option(model: $0.name, files: $0.files) }
        case .backgroundRemover:
            [Option(model: BackgroundRemoverSettings.people, files: [PersonSegmenter.model])]
                + RemoverModel.all.map { Option(model: $0.name, files: $0.files) }
        // The operator's own files: whatever nothing else knows.
        case .deepSwapper: own.map { Option(model: $0, files: [$0]) }
        }
    }

    /// The ways to run a processor here and now, the default first.
    package func runnable(_ processor: ProcessorName) -> [Option] {
        problem == nil ? options(processor).filter { missing($0).isEmpty } : []
    }

    /// Whether the files of these models are there.
    package func isInstalled(_ files: [String]) -> Bool { problem == nil && installed.isSuperset(of: files) }

    /// The models that are missing for one way.
    package func missing(_ option: Option) -> [String] { option.files.filter { !installed.contains($0) } }

    /// The models that are missing for a processor with a model.
    package func missing(_ processor: ProcessorName, model: String) -> [String] {
        options(processor).first { $0.model == model }.map(missing) ?? [model]
    }

    /// Why a processor cannot run; nil when it can.
    package func reason(_ processor: ProcessorName) -> String? {
        if let problem { return problem }
        guard runnable(processor).isEmpty else { return nil }
        guard let first = options(processor).first else {
            return "It needs a DFM model of your own; “masque models import” adds one."
        }
        return
            "None of its models is installed; “masque models pull \(missing(first).joined(separator: " "))” fetches one."
    }

    /// The names of all published models, detectors and masks included.
    private static let known: Set<String> = {
        let catalogue = ProcessorCatalogue(installed: [])
        let files = ProcessorName.allCases.flatMap { catalogue.options($0) }.flatMap(\.files)
        let faces = DetectorModel.all.flatMap(\.files) + LandmarkerModel.all.flatMap(\.files)
        return Set(
            files + faces + OcclusionModel.names + FaceParser.names + [FaceClassifier.model]
                + VoiceExtractorModel.all.map(\.name))
    }()

    private init(installed: Set<String>) {
        self.installed = installed
        own = []
        problem = nil
    }

    private static func first(_ name: String, of options: [Option]) -> [Option] {
        options.filter { $0.model == name } + options.filter { $0.model != name }
    }
}
