// Every numeric kernel against an independent implementation.
import Foundation
import Pixels
import Testing

@Suite struct GoldenTests {
    let golden: Golden
    let image: Picture

    init() throws {
        golden = try Golden.load()
        image = try golden.image()
    }

    @Test(arguments: ["turned", "outside", "upside_down"])
    func `a crop of a picture is the exact bilinear one`(name: String) throws {
        let crop = image.sample(try golden.map("warp_\(name)_map"), width: 40, height: 40)
        let worst = largestDifference(crop.values, try golden.floats("warp_\(name)"))
        #expect(worst < 0.01, "differs by \(worst)")
    }

    @Test func `looking up by positions is the exact bilinear one`() throws {
        let map = try golden.map("warp_turned_map")
        var x = Plane(width: 40, height: 40), y = x
        for row in 0..<40 {
            for column in 0..<40 {
                let p = map(Point(Float(column), Float(row)))
                x.values[row * 40 + column] = p.x
                y.values[row * 40 + column] = p.y
            }
        }
        let crop = image.sample(.identity, width: 64, height: 48).remapped(x: x, y: y, cubic: false)
        let worst = largestDifference(crop.values, try golden.floats("warp_turned"))
        #expect(worst < 0.01, "differs by \(worst)")
    }

    @Test(arguments: [2.5, 7.0] as [Float])
    func `a blur is the sampled Gaussian with repeated edges`(sigma: Float) throws {
        let plane = image.sample(.identity, width: 64, height: 48).plane(1)
        let name = "blur_\(sigma)".replacingOccurrences(of: ".", with: "_")
        let worst = largestDifference(plane.blurred(sigma: sigma).values, try golden.floats(name))
        #expect(worst < 0.001, "differs by \(worst)")
    }

    @Test(arguments: 0..<5)
    func `a similarity is Umeyama's`(index: Int) throws {
        let from = try golden.points("similarity_\(index)_from"), to = try golden.points("similarity_\(index)_to")
        let map = Affine.similarity(from: from, to: to), wanted = try golden.map("similarity_\(index)_map")
        let worst = from.map { (map($0) - wanted($0)).length }.max() ?? .infinity
        #expect(worst < 0.01, "carries a point \(worst) pixels elsewhere")
    }

    @Test func `triangles carry positions linearly and cover what they should`() throws {
        let indices = try golden.values("triangles_indices").map { Int32($0) }
        let source = try golden.points("triangles_source"), target = try golden.points("triangles_target")
        let drawn = TriangleMesh(indices: indices).rasterize(
            [source.map(\.x), source.map(\.y)], at: target, width: 40, height: 40)
        #expect(drawn.cover.values == (try golden.floats("triangles_cover")))
        let positions = drawn.planes[0].values + drawn.planes[1].values
        let worst = largestDifference(positions, try golden.floats("triangles_positions"))
        #expect(worst < 0.01, "differs by \(worst) pixels")
        var warped = image.sample(.identity, width: 64, height: 48)
            .remapped(x: drawn.planes[0], y: drawn.planes[1], cubic: false)
        for i in warped.values.indices { warped.values[i] *= drawn.cover.values[i % 1600] }
        let difference = largestDifference(warped.values, try golden.floats("triangles_warped"))
        #expect(difference < 0.5, "differs by \(difference)")
    }

    /// Averaging over n×n look-ups is not exact area averaging: noise, the worst case, stays within a few codes.
    @Test func `a coarse crop averages the area it covers`() throws {
        let map = Affine(a: 2.5, b: 0, tx: 0.75, c: 0, d: 2.5, ty: 0.75)
        let crop = image.sample(map, width: 24, height: 18), wanted = try golden.floats("downscaled")
        let squares = zip(crop.values, wanted).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let error = (squares / Float(wanted.count)).squareRoot()
        #expect(error < 8, "root mean square \(error)")
        let mean = crop.values.reduce(0, +) / Float(crop.values.count) - wanted.reduce(0, +) / Float(wanted.count)
        #expect(abs(mean) < 0.5)
    }
}
