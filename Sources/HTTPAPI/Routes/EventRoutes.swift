// A job's events, live: Server-Sent Events that resume where they broke off and end when the job does.

internal import Errors
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import JobQueue
internal import Services
internal import Words

extension HTTPAPI {
    func addEventRoutes(to group: RouterGroup<APIContext>) {
        group.get("jobs/:job_id/events") { request, context in
            let job = try await jobs.job(try context.jobID(), owner: try context.visibleOwner())
            let last = try lastEvent(request)
            if last > 0, job.state.isFinal, try await jobs.store.events(of: job.id, after: last, limit: 1).isEmpty {
                // Tells browsers to stop reconnecting.
                return Response(status: .noContent)
            }
            let events = LiveEvents(
                jobs: jobs, job: job.id, owner: job.owner, voice: voice(for: request),
                events: await jobs.feed.events(of: job.id, after: last))
            var answer = ServerSentEvents.response(to: request, keepAlive: keepAlive, events: events)
            answer.headers.tell(events.voice.language)
            return answer
        }
    }

    /// The number after which events are wanted, from the header or, for those who cannot set one, the query.
    private func lastEvent(_ request: Request) throws -> Int64 {
        let parameter = try QueryParameters(request).text("last_event_id", most: 20).map(eventNumber)
        let header = try request.headers[.lastEventID].map { $0.isEmpty ? 0 : try eventNumber($0) }
        return header ?? parameter ?? 0
    }

    private func eventNumber(_ text: String) throws -> Int64 {
        guard let number = Int64(text), number >= 0 else {
            throw MasqueError(
                .badInput, "“\(text.prefix(40))” is no number of an event.",
                advice: "Send the id of the last event you received, or none.")
        }
        return number
    }
}

/// The events of a job after a number, and `end` after the final one.
private struct LiveEvents: AsyncSequence, Sendable {
    typealias Element = ServerSentEvent
    typealias Failure = any Error

    let jobs: JobService
    let job: JobID
    let owner: OwnerID
    let voice: Voice
    let events: AsyncThrowingStream<JobEvent, any Error>

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: self, events: events.makeAsyncIterator()) }

    struct AsyncIterator: AsyncIteratorProtocol {
        let source: LiveEvents
        var events: AsyncThrowingStream<JobEvent, any Error>.AsyncIterator
        var last: ProgressJSON?
        var isOver = false

        mutating func next() async throws -> ServerSentEvent? { try await next(isolation: nil) }

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> ServerSentEvent? {
            guard !isOver else { return nil }
            if let last, last.status.isFinal {
                isOver = true
                return ServerSentEvent(event: "end", data: try text(last))
            }
            guard let event = try await events.next(isolation: actor) else {
                isOver = true
                return nil
            }
            let progress = try await source.progress(event)
            last = progress
            return ServerSentEvent(
                id: String(event.number), event: event.kind == .progress ? "progress" : "status",
                data: try text(progress))
        }

        private func text(_ progress: ProgressJSON) throws -> String { String(buffer: try jsonBytes(progress)) }
    }

    /// The event with the job's outlook, if the job still stands where the event left it.
    private func progress(_ event: JobEvent) async throws -> ProgressJSON {
        guard let job = try await jobs.store.job(job, owner: owner) else {
            return ProgressJSON(event, outlook: nil, hasPreview: false, in: voice)
        }
        let isNews = job.state == event.state && job.attempts == event.attempts && job.progress <= event.progress
        return ProgressJSON(
            event, outlook: isNews ? try await jobs.outlook(of: job) : nil, hasPreview: job.preview != nil, in: voice)
    }
}
