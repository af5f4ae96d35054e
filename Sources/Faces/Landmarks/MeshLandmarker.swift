// What every dense landmarker does.

package import Pixels

/// Lays the dense mesh on a face. Life cycle: made once over a loaded model, then asked from any engine thread; it
/// keeps nothing from one call to the next. Calls block for about ten milliseconds.
package protocol MeshLandmarker: Sendable {
    /// Lays the mesh on a detected face.
    ///
    /// - Parameter refinements: how many more times the mesh is laid from the crop that the previous one gives; the
    ///   result depends a little on the crop, so 1 is right for pictures and for a face just found (two more passes
    ///   follow as long as the crop still changes much), 0 is fastest.
    /// - Throws: ``MasqueError`` when the model fails. A crop that shows no face gives a low `presence`, not an error.
    func mesh(of face: Detection, in surface: some Surface, refinements: Int) throws -> FaceMesh

    /// Follows a face from its mesh in the frame before (or where it is expected now).
    func mesh(following previous: FaceMesh, in surface: some Surface) throws -> FaceMesh
}
