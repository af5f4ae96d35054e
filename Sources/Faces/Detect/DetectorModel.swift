// The detectors by the names that users give.

/// A face detector that can be asked for.
package enum DetectorModel: String, Sendable, CaseIterable {
    /// The one that comes with Masque.
    case centerface
    /// The fast one that comes with Masque, for near faces.
    case blazeface
    /// YOLOv8-face, FaceFusion's default.
    case yoloFace = "yolo_face"
    /// SCRFD, 2.5 GFLOPs.
    case scrfd
    /// SCRFD, 10 GFLOPs, under the name that FaceFusion gives it.
    case retinaface
    case yunet
    /// `retinaface`, `scrfd` and `yolo_face` together.
    case many

    /// All of them.
    package static let all = allCases

    /// The name, as `--face-detector-model` takes it.
    package var name: String { rawValue }

    /// The detector of a name: FaceFusion's, or that of the file.
    package init?(named name: String) {
        switch name {
        case "yoloface", YoloFaceDetector.model: self = .yoloFace
        case ScrfdDetector.small: self = .scrfd
        case ScrfdDetector.large: self = .retinaface
        case YunetDetector.model: self = .yunet
        case BlazeFaceDetector.model: self = .blazeface
        default: self.init(rawValue: name)
        }
    }

    /// The model files that must be there.
    package var files: [String] {
        switch self {
        case .centerface: [CenterFaceDetector.model]
        case .blazeface: [BlazeFaceDetector.model]
        case .yoloFace: [YoloFaceDetector.model]
        case .scrfd: [ScrfdDetector.small]
        case .retinaface: [ScrfdDetector.large]
        case .yunet: [YunetDetector.model]
        case .many: [ScrfdDetector.large, ScrfdDetector.small, YoloFaceDetector.model]
        }
    }

    /// The sides in pixels that its view may have (`--face-detector-size`); empty where there is nothing to choose.
    package var sizes: [Int] {
        switch self {
        case .scrfd, .retinaface: ScrfdDetector.sizes
        case .yoloFace, .yunet, .many: [640]
        case .centerface, .blazeface: []
        }
    }
}
