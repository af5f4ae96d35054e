// Who is who, which way they look, and how crops are aligned.

import Faces
import Pixels
import Testing

@Suite struct IdentityTests {
    @Test func `One person's pictures lie near each other and two persons' apart`() throws {
        let finder = try Samples.models.finder()
        let people = [
            ("A", try Samples.astronaut()), ("H", try Samples.hopper()), ("B", try Samples.testFace("biden.jpg")),
            ("O", try Samples.testFace("obama.jpg")), ("O", try Samples.testFace("obama2.jpg")),
            ("O", try Samples.testFace("obama3.jpg")),
        ]
        let embeddings = try people.map {
            (name: $0.0, value: try #require(try finder.faces(in: $0.1).first?.embedding))
        }
        for (i, a) in embeddings.enumerated() {
            for b in embeddings[(i + 1)...] {
                let distance = a.value.distance(to: b.value)
                if a.name == b.name { #expect(distance < 0.6) } else { #expect(distance > 0.6) }
            }
        }
        let obamas = embeddings.filter { $0.name == "O" }.map(\.value)
        let mean = try #require(FaceEmbedding.mean(of: Array(obamas.dropLast())))
        #expect(mean.distance(to: obamas[2]) < 0.6)
        #expect(FaceEmbedding.mean(of: []) == nil)
    }

    @Test func `A mirrored face looks the other way`() throws {
        let picture = try Samples.testFace("obama2.jpg")
        let mirrored = picture.seen(
            through: Affine(a: -1, b: 0, tx: Float(picture.width - 1), c: 0, d: 1, ty: 0), width: picture.width,
            height: picture.height)
        let finder = try Samples.models.finder(embeddings: false)
        let a = try #require(try finder.faces(in: picture).first).angles
        let b = try #require(try finder.faces(in: mirrored).first).angles
        #expect(abs(a.yaw + b.yaw) < 4)
        #expect(abs(a.pitch - b.pitch) < 4)
        #expect(abs(a.roll + b.roll) < 3)
        #expect(abs(a.yaw) > 8)
    }

    @Test func `Irises lie in the eyes`() throws {
        for picture in [try Samples.astronaut(), try Samples.hopper()] {
            let face = try #require(try Samples.models.finder(embeddings: false, irises: true).faces(in: picture).first)
            let irises = try #require(face.irises)
            let points = face.points
            let eye = (face.mesh.points[33] - face.mesh.points[133]).length
            #expect((irises.left.center - points.leftEye).length < 0.3 * eye)
            #expect((irises.right.center - points.rightEye).length < 0.3 * eye)
            #expect(abs(irises.left.radius - irises.right.radius) < 0.25 * irises.left.radius)
            // Five and a half irises span about two and a half eyes: the iris is nearly 12 mm, the eye about 30 mm.
            #expect((0.12...0.3).contains(irises.left.radius / eye))
            #expect(irises.left.contour.count == 71)
        }
    }

    @Test(arguments: AlignmentTemplate.allCases)
    func `Aligned crops put eyes and mouth on the template`(template: AlignmentTemplate) throws {
        let picture = try Samples.astronaut()
        let face = try #require(try Samples.models.finder(embeddings: false).faces(in: picture).first)
        let crop = template.crop(for: face.points, size: 256)
        for (point, wanted) in zip(face.points.moved(by: crop.inverse).all, template.points) {
            #expect((point - wanted * 256).length < 256 * 0.08)
        }
        let exact = FivePoints(
            leftEye: template.points[0] * 100, rightEye: template.points[1] * 100, nose: template.points[2] * 100,
            leftMouth: template.points[3] * 100, rightMouth: template.points[4] * 100)
        let map = template.crop(for: exact, size: 100)
        #expect(abs(map.a - 1) < 1e-4 && abs(map.b) < 1e-4 && abs(map.tx) < 1e-2 && abs(map.ty) < 1e-2)
    }
}
