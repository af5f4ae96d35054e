// A face map applied to faces that were found.

/// A source put onto a face.
package struct FaceAssignment: Sendable {
    /// The source, counted from 0.
    package let source: Int
    /// The face that it goes onto.
    package let face: Face
}

extension FaceMap {
    /// Puts sources onto the faces of one picture.
    ///
    /// - Parameters:
    ///   - faces: the faces found, in any order; those for references need embeddings.
    ///   - order: the order in which positions count.
    ///   - references: the people of the reference pictures.
    ///   - maximumDistance: how near a face must lie to its reference.
    /// - Returns: one assignment for each pair whose face was found, each face at most once; of two people that fit a
    ///   reference the nearer gets it.
    package func assign(
        to faces: [Face], order: FaceOrder, references: [FaceEmbedding] = [],
        maximumDistance: Float = FaceEmbedding.samePersonDistance
    ) -> [FaceAssignment] {
        let sorted = order.sorted(faces)
        var taken: Set<Int> = []
        var result: [(entry: Int, assignment: FaceAssignment)] = []
        for (index, entry) in entries.enumerated() {
            if case .position(let position) = entry.target, sorted.indices.contains(position),
                taken.insert(position).inserted
            {
                result.append((index, FaceAssignment(source: entry.source, face: sorted[position])))
            }
        }
        // References: nearest pairs first.
        var candidates: [(distance: Float, entry: Int, face: Int)] = []
        for (index, entry) in entries.enumerated() {
            guard case .reference(let number) = entry.target, references.indices.contains(number) else { continue }
            for (place, face) in sorted.enumerated() {
                guard let embedding = face.embedding else { continue }
                let distance = embedding.distance(to: references[number])
                if distance < maximumDistance { candidates.append((distance, index, place)) }
            }
        }
        var served: Set<Int> = []
        for candidate in candidates.sorted(by: { $0.distance < $1.distance })
        where !taken.contains(candidate.face) && !served.contains(candidate.entry) {
            taken.insert(candidate.face)
            served.insert(candidate.entry)
            let assignment = FaceAssignment(source: entries[candidate.entry].source, face: sorted[candidate.face])
            result.append((candidate.entry, assignment))
        }
        return result.sorted { $0.entry < $1.entry }.map(\.assignment)
    }

    /// The same map with every position replaced by the person found there in a reference frame, so that it holds for
    /// a whole video in which people move and change places.
    ///
    /// - Parameters:
    ///   - faces: the faces of the reference frame with their embeddings.
    ///   - order: the order in which positions count.
    ///   - references: the people of the reference pictures, which keep their numbers.
    /// - Returns: the map and all references it now names; pairs whose face is not there are left out.
    package func byPerson(
        faces: [Face], order: FaceOrder, references: [FaceEmbedding] = []
    ) -> (map: FaceMap, references: [FaceEmbedding]) {
        let sorted = order.sorted(faces)
        var people = references
        var pairs: [Entry] = []
        for entry in entries {
            switch entry.target {
            case .reference:
                pairs.append(entry)
            case .position(let position):
                guard sorted.indices.contains(position), let embedding = sorted[position].embedding else { continue }
                people.append(embedding)
                pairs.append(Entry(source: entry.source, target: .reference(people.count - 1)))
            }
        }
        return (FaceMap(entries: pairs), people)
    }
}
