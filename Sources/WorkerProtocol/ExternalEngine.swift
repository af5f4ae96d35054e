// Another program that does whole jobs in place of Masque's own engine.

package import JobQueue

/// What such a program is given: files that have passed the content gate.
package struct ExternalOrder: Sendable {
    package var description: JobDescription
    /// Pictures, and a recording where mouths move to one.
    package var sourcePaths: [String]
    package var targetPath: String
    /// What the target is.
    package var target: MediaFacts
    /// A folder of this attempt alone, empty; whoever asked deletes it.
    package var folder: String
    package init(
        description: JobDescription, sourcePaths: [String], targetPath: String, target: MediaFacts, folder: String
    ) {
        self.description = description
        self.sourcePaths = sourcePaths
        self.targetPath = targetPath
        self.target = target
        self.folder = folder
    }
}

/// A program that is installed beside Masque.
package protocol ExternalEngine: Sendable {
    /// As people know it, e.g. `FaceFusion`.
    var name: String { get }
    /// Whether the program can do all that a job asks for.
    func covers(_ description: JobDescription) -> Bool
    /// Does the work; when the task is cancelled, the program and what it started are killed.
    ///
    /// - Parameter progress: told now and then, 0…100 of this program's own work.
    /// - Returns: the path of the file that it made, within the order's folder.
    /// - Throws: ``Errors/MasqueError``.
    func perform(
        _ order: ExternalOrder, progress: @escaping @Sendable (WorkProgress) async -> Void
    ) async throws -> String
}
