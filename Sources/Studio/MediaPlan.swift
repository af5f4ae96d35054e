// Who becomes whom: the selector or the map, made definite by a reference frame.

internal import Errors
internal import Faces

/// The decision for every target face of one request.
struct MediaPlan: Sendable {
    private var selector: FaceSelector
    private var map: FaceMap?
    private var people: [FaceEmbedding]
    private let hasReferences: Bool
    /// The faces that must be there, by number.
    private let needed: [Int]
    /// Whether the choices were options of a command.
    private let hasOptions: Bool

    /// Makes a plan; a map in the request was parsed before and is right.
    init(request: MediaRequest, needed: [Int], references: [FaceEmbedding]) {
        self.needed = needed
        selector = request.selector
        hasOptions = request.hasOptions
        people = references
        hasReferences = !references.isEmpty
        map = request.map.flatMap {
            try? FaceMap(parsing: $0, sources: request.sources.count, references: references.count)
        }
    }

    /// Whether faces need identities before they can be decided on.
    var needsEmbeddings: Bool { map != nil || selector.needsEmbeddings }
    /// Whether the plan refers to faces of a frame that must be looked at first.
    var needsReferenceFrame: Bool { map != nil || (selector.mode == .reference && !hasReferences) }

    /// The same plan with positions and the reference face settled by the faces of the target's reference frame.
    ///
    /// - Throws: `.noFace` when the faces that it refers to are not there.
    ///
    /// - Parameter isWhole: whether these are all faces there are, as in a picture: then the face found is the one that
    ///   is meant, and nobody who looks like it.
    func settled(by faces: [Face], in name: String, isWhole: Bool = false) throws -> MediaPlan {
        var plan = self
        if let missing = needed.first(where: { $0 >= faces.count }) {
            let seen = faces.isEmpty ? "no face" : faces.count == 1 ? "one face" : "\(faces.count) faces"
            throw MasqueError(
                .noFace, "The target “\(name)” shows \(seen) where it was looked at, so there is no face \(missing).",
                advice: "Faces count from 0; in a video, choose a moment that shows everyone who is to be replaced.")
        }
        if let map {
            let (named, people) = map.byPerson(faces: faces, order: selector.order, references: people)
            guard !named.entries.isEmpty else { throw nothing(faces, name) }
            plan.map = named
            plan.people = people
        } else if selector.mode == .reference, !hasReferences {
            let sorted = selector.order.sorted(faces)
            guard sorted.indices.contains(selector.position), let embedding = sorted[selector.position].embedding else {
                throw nothing(faces, name)
            }
            plan.people = [embedding]
            if isWhole { plan.selector.mode = .one }
        }
        return plan
    }

    /// The source (from 0) for each face that is swapped, by the face's place in `faces`.
    func decide(_ faces: [Face]) -> [(face: Int, source: Int)] {
        if let map {
            return map.assign(to: faces, order: selector.order, references: people).compactMap { assignment in
                place(of: assignment.face, in: faces).map { ($0, assignment.source) }
            }
        }
        return selector.select(from: faces, references: people).compactMap { face in
            place(of: face, in: faces).map { ($0, 0) }
        }
    }

    /// Each face's place in the order in which faces are counted, by its place in `faces`.
    func numbers(of faces: [Face]) -> [Int] {
        let sorted = selector.order.sorted(faces)
        return faces.map { face in sorted.firstIndex { $0.mesh == face.mesh } ?? 0 }
    }

    private func place(of face: Face, in faces: [Face]) -> Int? {
        faces.firstIndex { $0.mesh == face.mesh }
    }

    private func nothing(_ faces: [Face], _ name: String) -> MasqueError {
        func label(_ name: String) -> String { ProcessorChoices.label(name, isOption: hasOptions) }
        let seen = faces.isEmpty ? "no face" : faces.count == 1 ? "only one face" : "only \(faces.count) faces"
        return MasqueError(
            .noFace, "The target “\(name)” shows \(seen) where the swap looks for the face to replace.",
            advice:
                "Choose another \(label("reference_face_position")) or \(label("face_selector_mode")) many; in a video, another frame with \(label("reference_frame_number"))."
        )
    }
}
