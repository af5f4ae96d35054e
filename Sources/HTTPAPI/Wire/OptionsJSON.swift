// The choices of a job on the wire: what a client sends, and what it gets back.

internal import Errors
internal import JobQueue

/// Schema `JobOptions`; what was not chosen is left out.
struct OptionsJSON: Encodable, Sendable {
    let map: [String: Int]?
    let referenceTime: Double?
    let detectorScore: Double?
    let detectorModel: String?
    let keepEyes: Bool?
    let keepMouth: Bool?
    let outputScale: Int?
    let outputFPS: Double?
    let trimStart: Double?
    let trimEnd: Double?
    let executionProviders: [String]?
    let threadCount: Int?

    enum CodingKeys: String, CodingKey {
        case map
        case referenceTime = "reference_time"
        case detectorScore = "detector_score"
        case detectorModel = "detector_model"
        case keepEyes = "keep_eyes"
        case keepMouth = "keep_mouth"
        case outputScale = "output_scale"
        case outputFPS = "output_fps"
        case trimStart = "trim_start"
        case trimEnd = "trim_end"
        case executionProviders = "execution_providers"
        case threadCount = "thread_count"
    }

    init(_ options: JobOptions) {
        map = options.map.map { Dictionary($0.map { (String($0), $1) }, uniquingKeysWith: { $1 }) }
        referenceTime = options.referenceTime
        detectorScore = options.detectorScore
        detectorModel = options.detectorModel
        keepEyes = options.keepEyes
        keepMouth = options.keepMouth
        outputScale = options.outputScale
        outputFPS = options.outputFPS
        trimStart = options.trimStart
        trimEnd = options.trimEnd
        executionProviders = options.executionProviders
        threadCount = options.threadCount
    }
}

extension JobOptions {
    /// Reads `options`; their ranges are checked by the service.
    init(_ fields: ObjectReader) throws {
        self.init()
        var fields = fields
        if var map = try fields.object("map") {
            self.map = try map.all { name, value in
                guard let target = Int(name), String(target) == name else {
                    throw MasqueError(
                        .badInput, "“\(name.prefix(40))” in options.map is no face number.",
                        advice: "A map is {\"target face\": source face}, both numbered from 0, such as {\"0\": 1}.")
                }
                return (target, try value.int(name: "options.map.\(name)"))
            }
        }
        referenceTime = try fields.number("reference_time")
        detectorScore = try fields.number("detector_score")
        detectorModel = try fields.string("detector_model")
        keepEyes = try fields.bool("keep_eyes")
        keepMouth = try fields.bool("keep_mouth")
        outputScale = try fields.int("output_scale")
        outputFPS = try fields.number("output_fps")
        trimStart = try fields.number("trim_start")
        trimEnd = try fields.number("trim_end")
        executionProviders = try fields.strings("execution_providers")
        threadCount = try fields.int("thread_count")
        try fields.finish()
    }
}
