// The crops that published face models were trained on.

package import Pixels

/// Where the five points lie in an aligned crop, as fractions of its side. Names and numbers are FaceFusion's.
package enum AlignmentTemplate: String, Sendable, CaseIterable {
    case arcface112v1 = "arcface_112_v1"
    case arcface112v2 = "arcface_112_v2"
    case arcface128 = "arcface_128"
    case dflWholeFace = "dfl_whole_face"
    case ffhq512 = "ffhq_512"
    case mtcnn512 = "mtcnn_512"
    case styleganex384 = "styleganex_384"

    /// Left eye, right eye, nose, left mouth corner, right mouth corner, as fractions of the crop's side.
    package var points: [Point] {
        switch self {
        case .arcface112v1:
            [
                Point(0.35473214, 0.45658929), Point(0.64526786, 0.45658929), Point(0.5, 0.61154464),
                Point(0.37913393, 0.776875), Point(0.62086607, 0.776875),
            ]
        case .arcface112v2:
            [
                Point(0.34191607, 0.46157411), Point(0.65653393, 0.45983393), Point(0.500225, 0.64050536),
                Point(0.37097589, 0.82469196), Point(0.63151696, 0.82325089),
            ]
        case .arcface128:
            [
                Point(0.36167656, 0.40387734), Point(0.63696719, 0.40235469), Point(0.50019687, 0.56044219),
                Point(0.38710391, 0.72160547), Point(0.61507734, 0.72034453),
            ]
        case .dflWholeFace:
            [
                Point(0.35342266, 0.39285716), Point(0.62797622, 0.39285716), Point(0.48660713, 0.5401786),
                Point(0.38839287, 0.68750011), Point(0.59821427, 0.68750011),
            ]
        case .ffhq512:
            [
                Point(0.37691676, 0.46864664), Point(0.62285697, 0.46912813), Point(0.50123859, 0.61331904),
                Point(0.39308822, 0.725411), Point(0.61150205, 0.72490465),
            ]
        case .mtcnn512:
            [
                Point(0.36562865, 0.46733799), Point(0.63305391, 0.46585885), Point(0.50019127, 0.61942959),
                Point(0.39032951, 0.77598822), Point(0.61178945, 0.77476328),
            ]
        case .styleganex384:
            [
                Point(0.42353745, 0.52289879), Point(0.57725008, 0.52319972), Point(0.50123859, 0.61331904),
                Point(0.43364461, 0.68337652), Point(0.57015325, 0.68306005),
            ]
        }
    }

    /// The crop of `size`×`size` pixels in which a face's five points lie on the template: a map from crop to frame.
    ///
    /// The similarity is fitted from the frame to the crop with least squared error, as FaceFusion's estimate comes to
    /// when all five points are inliers, and then inverted. The template's fractions count crop pixels as FaceFusion's
    /// warp does: fraction f lies at pixel f · size, pixel centres at whole numbers.
    package func crop(for face: FivePoints, size: Int) -> Affine {
        Affine.similarity(from: face.all, to: points.map { $0 * Float(size) }).inverse
    }
}
