// One face in a picture or frame, with all that is known of it.

package import Pixels

/// A face: where it is, its mesh and, when asked for, its irises and identity.
package struct Face: Sendable {
    /// An upright box about the face: the detector's, or the mesh's in a followed frame.
    package var box: Box
    /// The detector's score, 0…1.
    package var score: Float
    /// The dense mesh.
    package var mesh: FaceMesh
    /// Both irises, when they were asked for.
    package var irises: Irises?
    /// Who it is, when that was asked for.
    package var embedding: FaceEmbedding?
    /// How old it looks, gender and race, when that was asked for.
    package var attributes: FaceAttributes?

    /// Makes a face.
    package init(
        box: Box, score: Float, mesh: FaceMesh, irises: Irises? = nil, embedding: FaceEmbedding? = nil,
        attributes: FaceAttributes? = nil
    ) {
        self.box = box
        self.score = score
        self.mesh = mesh
        self.irises = irises
        self.embedding = embedding
        self.attributes = attributes
    }

    /// Eyes, nose and mouth corners, from the mesh.
    package var points: FivePoints { mesh.fivePoints }
    /// Which way the face looks, from the mesh.
    package var angles: FaceAngles { FaceAngles(of: mesh) }
}
