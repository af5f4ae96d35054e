// `masque jobs`: what an administrator sees and does, straight on the server's store.

internal import ArgumentParser
internal import Errors
internal import Foundation
internal import HTTPAPI
internal import JobQueue
internal import JobQueueSQLite
internal import Services

/// Works while the server runs, too: it notices within a second.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "List, show and cancel jobs, and see to their webhooks.",
        subcommands: [List.self, Show.self, Cancel.self, Webhooks.self], defaultSubcommand: List.self)

    /// Opens the store of a server's folder, which must be there.
    static func store(_ server: ServerOptions) async throws -> SQLiteStore {
        try await Home.existingStore(try await server.settings())
    }

    /// The newest jobs.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List the newest jobs.")
        @OptionGroup var server: ServerOptions
        @Option(name: .customLong("user-id"), help: "Only this user's.")
        var userID: String?
        @Option(name: .long, help: "Only jobs in this state; may be given often.")
        var state: [String] = []
        @Option(name: .long, help: "How many, 1 to 200.")
        var limit = 20
        @Flag(help: "Print one JSON object a line.")
        var json = false

        func run() async throws {
            var query = JobQuery(owner: try userID.map(ownerID))
            query.limit = try within(1...200, limit, "--limit")
            query.states = Set(
                try state.map { name in
                    guard let state = JobState(rawValue: name) else {
                        let all = JobState.allCases.map(\.rawValue).joined(separator: ", ")
                        throw MasqueError(.badInput, "There is no state “\(name)”.", advice: "States are \(all).")
                    }
                    return state
                })
            let jobs = try await JobsCommand.store(server).jobs(query).jobs
            if json { return try jobs.forEach { Console.out(try HTTPAPI.jobLine($0)) } }
            if jobs.isEmpty { return Console.out("There are no such jobs.") }
            for job in jobs {
                let what = job.description.mode ?? job.description.processors.joined(separator: ",")
                let share = job.state == .running ? " \(Int(job.progress)) %" : ""
                let reason = job.failure.map { "  \($0.message)" } ?? ""
                Console.out(
                    Console.plain(
                        "\(job.createdAt.formatted(.iso8601))  \(job.id)  \(job.state.rawValue)\(share)  \(what)  "
                            + "\(job.owner)\(reason)"))
            }
        }
    }

    /// One job with its history.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a job and its history, as the API's JSON.")
        @Argument(help: "The job's name.") var id: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            let store = try await JobsCommand.store(server)
            guard let job = try await store.job(JobID(rawValue: id), owner: nil) else {
                throw MasqueError(.notFound, "There is no job \(id).")
            }
            Console.out(try HTTPAPI.jobLine(job))
            for event in try await store.events(of: job.id, after: 0, limit: 10_000) {
                Console.out(try HTTPAPI.historyLine(event))
            }
        }
    }

    /// Stops a job, whoever's it is.
    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "cancel", abstract: "Cancel a job.")
        @Argument(help: "The job's name.") var id: String
        @OptionGroup var server: ServerOptions

        func run() async throws {
            let job = try await JobsCommand.store(server).cancel(JobID(rawValue: id), owner: nil, now: Date())
            Console.out(
                job.state.isFinal ? "The job is \(job.state.rawValue)." : "The job runs and was asked to stop.")
        }
    }

    /// Deliveries, and sending them again.
    struct Webhooks: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "webhooks", abstract: "List deliveries of webhooks, or send one again.",
            discussion: "Dead letters: masque jobs webhooks --state dead. Again: masque jobs webhooks --replay ID.")
        @OptionGroup var server: ServerOptions
        @Option(name: .long, help: "Only deliveries in this state: pending, delivered or dead.")
        var state: String?
        @Option(name: .long, help: "Only deliveries of this job.")
        var job: String?
        @Option(name: .long, help: "Send this delivery again, under the same webhook-id.")
        var replay: [String] = []
        @Option(name: .long, help: "How many, 1 to 1000.")
        var limit = 50
        @Flag(help: "Print one JSON object a line.")
        var json = false

        func run() async throws {
            let store = try await JobsCommand.store(server)
            if !replay.isEmpty {
                for id in replay {
                    guard let delivery = try await store.replay(id, now: Date()) else {
                        throw MasqueError(.notFound, "There is no delivery \(id).")
                    }
                    Console.out("\(delivery.id) is sent again to \(Console.plain(delivery.webhook.url)).")
                }
                return
            }
            let wanted = try state.map { name in
                guard let state = Delivery.State(rawValue: name) else {
                    throw MasqueError(
                        .badInput, "There is no state “\(name)”.", advice: "Use pending, delivered or dead.")
                }
                return state
            }
            let found = try await store.deliveries(
                state: wanted, job: job.map(JobID.init(rawValue:)), limit: try within(1...1000, limit, "--limit"))
            if json { return found.forEach { Console.json(Line($0)) } }
            if found.isEmpty { return Console.out("There are no such deliveries.") }
            for delivery in found {
                let error = delivery.lastError.map { "  \($0)" } ?? ""
                Console.out(
                    Console.plain(
                        "\(delivery.at.formatted(.iso8601))  \(delivery.id)  \(delivery.state.rawValue)  "
                            + "\(delivery.event.rawValue) of \(delivery.job.id)  \(delivery.webhook.url)  "
                            + "\(delivery.attempts) attempts\(error)"))
            }
        }

        private struct Line: Encodable {
            let id: String
            let job: String
            let event: String
            let url: String
            let state: String
            let attempts: Int
            let at: Date
            let nextAttemptAt: Date?
            let lastError: String?

            init(_ delivery: Delivery) {
                id = delivery.id
                job = delivery.job.id.rawValue
                event = delivery.event.rawValue
                url = delivery.webhook.url
                state = delivery.state.rawValue
                attempts = delivery.attempts
                at = delivery.at
                nextAttemptAt = delivery.nextAttemptAt
                lastError = delivery.lastError
            }
        }
    }
}
