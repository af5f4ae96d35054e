// What the media processes are started with, by the settings.

internal import FaceFusion
internal import Foundation
internal import JobQueue
internal import Logging
internal import ModelFiles
internal import Services
internal import TelegramBot
internal import Workers

extension WorkerSettings {
    /// - Parameter home: the server's folder.
    init(_ settings: ServerSettings, home: String) throws {
        let external = try Self.faceFusion(settings)
        func process(_ lane: Lane) -> ProcessSettings {
            var process = ProcessSettings(workFolder: "\(home)/work")
            process.provider = settings.providers[lane] ?? "cpu"
            process.memoryStrategy = settings.memoryStrategies[lane] ?? "tolerant"
            process.memoryLimit = settings.workerMemory
            // What only .env, masque.yaml or a flag says does not reach them otherwise.
            process.environment["MASQUE_MODEL_STORE"] = settings.storedModels.folder.path
            return process
        }
        let lanes = Lane.allCases.map { lane in
            var lane = LaneSettings(lane: lane, process: process(lane))
            lane.processCount = settings.workers[lane.lane] ?? 1
            lane.ownerLimit = settings.rules.maxRunningJobs
            lane.fallsBackToMesh = settings.rules.fallsBackToMesh
            lane.external = external
            lane.prefersExternal = settings.prefersFaceFusion
            return lane
        }
        self.init(lanes: lanes, inspection: process(.image))
        if settings.telegram.token != nil {
            // Everybody whom the bot answers at the same time may wait there with a photo.
            faceListingQueue += Dispatcher.Settings().atOnce
        }
        shutdownGrace = .seconds(settings.shutdownSeconds)
        let rules = settings.rules
        expiresAt = { _, now in rules.expiry(from: now) }
    }

    /// The FaceFusion that was named, if one was.
    private static func faceFusion(_ settings: ServerSettings) throws -> FaceFusionEngine? {
        guard let folder = settings.faceFusionFolder else { return nil }
        var place = try FaceFusionSettings(folder: folder, python: settings.faceFusionPython)
        for lane in Lane.allCases {
            place.providers[lane] = (settings.providers[lane] ?? "cpu").split(separator: ",").map(String.init)
            place.memoryStrategies[lane] = settings.memoryStrategies[lane] ?? "strict"
        }
        place.silence = .seconds(settings.faceFusionSilence)
        let log = Logger(label: "masque.facefusion")
        return FaceFusionEngine(place) { log.warning("\($0)") }
    }
}
