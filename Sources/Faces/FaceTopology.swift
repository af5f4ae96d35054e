// How the mesh's points hang together: triangles and contours.

internal import Errors
package import Foundation
package import Inference

/// The mesh's surface. Left and right are the person's own, as in the file; loops and triangles run clockwise in a
/// picture of a face seen from the front.
package struct FaceTopology: Sendable, Codable, Hashable {
    /// Which triangles fill the openings of a mesh, as places in ``triangles``.
    package struct Holes: Sendable, Codable, Hashable {
        package let leftEye: [Int]
        package let rightEye: [Int]
        package let mouth: [Int]
    }

    /// Triangles of three point numbers each: 852 of skin, then those that fill the eyes and the mouth's opening.
    package let triangles: [[Int]]
    /// Which of the triangles lie in the openings.
    package let holes: Holes
    /// The outline of the face.
    package let oval: [Int]
    package let lipsOuter: [Int]
    package let lipsInner: [Int]
    package let leftEye: [Int]
    package let rightEye: [Int]
    package let leftBrow: [Int]
    package let rightBrow: [Int]

    /// All point numbers of all triangles in a row, three by three.
    package var indices: [Int32] { triangles.flatMap { $0.map { Int32($0) } } }

    /// The point numbers of the triangles outside the openings that `holes` lists.
    package func indices(without openings: [Int]) -> [Int32] {
        let open = Set(openings)
        return triangles.enumerated().flatMap { open.contains($0.offset) ? [] : $0.element.map { Int32($0) } }
    }

    /// Reads the description that `scripts/setup` derives from MediaPipe's list of edges.
    ///
    /// - Throws: ``MasqueError`` (`missingModel` or `damagedModel`).
    package static func load(_ installation: Installation = Installation()) throws -> FaceTopology {
        try load(from: installation.models.appendingPathComponent("face_mesh_topology.json"))
    }

    /// Reads a description from a file.
    ///
    /// - Throws: ``MasqueError`` (`missingModel` or `damagedModel`).
    package static func load(from file: URL) throws -> FaceTopology {
        let data: Data
        do {
            data = try Data(contentsOf: file)
        } catch {
            throw MasqueError(
                .missingModel, "The face mesh's description \(file.path) cannot be read.",
                advice: "Run scripts/setup to install it.", cause: error)
        }
        let damaged = "The face mesh's description \(file.path) is damaged."
        let topology: FaceTopology
        do {
            topology = try JSONDecoder().decode(FaceTopology.self, from: data)
        } catch {
            throw MasqueError(.damagedModel, damaged, advice: "Run scripts/setup to install it again.", cause: error)
        }
        let loops = [
            topology.oval, topology.lipsOuter, topology.lipsInner, topology.leftEye, topology.rightEye,
            topology.leftBrow, topology.rightBrow,
        ]
        let points = 0..<FaceMesh.count
        let openings = topology.holes.leftEye + topology.holes.rightEye + topology.holes.mouth
        guard topology.triangles.allSatisfy({ $0.count == 3 && $0.allSatisfy(points.contains) }),
            loops.allSatisfy({ $0.count > 2 && $0.allSatisfy(points.contains) }),
            openings.allSatisfy(topology.triangles.indices.contains),
            // Each point hangs together with others, and no line leads from a point to itself.
            topology.triangles.allSatisfy({ Set($0).count == 3 }),
            Set(topology.triangles.joined()).count == FaceMesh.count, loops.allSatisfy({ Set($0).count == $0.count })
        else { throw MasqueError(.damagedModel, damaged, advice: "Run scripts/setup to install it again.") }
        return topology
    }
}
