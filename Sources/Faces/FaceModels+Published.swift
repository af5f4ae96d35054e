// The published detectors, landmarkers and the classifier, by the names that users give.

internal import Errors

extension FaceModels {
    /// A detector.
    ///
    /// - Parameter size: the side of its view, one of the model's ``DetectorModel/sizes``; for `many` that of the SCRFD
    ///   detectors.
    /// - Throws: ``MasqueError`` (`badInput` for a size that the detector does not have, `missingModel`,
    ///   `damagedModel`).
    package func detector(_ model: DetectorModel, size: Int = 640) throws -> any FaceDetector {
        let sizes = model == .many ? ScrfdDetector.sizes : model.sizes
        guard sizes.isEmpty || sizes.contains(size) else {
            throw MasqueError(
                .badInput, "The face detector “\(model.name)” does not look at \(size) pixels.",
                advice: "Choose one of \(sizes.map { String($0) }.joined(separator: ", ")).")
        }
        switch model {
        case .centerface: return try detector()
        case .blazeface: return try fastDetector()
        case .yoloFace: return try YoloFaceDetector(session: session(YoloFaceDetector.model))
        case .scrfd: return try scrfd(ScrfdDetector.small, size)
        case .retinaface: return try scrfd(ScrfdDetector.large, size)
        case .yunet: return try YunetDetector(session: session(YunetDetector.model))
        case .many:
            return ManyDetectors([
                try scrfd(ScrfdDetector.large, size), try scrfd(ScrfdDetector.small, size),
                try YoloFaceDetector(session: session(YoloFaceDetector.model)),
            ])
        }
    }

    /// A detector by a name that a user gave.
    ///
    /// - Throws: ``MasqueError`` (`badInput` for a name that is none, and as ``detector(_:size:)``).
    package func detector(named name: String, size: Int = 640) throws -> any FaceDetector {
        guard let model = DetectorModel(named: name) else {
            throw MasqueError(
                .badInput, "There is no face detector “\(name)”.",
                advice: "Choose one of \(DetectorModel.all.map(\.name).joined(separator: ", ")).")
        }
        return try detector(model, size: size)
    }

    private func scrfd(_ file: String, _ size: Int) throws -> ScrfdDetector {
        try ScrfdDetector(session: session(file), model: file, size: size)
    }

    /// What gives faces their 68 landmarks.
    ///
    /// - Parameter threshold: landmarks that are less sure are not taken.
    /// - Throws: ``MasqueError`` (`missingModel`, `damagedModel`).
    package func shapeFinder(_ model: LandmarkerModel = .mesh, threshold: Float = 0.5) throws -> ShapeFinder {
        func landmarker(_ kind: CropLandmarker.Kind) throws -> CropLandmarker {
            try CropLandmarker(session: session(kind.rawValue), kind: kind)
        }
        switch model {
        case .mesh: return ShapeFinder(threshold: threshold)
        case .fan: return ShapeFinder(landmarkers: [try landmarker(.fan)], threshold: threshold)
        case .peppa: return ShapeFinder(landmarkers: [try landmarker(.peppa)], threshold: threshold)
        case .many:
            return ShapeFinder(landmarkers: [try landmarker(.fan), try landmarker(.peppa)], threshold: threshold)
        case .fivePoints:
            return ShapeFinder(
                fivePoints: try FivePointLandmarker(session: session(FivePointLandmarker.model)), threshold: threshold)
        }
    }

    /// What gives faces their 68 landmarks, by a name that a user gave.
    ///
    /// - Throws: ``MasqueError`` (`badInput` for a name that is none, `missingModel`, `damagedModel`).
    package func shapeFinder(named name: String, threshold: Float = 0.5) throws -> ShapeFinder {
        guard let model = LandmarkerModel(named: name) else {
            throw MasqueError(
                .badInput, "There is no face landmarker “\(name)”.",
                advice: "Choose one of \(LandmarkerModel.all.map(\.name).joined(separator: ", ")).")
        }
        return try shapeFinder(model, threshold: threshold)
    }

    /// The classifier of age, gender and race.
    ///
    /// - Throws: ``MasqueError`` (`missingModel`, `damagedModel`).
    package func classifier() throws -> FaceClassifier {
        try FaceClassifier(session: session(FaceClassifier.model))
    }
}
