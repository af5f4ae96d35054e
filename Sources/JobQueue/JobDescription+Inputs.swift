// Which files a job needs before it can be worked off.

extension JobDescription {
    /// The roles that must be filled at submit: always a target; a source for what carries a face from one file to
    /// another, a voice for what moves mouths.
    package var neededInputs: Set<InputRole> {
        var roles: Set<InputRole> = [.target]
        if processors.contains("face_swapper") { roles.insert(.source) }
        if hearsVoice { roles.insert(.voice) }
        return roles
    }

    /// Whether a processor moves mouths to a recording.
    package var hearsVoice: Bool { processors.contains("lip_syncer") }
}

extension Job {
    /// Roles that are needed and not filled, in the order source, voice, target.
    package var missingInputs: [InputRole] {
        InputRole.allCases.filter { description.neededInputs.contains($0) && input($0) == nil }
    }
}
