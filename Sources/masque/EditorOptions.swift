// The sliders of the face editor.

internal import ArgumentParser

/// Options of `face_editor`; each from -1 to 1.
struct EditorOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Brows up or down, -1 to 1. (default: 0)", valueName: "number"))
    var faceEditorEyebrowDirection: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Eyes to the side, -1 to 1. (default: 0)", valueName: "number"))
    var faceEditorEyeGazeHorizontal: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Eyes up or down, -1 to 1. (default: 0)", valueName: "number"))
    var faceEditorEyeGazeVertical: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Eyes open or shut, -1 to 1. (default: 0)", valueName: "number"))
    var faceEditorEyeOpenRatio: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Lips open or shut, -1 to 1. (default: 0)", valueName: "number"))
    var faceEditorLipOpenRatio: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("A grim mouth, -1 to 1. (default: 0)", valueName: "number"))
    var faceEditorMouthGrim: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("A pout, -1 to 1. (default: 0)", valueName: "number"))
    var faceEditorMouthPout: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Pursed lips, -1 to 1. (default: 0)", valueName: "number"))
    var faceEditorMouthPurse: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("A smile, -1 to 1. (default: 0)", valueName: "number"))
    var faceEditorMouthSmile: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("The mouth to the side, -1 to 1. (default: 0)", valueName: "number")
    )
    var faceEditorMouthPositionHorizontal: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("The mouth up or down, -1 to 1. (default: 0)", valueName: "number"))
    var faceEditorMouthPositionVertical: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("The head up or down, -1 to 1. (default: 0)", valueName: "number"))
    var faceEditorHeadPitch: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("The head to the side, -1 to 1. (default: 0)", valueName: "number"))
    var faceEditorHeadYaw: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("The head tilted, -1 to 1. (default: 0)", valueName: "number"))
    var faceEditorHeadRoll: String?

    /// What was given.
    var values: [String: String] {
        var values: [String: String] = [:]
        values["face_editor_eyebrow_direction"] = faceEditorEyebrowDirection
        values["face_editor_eye_gaze_horizontal"] = faceEditorEyeGazeHorizontal
        values["face_editor_eye_gaze_vertical"] = faceEditorEyeGazeVertical
        values["face_editor_eye_open_ratio"] = faceEditorEyeOpenRatio
        values["face_editor_lip_open_ratio"] = faceEditorLipOpenRatio
        values["face_editor_mouth_grim"] = faceEditorMouthGrim
        values["face_editor_mouth_pout"] = faceEditorMouthPout
        values["face_editor_mouth_purse"] = faceEditorMouthPurse
        values["face_editor_mouth_smile"] = faceEditorMouthSmile
        values["face_editor_mouth_position_horizontal"] = faceEditorMouthPositionHorizontal
        values["face_editor_mouth_position_vertical"] = faceEditorMouthPositionVertical
        values["face_editor_head_pitch"] = faceEditorHeadPitch
        values["face_editor_head_yaw"] = faceEditorHeadYaw
        values["face_editor_head_roll"] = faceEditorHeadRoll
        return values
    }
}
