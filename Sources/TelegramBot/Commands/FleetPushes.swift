// Has the servers of the fleet download a model, and tells in one message how each of them does.

package import Civitai
internal import Foundation
internal import Logging
internal import Synchronization
internal import Words

/// What `/download` needs; the same as the HTTP calls under `/fleet`.
package struct FleetDownloads: Sendable {
    package var client: FleetClient
    /// Host and port of the Civitai that is asked, whose links are taken beside the public ones.
    package var host: String
    /// The list of servers; read at every order.
    package var file: String?
    /// The least time between two changes of the message.
    package var interval = Duration.seconds(2)

    package init(client: FleetClient, host: String, file: String?) {
        (self.client, self.host, self.file) = (client, host, file)
    }
}

/// The downloads that were ordered in chats. They are not kept over a restart; the servers go on by themselves.
actor FleetPushes {
    /// One order.
    struct Order: Sendable {
        /// As it was given: the servers read it.
        var link: String
        /// The same without anything secret.
        var shown: String
        var servers: [FleetServer]
        var chat: Int64
        var message: Int
        var voice: Voice
        var begun = ContinuousClock.now
    }

    private let desk: BotDesk
    nonisolated let fleet: FleetDownloads?
    private let orders: AsyncStream<Order>
    private let queue: AsyncStream<Order>.Continuation

    init(desk: BotDesk, fleet: FleetDownloads?) {
        (self.desk, self.fleet) = (desk, fleet)
        (orders, queue) = AsyncStream.makeStream()
    }

    nonisolated func add(_ order: Order) { queue.yield(order) }

    /// Works until the task is cancelled. Once.
    func run() async {
        guard let fleet else { return }
        await withDiscardingTaskGroup { group in
            for await order in orders {
                group.addTask { await Self.push(order, fleet, self.desk) }
            }
        }
    }

    /// What servers have answered so far.
    private final class Answers: Sendable {
        private let state = Mutex<(results: [String: FleetResult], percents: [String: Double], shown: Screen?)>(
            ([:], [:], nil))
        var results: [String: FleetResult] { state.withLock(\.results) }
        var percents: [String: Double] { state.withLock(\.percents) }
        func add(_ result: FleetResult) { state.withLock { $0.results[result.name] = result } }
        func add(_ server: String, _ percent: Double) { state.withLock { $0.percents[server] = percent } }
        var shown: Screen? { state.withLock(\.shown) }
        func note(shown: Screen) { state.withLock { $0.shown = shown } }
    }

    private static func push(_ order: Order, _ fleet: FleetDownloads, _ desk: BotDesk) async {
        let answers = Answers()
        @Sendable func show() async {
            let screen = screen(order, answers.results, answers.percents)
            // Telegram refuses to change a message into itself.
            guard screen != answers.shown else { return }
            do {
                try await desk.change(order.message, in: order.chat, to: screen)
                answers.note(shown: screen)
            } catch {
                desk.log.debug("How far a download is could not be shown.", metadata: ["error": "\(error)"])
            }
        }
        let key = (try? CivitaiLink(order.link, host: fleet.host))?.key
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                var client = fleet.client
                (client.host, client.progressInterval) = (fleet.host, fleet.interval)
                _ = await client.download(
                    order.link, key: key, to: order.servers, onResult: { answers.add($0) },
                    onProgress: { answers.add($0, $1) })
                return true
            }
            group.addTask {
                while (try? await Task.sleep(for: fleet.interval)) != nil { await show() }
                return false
            }
            while let isDone = await group.next(), !isDone {}
            group.cancelAll()
        }
        if !Task.isCancelled { await show() }
    }

    /// A line for each server.
    /// - Parameter percents: how far those are that tell it.
    static func screen(
        _ order: Order, _ results: [String: FleetResult], _ percents: [String: Double] = [:]
    ) -> Screen {
        let voice = order.voice
        let waited = voice.length(seconds: Double((ContinuousClock.now - order.begun).components.seconds))
        let lines = order.servers.map { server in
            guard let result = results[server.name] else {
                return percents[server.name].map { voice.say("⏳ \(server.name): \(Int($0)) % after \(waited)") }
                    ?? voice.say("⏳ \(server.name): at work for \(waited)")
            }
            let text = String(voice.say(result.message).prefix(200))
            guard result.success else { return "✖️ \(server.name): \(text)" }
            return "✅ \(server.name): \(result.filename.map { String($0.prefix(200)) } ?? text)"
        }
        let isDone = results.count == order.servers.count
        let good = results.values.count { $0.success }
        let end = isDone ? voice.say("Done: \(good) of \(order.servers.count) servers have it.") : nil
        return Screen(([order.shown] + lines + [end]) as [String?])
    }
}
