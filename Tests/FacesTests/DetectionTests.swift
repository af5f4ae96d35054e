// Faces are found: near, small, turned, many.

import Faces
import Inference
import Pixels
import Testing

@Suite struct DetectionTests {
    @Test(arguments: [
        ("samples/astronaut.png", 1), ("samples/grace_hopper.jpg", 1), ("test-faces/biden.jpg", 1),
        ("test-faces/obama.jpg", 1), ("test-faces/obama2.jpg", 1), ("test-faces/obama3.jpg", 1),
        ("test-faces/obama_partial_face.jpg", 1), ("test-faces/obama_partial_face2.jpg", 1),
    ])
    func `Each portrait shows one face`(name: String, count: Int) throws {
        let picture = try Samples.picture(name, longest: 1200)
        let faces = try Samples.models.finder(embeddings: false).faces(in: picture)
        for f in faces { print(name, picture.width, picture.height, f.score, f.box, f.mesh.presence, f.angles) }
        #expect(faces.count == count)
    }
}
