// Which files a job needs before it can be worked off.

extension JobDescription {
    /// The roles that must be filled at submit: always a target; a source for what carries a face, voice or the like
    /// from one file to another.
    package var neededInputs: Set<InputRole> {
        processors.contains { Self.sourceProcessors.contains($0) } ? [.source, .target] : [.target]
    }

    private static let sourceProcessors: Set<String> = ["face_swapper", "lip_syncer"]
}

extension Job {
    /// Roles that are needed and not filled, in the order source, target.
    package var missingInputs: [InputRole] {
        InputRole.allCases.filter { description.neededInputs.contains($0) && input($0) == nil }
    }
}
