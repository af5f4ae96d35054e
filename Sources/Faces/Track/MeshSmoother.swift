// A mesh smoothed in time, its place apart from its shape.

internal import Foundation
internal import Pixels

/// Takes the trembling out of a followed mesh without letting it lag.
///
/// A mesh is split into its pose in the picture (place, size, turn: the similarity that best lays the shape known so
/// far on the measured points) and its shape in the face's own frame, whose unit is the root mean square radius of the
/// mesh. The pose is the mean of 468 points, hardly trembles and is smoothed lightly; the shape holds the trembling of
/// single points and is smoothed more, opening up quickly when the face moves its mouth or turns its head.
package struct MeshSmoother: Sendable, Codable {
    /// What is smoothed how strongly; speeds are in mesh radii (or radians) a second.
    package struct Parameters: Sendable, Hashable, Codable {
        package var pose: SmoothingParameters
        package var shape: SmoothingParameters

        /// Makes parameters; the defaults were set on a still head with camera noise and on one moving fast.
        package init(
            pose: SmoothingParameters = SmoothingParameters(
                restCutoff: 0.3, response: 200, speedCutoff: 2, deadZone: 0.0045),
            shape: SmoothingParameters = SmoothingParameters(
                restCutoff: 0.3, response: 100, speedCutoff: 3, deadZone: 0.0065)
        ) {
            self.pose = pose
            self.shape = shape
        }
    }

    private var placeFilter: OneEuroFilter
    private var turnFilter: OneEuroFilter
    private var shapeFilter: OneEuroFilter
    private var depthFilter: OneEuroFilter
    /// The shape so far, in mesh radii about its middle.
    private var shape: [Point] = []
    private var lastTurn: Float = 0
    private var lastTime = 0.0
    /// The unit in which the place is smoothed: the mesh's radius when the smoother began.
    private var unit: Float = 0

    /// Makes a smoother without a past.
    package init(_ parameters: Parameters = Parameters()) {
        placeFilter = OneEuroFilter(parameters.pose)
        turnFilter = OneEuroFilter(parameters.pose)
        shapeFilter = OneEuroFilter(parameters.shape)
        depthFilter = OneEuroFilter(parameters.shape)
    }

    /// Takes the mesh measured at `time` seconds and gives it smoothed; the first one comes back as it is.
    package mutating func callAsFunction(_ mesh: FaceMesh, at time: Double) -> FaceMesh {
        let dt = Float(time - lastTime)
        lastTime = time
        if shape.isEmpty { shape = Self.normalised(mesh.points) }
        let measured = Affine.similarity(from: shape, to: mesh.points)
        let scale = measured.scale
        guard scale > 1e-6 else { return mesh }

        if unit == 0 { unit = scale }
        let place = Point(measured.tx, measured.ty)
        var turn = atan2(measured.c, measured.a)
        while turn - lastTurn > .pi { turn -= 2 * .pi }
        while turn - lastTurn < -.pi { turn += 2 * .pi }
        lastTurn = turn
        let smoothPlace = placeFilter([place.x / unit, place.y / unit], after: dt)
        let smoothTurn = turnFilter([turn, log(scale)], after: dt)

        let inverse = measured.inverse
        let local = mesh.points.map { inverse($0) }
        let flat = shapeFilter(local.flatMap { [$0.x, $0.y] }, after: dt)
        let depths = depthFilter(mesh.depths.map { $0 / scale }, after: dt)
        shape = (0..<FaceMesh.count).map { Point(flat[2 * $0], flat[2 * $0 + 1]) }

        let smoothScale = exp(smoothTurn[1])
        let cosine = cos(smoothTurn[0]) * smoothScale, sine = sin(smoothTurn[0]) * smoothScale
        let pose = Affine(
            a: cosine, b: -sine, tx: smoothPlace[0] * unit, c: sine, d: cosine, ty: smoothPlace[1] * unit)
        return FaceMesh(
            points: shape.map { pose($0) }, depths: depths.map { $0 * smoothScale }, presence: mesh.presence)
    }

    private static func normalised(_ points: [Point]) -> [Point] {
        let middle = points.reduce(Point(0, 0), +) * (1 / Float(points.count))
        let square = points.reduce(Float(0)) { $0 + ($1 - middle).length * ($1 - middle).length }
        let radius = max((square / Float(points.count)).squareRoot(), 1e-6)
        return points.map { ($0 - middle) * (1 / radius) }
    }
}
