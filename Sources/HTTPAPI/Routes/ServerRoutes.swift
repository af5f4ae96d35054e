// Health: for people, for load balancers, for those who decide whether to restart.

internal import BlobStore
internal import Errors
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import JobQueue
internal import NIOCore
internal import Services
internal import Words
internal import WorkerProtocol

extension HTTPAPI {
    func addServerRoutes(to group: RouterGroup<APIContext>) {
        group.get("health") { request, _ in
            if prefersText(request) { return plainOK() }
            let lanes = try? await laneFigures()
            let health = HealthJSON(
                version: version,
                processorsAvailable: await jobs.processors().filter(\.available).map(\.name),
                uptimeSeconds: oneDecimal(uptime),
                lanes: lanes.map { figures in
                    Dictionary(
                        uniqueKeysWithValues: figures.map {
                            ($0.rawValue, HealthJSON.LaneState(queued: $1.queued, running: $1.running))
                        })
                })
            return try jsonAnswer(health)
        }
        group.get("livez") { _, _ in try jsonAnswer(LiveJSON()) }
        group.get("readyz") { request, _ in
            let voice = voice(for: request)
            let ready = ReadyJSON([await storeCheck(), await diskCheck(), workerCheck()], in: voice)
            return try jsonAnswer(
                ready, status: ready.status == "ready" ? .ok : .serviceUnavailable, language: voice.language)
        }
    }

    /// How every lane stands at this moment.
    func laneFigures() async throws -> [(lane: Lane, figures: LaneFigures)] {
        let known = try await jobs.store.laneFigures(now: jobs.now())
        return Lane.allCases.map { ($0, known[$0] ?? LaneFigures()) }
    }

    /// Seconds since this value was made.
    var uptime: Double {
        let elapsed = started.duration(to: .now).components
        return Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
    }

    private func storeCheck() async -> ReadyJSON.Check {
        do {
            _ = try await jobs.store.newestEvent()
            return ReadyJSON.Check(name: "store", ok: true, message: "The job store answers.")
        } catch {
            return ReadyJSON.Check(name: "store", ok: false, message: "The job store does not answer.")
        }
    }

    private func diskCheck() async -> ReadyJSON.Check {
        do {
            guard let free = try await jobs.blobs.freeBytes() else {
                return ReadyJSON.Check(name: "disk", ok: true, message: "Nothing bounds the space for files.")
            }
            let isEnough = free >= jobs.rules.reservedBytes
            let megabytes = free / 1_000_000
            return ReadyJSON.Check(
                name: "disk", ok: isEnough,
                message: isEnough
                    ? "\(megabytes) MB are free." : "Only \(megabytes) MB are free, so no new files are taken.")
        } catch {
            return ReadyJSON.Check(name: "disk", ok: false, message: "The folder for files cannot be looked at.")
        }
    }

    private func workerCheck() -> ReadyJSON.Check {
        let (ready, wanted) = workers()
        return ReadyJSON.Check(
            name: "workers", ok: ready > 0 || wanted == 0, message: "\(ready) of \(wanted) media processes are ready.")
    }
}

/// Whether a client would rather have plain text than JSON.
func prefersText(_ request: Request) -> Bool {
    MediaTypes.best(of: ["application/json", "text/plain"], accept: request.headers[.accept]) == "text/plain"
}

/// `OK` in plain text.
func plainOK() -> Response {
    Response(
        status: .ok, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: "OK")))
}
