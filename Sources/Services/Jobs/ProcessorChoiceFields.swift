// Options of processors among the fields of a process call.

internal import Errors

/// The fields whose names begin as FaceFusion's options of processors do, as texts: what they mean is the media process'
/// to say.
struct ProcessorChoiceFields: Decodable {
    let values: [String: String]

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private static let beginnings =
        ProcessRequest.processorNames.map { $0 + "_" } + [
            "face_mask_", "face_occluder_", "face_parser_", "face_landmarker_", "face_selector_", "reference_face_",
            "reference_frame_", "voice_extractor_",
            "face_detector_size", "face_detector_angles",
        ]

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        var values: [String: String] = [:]
        for key in fields.allKeys where Self.beginnings.contains(where: key.stringValue.hasPrefix) {
            guard try !fields.decodeNil(forKey: key) else { continue }
            let text = try Self.text(fields, key)
            guard text.utf8.count <= 256, key.stringValue.utf8.count <= 64, values.count < 64 else {
                throw MasqueError(
                    .badInput, "The options of processors are too many or too long.",
                    advice: "docs/facefusion.md lists them.")
            }
            values[key.stringValue] = text
        }
        self.values = values
    }

    private static func text(_ fields: KeyedDecodingContainer<Name>, _ key: Name) throws -> String {
        if let text = try? fields.decode(String.self, forKey: key) { return text }
        if let flag = try? fields.decode(Bool.self, forKey: key) { return flag ? "true" : "false" }
        if let number = try? fields.decode(Double.self, forKey: key) { return number.short }
        if let words = try? fields.decode([String].self, forKey: key) { return words.joined(separator: ",") }
        if let numbers = try? fields.decode([Double].self, forKey: key) {
            return numbers.map(\.short).joined(separator: ",")
        }
        throw MasqueError(
            .badInput, "\(key.stringValue.prefix(64)) must be a text, a number, true, false or a list of those.")
    }
}
