// Which faces are meant and how hard they are looked for.

internal import ArgumentParser
internal import Faces
internal import Studio

/// Options about the faces of sources and target; the longer names are FaceFusion's.
struct FaceOptions: ParsableArguments {
    @Option(
        name: [.customLong("faces"), .customLong("face-selector-mode")],
        help:
            "Which target faces: every face (many), the one at --face-position (one), or everywhere the person found there or in --reference (reference). (default: reference)"
    )
    var mode: FaceSelectorMode?

    @Option(
        name: [.customLong("face-order"), .customLong("face-selector-order")],
        help: "The order in which the target's faces are counted. (default: large-small)")
    var order: FaceOrder?

    @Option(
        name: [.customLong("face-position"), .customLong("reference-face-position")],
        help: ArgumentHelp("Which face of the order, from 0. (default: 0)", valueName: "number"))
    var position: String?

    @Option(
        name: [.customLong("reference")], parsing: .singleValue,
        help: ArgumentHelp("A picture of the person to be replaced; may be given several times.", valueName: "picture"),
        completion: .file())
    var references: [String] = []

    @Option(
        name: [.customLong("reference-frame"), .customLong("reference-frame-number")],
        help: ArgumentHelp("The frame whose faces --face-position counts, from 0. (default: 0)", valueName: "number"))
    var referenceFrame: String?

    @Option(
        name: [.customLong("reference-distance"), .customLong("reference-face-distance")],
        help: ArgumentHelp(
            "How different a face may be from its reference, 0 to 1. (default: 0.3)", valueName: "distance"))
    var referenceDistance: String?

    @Option(
        help: ArgumentHelp(
            "Several people at once: source1=0,source2=2 puts the second source on face 2; source1=reference2 names the person of the second --reference.",
            valueName: "pairs"))
    var map: String?

    @Option(
        name: [.customLong("source-position"), .customLong("source-face-position")],
        help: ArgumentHelp("Which face of a source picture, from 0, largest first.", valueName: "number"))
    var sourcePosition = 0

    @OptionGroup var detection: DetectionArguments

    @Option(
        help: ArgumentHelp(
            "What finds faces: centerface and blazeface come with Masque; yolo_face, scrfd, retinaface, yunet or many. (default: centerface)",
            valueName: "model"))
    var faceDetectorModel: String?

    @Option(help: ArgumentHelp("The side of the detector's view, such as 640x640.", valueName: "size"))
    var faceDetectorSize: String?

    @Option(
        help: ArgumentHelp(
            "What gives 68 landmarks: mesh comes with Masque; 2dfan4, peppa_wutz, many or fan_68_5. (default: mesh)",
            valueName: "model"))
    var faceLandmarkerModel: String?

    @Option(
        help: ArgumentHelp("Landmarks that are less sure are not taken, 0 to 1. (default: 0.5)", valueName: "score"))
    var faceLandmarkerScore: String?

    @Option(help: ArgumentHelp("Only faces that look at least this old; needs fairface.", valueName: "years"))
    var faceSelectorAgeStart: String?

    @Option(help: ArgumentHelp("Only faces that look at most this old; needs fairface.", valueName: "years"))
    var faceSelectorAgeEnd: String?

    @Option(help: ArgumentHelp("Only faces that look female or male; needs fairface.", valueName: "gender"))
    var faceSelectorGender: String?

    @Option(
        help: ArgumentHelp(
            "Only faces that look white, black, latino, asian, indian or arabic; needs fairface.", valueName: "race"))
    var faceSelectorRace: String?

    /// The choices that the engine reads, by FaceFusion's names.
    var values: [String: String] {
        var values = detection.values
        values["face_selector_mode"] = mode?.rawValue
        values["face_selector_order"] = order?.rawValue
        values["reference_face_position"] = position
        values["reference_frame_number"] = referenceFrame
        values["reference_face_distance"] = referenceDistance
        values["face_detector_model"] = faceDetectorModel
        values["face_detector_size"] = faceDetectorSize
        values["face_landmarker_model"] = faceLandmarkerModel
        values["face_landmarker_score"] = faceLandmarkerScore
        values["face_selector_age_start"] = faceSelectorAgeStart
        values["face_selector_age_end"] = faceSelectorAgeEnd
        values["face_selector_gender"] = faceSelectorGender
        values["face_selector_race"] = faceSelectorRace
        return values
    }

    /// Puts what FaceFusion has no name for into a request.
    func apply(to request: inout MediaRequest) throws {
        request.references = references
        request.map = map
        request.sourcePosition = try within(0...9999, sourcePosition, "--source-position")
    }
}

/// How hard faces are looked for.
struct DetectionArguments: ParsableArguments {
    @Option(
        name: [.customLong("detector-score"), .customLong("face-detector-score")],
        help: ArgumentHelp("How sure the detector must be of a face, 0 to 1. (default: 0.5)", valueName: "score"))
    var score: String?

    @Option(
        name: [.customLong("detector-angles"), .customLong("face-detector-angles")],
        help: ArgumentHelp("Turns of the head to look for: any of 0,90,180,270. (default: 0)", valueName: "angles"))
    var angles: String?

    /// The choices that the engine reads, by FaceFusion's names.
    var values: [String: String] {
        var values: [String: String] = [:]
        values["face_detector_score"] = score
        values["face_detector_angles"] = angles
        return values
    }
}
