// The sliders of the face editor, and which of LivePortrait's points each moves.

/// One slider, -1…1; raw values are the ends of FaceFusion's options (`--face-editor-…`).
package enum FaceEdit: String, Sendable, CaseIterable {
    case eyebrowDirection = "eyebrow-direction"
    case eyeGazeHorizontal = "eye-gaze-horizontal"
    case eyeGazeVertical = "eye-gaze-vertical"
    case eyeOpenRatio = "eye-open-ratio"
    case lipOpenRatio = "lip-open-ratio"
    case mouthGrim = "mouth-grim"
    case mouthPout = "mouth-pout"
    case mouthPurse = "mouth-purse"
    case mouthSmile = "mouth-smile"
    case mouthPositionHorizontal = "mouth-position-horizontal"
    case mouthPositionVertical = "mouth-position-vertical"
    case headPitch = "head-pitch"
    case headYaw = "head-yaw"
    case headRoll = "head-roll"
}

/// Where all sliders stand.
package struct FaceEdits: Sendable, Hashable {
    private var values: [FaceEdit: Float] = [:]

    /// All sliders at 0.
    package init() {}

    /// A slider's value; what is set is held to -1…1, and what is no number counts as 0.
    package subscript(edit: FaceEdit) -> Float {
        get { values[edit] ?? 0 }
        set {
            let held = newValue.isNaN ? 0 : min(max(newValue, -1), 1)
            values[edit] = held == 0 ? nil : held
        }
    }

    /// Whether nothing is to be changed.
    package var isEmpty: Bool { values.isEmpty }

    /// The expression with the sliders' offsets, held to what the generator knows; 63 values.
    package func applied(to expression: [Float]) -> [Float] {
        var result = expression
        for (edit, value) in values {
            for move in edit.moves(up: value > 0) { result[3 * move.point + move.axis.rawValue] += move.gain * value }
        }
        return LivePortraitExpression.limited(result)
    }

    /// The head's turn with the sliders' degrees, held to what the generator can draw.
    package func applied(to turn: LivePortraitTurn) -> LivePortraitTurn {
        let edited = LivePortraitTurn(
            pitch: turn.pitch - 20 * self[.headPitch], yaw: turn.yaw - 60 * self[.headYaw],
            roll: turn.roll + 15 * self[.headRoll])
        return edited.limited(from: turn)
    }
}

extension FaceEdit {
    fileprivate enum Axis: Int { case x, y, z }

    /// What one unit of a slider adds to one coordinate of a point.
    fileprivate struct Move {
        let point: Int
        let axis: Axis
        let gain: Float

        init(_ point: Int, _ axis: Axis, _ gain: Float) {
            self.point = point
            self.axis = axis
            self.gain = gain
        }
    }

    /// The points that the slider moves, which differ between its upper and its lower half. Numbers are those of
    /// FaceFusion 3.5.2 for these weights. Sliders that work on the head or through a retargeter have none.
    fileprivate func moves(up: Bool) -> [Move] {
        switch self {
        case .eyebrowDirection:
            up
                ? [Move(1, .y, 0.015), Move(2, .y, -0.020)]
                : [Move(1, .x, -0.015), Move(1, .y, 0.005), Move(2, .x, 0.020), Move(2, .y, -0.005)]
        case .eyeGazeHorizontal:
            [Move(11, .x, up ? 0.015 : 0.020), Move(15, .x, up ? 0.020 : 0.015)]
        case .eyeGazeVertical:
            [
                Move(1, .y, 0.0025), Move(2, .y, -0.0025), Move(11, .y, -0.010), Move(13, .y, -0.005),
                Move(15, .y, -0.010), Move(16, .y, -0.005),
            ]
        case .mouthGrim:
            up
                ? [Move(17, .z, -0.005), Move(19, .z, 0.01), Move(20, .y, -0.06), Move(20, .z, -0.03)]
                : [Move(19, .y, -0.05), Move(19, .z, -0.02), Move(20, .z, -0.03)]
        case .mouthPout:
            [Move(19, .y, up ? -0.022 : 0.022), Move(19, .z, 0.025), Move(20, .z, -0.002)]
        case .mouthPurse:
            up
                ? [Move(19, .y, -0.04), Move(19, .z, -0.02)]
                : [Move(14, .y, -0.02), Move(17, .z, 0.01), Move(19, .z, -0.015), Move(20, .z, -0.002)]
        case .mouthSmile:
            up
                ? [
                    Move(3, .y, -0.0045), Move(7, .y, -0.0045), Move(14, .y, -0.025), Move(17, .y, 0.01),
                    Move(17, .z, 0.004), Move(20, .y, -0.015),
                ]
                : [
                    Move(3, .y, 0.0045), Move(7, .y, 0.0045), Move(14, .y, -0.02), Move(17, .y, 0.003),
                    Move(19, .y, 0.02), Move(19, .z, -0.005), Move(20, .z, 0.01),
                ]
        case .mouthPositionHorizontal: [Move(19, .x, 0.05), Move(20, .x, 0.04)]
        case .mouthPositionVertical: [Move(19, .y, up ? -0.04 : -0.05), Move(20, .y, up ? -0.02 : -0.04)]
        case .eyeOpenRatio, .lipOpenRatio, .headPitch, .headYaw, .headRoll: []
        }
    }
}
