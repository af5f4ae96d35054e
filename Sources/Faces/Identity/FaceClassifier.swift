// Apparent age, gender and race, by the published classifier.

package import Inference
package import Pixels

/// What FairFace says of a face. It describes how a face looks to a classifier, not who somebody is.
package struct FaceAttributes: Sendable, Hashable, Codable {
    /// FaceFusion's `--face-selector-gender`.
    package enum Gender: String, Sendable, Hashable, Codable, CaseIterable {
        case female, male
    }

    /// FaceFusion's `--face-selector-race`.
    package enum Race: String, Sendable, Hashable, Codable, CaseIterable {
        case white, black, latino, asian, indian, arabic
    }

    /// In years, both ends included; the last class is 70…100.
    package let age: ClosedRange<Int>
    package let gender: Gender
    package let race: Race

    /// Makes attributes.
    package init(age: ClosedRange<Int>, gender: Gender, race: Race) {
        self.age = age
        self.gender = gender
        self.race = race
    }
}

/// FairFace.
///
/// Source: Kärkkäinen and Joo, "FairFace: face attribute dataset for balanced race, gender, and age", 2021; FaceFusion's
/// file `fairface`: a 224×224 crop `arcface_112_v2`, R, G, B with ImageNet's mean and deviation; three whole numbers,
/// race, gender and age.
package struct FaceClassifier: Sendable {
    /// The file's name.
    package static let model = "fairface"
    private static let side = 224
    private static let ages = [0...2, 3...9, 10...19, 20...29, 30...39, 40...49, 50...59, 60...69, 70...100]
    private static let races: [FaceAttributes.Race] = [.white, .black, .latino, .asian, .asian, .indian, .arabic]

    private let session: any InferenceSession

    /// Takes a loaded model.
    ///
    /// - Throws: ``MasqueError`` (`damagedModel`), naming the tensor, when the file is another model.
    package init(session: any InferenceSession) throws {
        try session.requireInput(ExpectedTensor(name: "input", shape: [1, 3, Self.side, Self.side]), of: Self.model)
        for place in 0..<3 { try session.requireOutput(place, shape: [1], of: Self.model) }
        self.session = session
    }

    /// What the face with these five points looks like.
    ///
    /// - Throws: ``MasqueError`` when the model fails or gives classes that there are not.
    package func attributes(of points: FivePoints, in surface: some Surface) throws -> FaceAttributes {
        let transform = AlignmentTemplate.arcface112v2.crop(for: points, size: Self.side)
        let crop = surface.sample(transform, width: Self.side, height: Self.side)
        let input = crop.normalised(mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])
        let classes = try session.run(["input": input]).map { $0.firstClass }
        guard classes.count >= 3, let race = classes[0], let gender = classes[1], let age = classes[2],
            Self.races.indices.contains(race), Self.ages.indices.contains(age), (0...1).contains(gender)
        else { throw unexpectedOutputs(of: Self.model) }
        return FaceAttributes(age: Self.ages[age], gender: gender == 1 ? .female : .male, race: Self.races[race])
    }
}

extension Tensor {
    /// The first value, if it is a whole number.
    fileprivate var firstClass: Int? {
        switch self {
        case .int64(let values, _): values.first.flatMap { Int(exactly: $0) }
        case .float32(let values, _): values.first.flatMap { Int(exactly: $0) }
        case .float64(let values, _): values.first.flatMap { Int(exactly: $0) }
        }
    }
}
