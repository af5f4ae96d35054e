// What the server and a media process say to each other: one JSON object a line, over the child's stdin and stdout.

package import JobQueue

/// From the server to a media process. Paths are absolute, on a disk both see.
package enum WorkerRequest: Sendable, Codable {
    /// Do a job; answered by `progress`… and then `finished` or `failed`.
    case work(WorkOrder)
    /// Look at a file; answered by `inspected` or `failed`.
    case inspect(InspectOrder)
    /// Let sources and target pass the content gate before another program works on them; answered by `progress`… and then
    /// `inspected`, with what the target is, or `failed`.
    case admit(WorkOrder)
    /// Finish what another program made of an order; answered by `finished` or `failed`.
    case sign(SignOrder)
    /// Make a result smaller; answered by `progress`… and then `finished` or `failed`.
    case fit(FitOrder)
    /// Make a small picture of a result; answered by `finished` or `failed`.
    case poster(PosterOrder)
    /// Stop the work of this order as soon as the frame in hand is done; answered by `failed` with code `stopped`.
    case cancel(order: String)
}

/// From a media process to the server.
package enum WorkerReply: Sendable, Codable {
    /// Said when the models are loaded, and again when models came or went: which processors can run here.
    case ready(WorkerAbilities)
    case progress(order: String, WorkProgress)
    case finished(order: String, WorkResult)
    case inspected(order: String, MediaFacts)
    case failed(order: String, JobFailure)
}

/// One attempt of one job.
package struct WorkOrder: Sendable, Codable {
    /// Unique per attempt.
    package var order: String
    package var description: JobDescription
    package var sourcePaths: [String]
    /// The recording to which mouths move.
    package var voicePath: String?
    package var targetPath: String
    /// A folder of this job alone. The result and previews are written here; what an attempt before left here (finished
    /// segments of a video) is continued from.
    package var folder: String
    /// Whether a missing model may be replaced by `mesh`; the result says so in its notes.
    package var fallsBackToMesh: Bool
    /// Seconds of CPU time after which the process is killed.
    package var cpuSeconds: Int
    package init(
        order: String, description: JobDescription, sourcePaths: [String], voicePath: String? = nil,
        targetPath: String, folder: String, fallsBackToMesh: Bool, cpuSeconds: Int
    ) {
        self.order = order
        self.description = description
        self.sourcePaths = sourcePaths
        self.voicePath = voicePath
        self.targetPath = targetPath
        self.folder = folder
        self.fallsBackToMesh = fallsBackToMesh
        self.cpuSeconds = cpuSeconds
    }
}

/// What is left to do when another program has made a result: it gets the target's sound and tags and the statement of
/// its origin.
package struct SignOrder: Sendable, Codable {
    package var work: WorkOrder
    /// What the other program made, in the folder of inputs.
    package var madePath: String
    /// What made it, as the statement of origin names it, e.g. `FaceFusion: inswapper_128_fp16+gfpgan_1.4`.
    package var system: String
    package init(work: WorkOrder, madePath: String, system: String) {
        self.work = work
        self.madePath = madePath
        self.system = system
    }
}

/// How far an order is.
package struct WorkProgress: Sendable, Codable, Hashable {
    package var stage: String
    /// 0…100.
    package var percent: Double
    package var framesPerSecond: Double?
    /// A small JPEG of the newest finished frame; renamed into place, so it is never half written.
    package var previewPath: String?
    package init(stage: String, percent: Double, framesPerSecond: Double? = nil, previewPath: String? = nil) {
        self.stage = stage
        self.percent = percent
        self.framesPerSecond = framesPerSecond
        self.previewPath = previewPath
    }
}

/// A finished order.
package struct WorkResult: Sendable, Codable, Hashable {
    package var path: String
    package var mediaType: String
    package var width: Int
    package var height: Int
    /// Seconds; nil for a picture.
    package var duration: Double?
    package var faceCount: Int
    package var notes: [String]
    package var stageSeconds: [String: Double]
    package init(
        path: String, mediaType: String, width: Int, height: Int, duration: Double?, faceCount: Int, notes: [String],
        stageSeconds: [String: Double]
    ) {
        self.path = path
        self.mediaType = mediaType
        self.width = width
        self.height = height
        self.duration = duration
        self.faceCount = faceCount
        self.notes = notes
        self.stageSeconds = stageSeconds
    }
}

/// A question about one file.
package struct InspectOrder: Sendable, Codable {
    package var order: String
    package var path: String
    /// Also find the faces (of a picture, or of a video's frame at `time` seconds).
    package var findsFaces: Bool
    /// nil: the frame at which a swap looks that is told no moment, which is the first of those it tries that shows a
    /// face.
    package var time: Double?
    /// Where to write one small JPEG per face, `face-0.jpg` …, `frame.jpg`, the picture or frame at most 1280 pixels on
    /// its longer side, and `numbered.jpg`, the same with a box about each face and its number, counted from 1; nil for
    /// none.
    package var folder: String?
    /// The file is a recording, or a video whose sound is wanted: only its sound is looked at.
    package var isVoice: Bool
    package init(
        order: String, path: String, findsFaces: Bool = false, time: Double? = nil, folder: String? = nil,
        isVoice: Bool = false
    ) {
        self.order = order
        self.path = path
        self.findsFaces = findsFaces
        self.time = time
        self.folder = folder
        self.isVoice = isVoice
    }
}

/// What a file is.
package struct MediaFacts: Sendable, Codable, Hashable {
    /// E.g. `image/jpeg`, `video/mp4`; from the content.
    package var mediaType: String
    package var isVideo: Bool
    /// Pixels, after rotation; 0 for sound.
    package var width: Int
    package var height: Int
    /// Seconds; nil for a picture.
    package var duration: Double?
    package var framesPerSecond: Double?
    package var frameCount: Int?
    /// nil when faces were not asked for.
    package var faces: [FaceFacts]?
    /// The moment of the frame whose faces these are, in seconds; nil for a picture, and without faces.
    package var frameTime: Double?
    package init(
        mediaType: String, isVideo: Bool, width: Int, height: Int, duration: Double?, framesPerSecond: Double?,
        frameCount: Int?, faces: [FaceFacts]?, frameTime: Double? = nil
    ) {
        self.mediaType = mediaType
        self.isVideo = isVideo
        self.width = width
        self.height = height
        self.duration = duration
        self.framesPerSecond = framesPerSecond
        self.frameCount = frameCount
        self.faces = faces
        self.frameTime = frameTime
    }
}

/// A face that was found, numbered as job options name it.
package struct FaceFacts: Sendable, Codable, Hashable {
    package var number: Int
    /// Pixels of the picture after rotation.
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double
    /// 0…1.
    package var score: Double
    package init(number: Int, x: Double, y: Double, width: Double, height: Double, score: Double) {
        self.number = number
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.score = score
    }
}

/// What a media process can do.
package struct WorkerAbilities: Sendable, Codable, Hashable {
    /// Processor name → nil when it can run, else a sentence that says what is missing.
    package var processors: [ProcessorAbility]
    /// Execution providers that work here, e.g. `["cpu"]`.
    package var executionProviders: [String]
    package init(processors: [ProcessorAbility], executionProviders: [String]) {
        self.processors = processors
        self.executionProviders = executionProviders
    }
}

extension WorkerAbilities {
    /// Whether a processor, or a model that a job names for one, is not there.
    package func lacks(_ description: JobDescription) -> Bool {
        description.processors.contains { name in
            guard let ability = processors.first(where: { $0.name == name }) else { return true }
            return description.model(of: name).map { !ability.models.contains($0) } ?? !ability.available
        }
    }
}

/// Whether one processor can run.
package struct ProcessorAbility: Sendable, Codable, Hashable {
    package var name: String
    package var available: Bool
    /// What is missing and which command fetches it; nil when it is available.
    package var reason: String?
    /// The models that it can run with here, its default first.
    package var models: [String]
    package init(name: String, available: Bool, reason: String?, models: [String] = []) {
        self.name = name
        self.available = available
        self.reason = reason
        self.models = models
    }
}
