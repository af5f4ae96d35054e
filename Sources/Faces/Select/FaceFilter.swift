// Faces left out by how old they look, and by gender and race.

/// FaceFusion's `--face-selector-age-start`, `-age-end`, `-gender` and `-race`; what is `nil` lets all faces through.
package struct FaceFilter: Sendable, Hashable {
    /// The least age in years.
    package var ageStart: Int?
    /// The greatest age in years.
    package var ageEnd: Int?
    package var gender: FaceAttributes.Gender?
    package var race: FaceAttributes.Race?

    /// Makes a filter; the default lets all faces through.
    package init(
        ageStart: Int? = nil, ageEnd: Int? = nil, gender: FaceAttributes.Gender? = nil,
        race: FaceAttributes.Race? = nil
    ) {
        self.ageStart = ageStart
        self.ageEnd = ageEnd
        self.gender = gender
        self.race = race
    }

    /// Whether it leaves anything out at all: only then do faces need their attributes.
    package var isEmpty: Bool { ageStart == nil && ageEnd == nil && gender == nil && race == nil }

    /// Whether a face goes through. An age class goes through when any of its years does; a face without attributes
    /// goes through an empty filter only.
    package func passes(_ attributes: FaceAttributes?) -> Bool {
        guard !isEmpty else { return true }
        guard let attributes else { return false }
        return attributes.age.upperBound >= ageStart ?? .min && attributes.age.lowerBound <= ageEnd ?? .max
            && gender.map { $0 == attributes.gender } ?? true && race.map { $0 == attributes.race } ?? true
    }
}
