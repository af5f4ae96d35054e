// The parts of a face, by the published parsing models.

package import Inference
package import Pixels

/// A part of the face for the region mask; names are FaceFusion's (`--face-mask-regions`), values BiSeNet's classes.
package enum FaceRegion: Int, Sendable, CaseIterable {
    case skin = 1
    case leftEyebrow = 2
    case rightEyebrow = 3
    case leftEye = 4
    case rightEye = 5
    case glasses = 6
    case nose = 10
    case mouth = 11
    case upperLip = 12
    case lowerLip = 13

    /// FaceFusion's name (`--face-mask-regions`).
    package var label: String {
        switch self {
        case .skin: "skin"
        case .leftEyebrow: "left-eyebrow"
        case .rightEyebrow: "right-eyebrow"
        case .leftEye: "left-eye"
        case .rightEye: "right-eye"
        case .glasses: "glasses"
        case .nose: "nose"
        case .mouth: "mouth"
        case .upperLip: "upper-lip"
        case .lowerLip: "lower-lip"
        }
    }

    /// The name on the command line.
    package var name: String {
        switch self {
        case .skin: "skin"
        case .leftEyebrow: "left-eyebrow"
        case .rightEyebrow: "right-eyebrow"
        case .leftEye: "left-eye"
        case .rightEye: "right-eye"
        case .glasses: "glasses"
        case .nose: "nose"
        case .mouth: "mouth"
        case .upperLip: "upper-lip"
        case .lowerLip: "lower-lip"
        }
    }
}

/// BiSeNet over faces: 19 classes for each pixel of a 512×512 crop.
///
/// Source: FaceFusion's `bisenet_resnet_18` and `bisenet_resnet_34`: R, G, B with ImageNet's mean and deviation,
/// channels first; output [1, 19, 512, 512], the greatest counts.
package struct FaceParser: Sendable {
    /// The files' names.
    package static let names = ["bisenet_resnet_18", "bisenet_resnet_34"]
    /// Side of the model's crop in pixels.
    package static let side = 512
    private static let classes = 19
    private static let mean: [Float] = [0.485, 0.456, 0.406]
    private static let deviation: [Float] = [0.229, 0.224, 0.225]

    private let session: any InferenceSession
    private let name: String

    /// Takes a loaded model.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`) when its tensors are of another shape.
    package init(session: any InferenceSession, name: String) throws {
        let side = Self.side
        try session.requireInput(ExpectedTensor(name: "input", shape: [1, 3, side, side]), of: name)
        try session.requireOutput(shape: [1, Self.classes, side, side], of: name)
        self.session = session
        self.name = name
    }

    /// 1 where a square crop shows one of the parts, at the crop's size.
    package func mask(of crop: Crop, regions: Set<FaceRegion>) throws -> Plane {
        let side = Self.side, count = side * side
        let input = crop.scaledLikeOpenCV(to: side).normalised(mean: Self.mean, deviation: Self.deviation)
        guard let values = try session.run(["input": input]).first?.floats, values.count == Self.classes * count else {
            throw unexpectedOutputs(of: name)
        }
        let wanted = Set(regions.map(\.rawValue))
        var plane = Plane(width: side, height: side)
        values.withUnsafeBufferPointer { values in
            for i in 0..<count {
                var best = 0
                for one in 1..<Self.classes where values[one * count + i] > values[best * count + i] { best = one }
                plane.values[i] = wanted.contains(best) ? 1 : 0
            }
        }
        return plane.scaledLikeOpenCV(to: crop.width).upperHalf(blurredBy: 5)
    }
}
