// Looks at what came: the faces on it, and what becomes of a file that the content gate refuses.

internal import Errors
internal import JobQueue
internal import Services
internal import WorkerProtocol

extension Turn {
    /// Finds the faces of an input. What the content gate refuses is kept no longer: neither its file, nor that it was sent.
    /// A video stays when it is one chosen moment that is refused: whether the whole is, its job finds out.
    /// - Throws: ``MasqueError``, `.refusedContent` among them.
    mutating func look(
        at role: InputRole, of id: JobID, time: Double?, folder: String, draws: Bool = true
    ) async throws -> MediaFacts {
        do {
            return try await jobs.faces(of: role, job: id, owner: owner, time: time, folder: folder, draws: draws)
        } catch let error as MasqueError where error.code == .refusedContent && time == nil {
            let file = role == .source ? session.source : session.target
            if role == .source {
                (session.source, session.sourceFaces) = (nil, nil)
            } else {
                session.target = nil
                forgetAnswers()
            }
            // The other file is fetched into a new draft when it is needed.
            try await deleteDraft()
            var stored = try await desk.book.session(key)
            (stored.source, stored.target, stored.job) = (session.source, session.target, nil)
            try await desk.book.save(stored, key)
            if let file, person.lastSource?.uniqueID == file.uniqueID {
                person = try await desk.book.change(place.user) { person in
                    if person.lastSource?.uniqueID == file.uniqueID { person.lastSource = nil }
                }
            }
            throw error
        }
    }

    /// How many faces an input shows.
    /// - Throws: `.noFace` when there is none, and what the content gate says.
    mutating func count(_ role: InputRole, time: Double?) async throws -> Int {
        guard let id = session.draft else { throw Turn.lost }
        let facts = try await desk.withFolder { folder in
            try await look(at: role, of: id, time: time, folder: folder, draws: false)
        }
        let count = facts.faces?.count ?? 0
        guard count > 0 else {
            throw MasqueError(
                .noFace, role == .source ? "I find no face in photo 1." : "I find no face in photo 2.",
                advice: "Send one on which the face is larger, sharper or seen from the front.")
        }
        return count
    }
}
