// Downloads of models on the wire, in the words of the contract and a few more.

internal import Civitai
internal import Words

/// Schema `DownloadStatus`.
struct DownloadStatusJSON: Encodable, Sendable {
    let status = "online"
    let service = "civitai-downloader"
}

/// Schema `Downloaded`.
struct DownloadedJSON: Encodable, Sendable {
    let success = true
    let message = "Model downloaded successfully"
    let filename: String
    let path: String
    let modelName: String
    let versionName: String
    let downloadID: String
    let sha256: String
    let bytes: Int64
    let alreadyThere: Bool

    enum CodingKeys: String, CodingKey {
        case success, message, filename, path, sha256, bytes
        case modelName = "model_name"
        case versionName = "version_name"
        case downloadID = "download_id"
        case alreadyThere = "already_there"
    }

    init(_ model: FetchedModel, download: String) {
        filename = model.filename
        path = model.path
        modelName = model.modelName
        versionName = model.versionName
        downloadID = download
        sha256 = model.sha256
        bytes = model.bytes
        alreadyThere = model.wasThere
    }
}

/// Schema `DownloadAccepted`.
struct DownloadAcceptedJSON: Encodable, Sendable {
    let success = true
    let message: String
    let downloadID: String
    let statusURL: String
    let eventsURL: String

    enum CodingKeys: String, CodingKey {
        case success, message
        case downloadID = "download_id"
        case statusURL = "status_url"
        case eventsURL = "events_url"
    }

    init(_ record: DownloadRecord, message: String) {
        self.message = message
        downloadID = record.id
        statusURL = "/civitai/downloads/\(record.id)"
        eventsURL = "/civitai/downloads/\(record.id)/events"
    }
}

/// Schema `Downloads`.
struct DownloadsJSON: Encodable, Sendable {
    let downloads: [DownloadSummary]
}

/// Schema `DownloadWebhook`.
struct DownloadWebhookJSON: Encodable, Sendable {
    let success = true
    let message: String
    @OrNull var webhookURL: String?
    @OrNull var secret: String?

    enum CodingKeys: String, CodingKey {
        case success, message, secret
        case webhookURL = "webhook_url"
    }
}

/// Schema `Fleet`.
struct FleetJSON: Encodable, Sendable {
    let servers: [FleetStatus]

    init(_ servers: [FleetStatus], in voice: Voice) {
        self.servers = servers.map { server in
            var server = server
            server.message = server.message.map(voice.say)
            return server
        }
    }
}

/// Schema `FleetDownload`.
struct FleetDownloadJSON: Encodable, Sendable {
    let success: Bool
    let message: String
    let results: [FleetResult]

    init(_ results: [FleetResult], in voice: Voice) {
        let good = results.count(where: \.success)
        success = good == results.count
        message = voice.say("\(good) of \(results.count) servers have the model.")
        self.results = results.map { result in
            var result = result
            result.message = voice.say(result.message)
            return result
        }
    }
}
