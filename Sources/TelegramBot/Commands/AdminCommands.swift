// What administrators (`ADMIN_TG_IDS`) order.

internal import Foundation
internal import TelegramAPI
package import Words

/// `/stats`, `/ban`, `/unban`, `/broadcast`, `/queue`, `/download`: in private chats, for administrators alone.
package struct AdminCommands: Sendable {
    let desk: BotDesk
    /// Sends what is meant for all.
    package let broadcasts: Broadcasts
    let pushes: FleetPushes
    let version: String?
    let startedAt: Date
    private let pace = CommandPace()

    /// - Parameters:
    ///   - fleet: where `/download` sends models; nil: it says that none is set up.
    ///   - version: the program's, for `/stats`.
    package init(desk: BotDesk, fleet: FleetDownloads? = nil, version: String? = nil) {
        self.desk = desk
        self.version = version
        broadcasts = Broadcasts(desk: desk)
        pushes = FleetPushes(desk: desk, fleet: fleet)
        startedAt = desk.now()
    }

    /// Sends broadcasts, those that an earlier run began too, and follows downloads, until the task is cancelled. Once.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await broadcasts.run() }
            group.addTask { await pushes.run() }
            try await group.waitForAll()
        }
    }

    /// - Returns: false when it is none of these commands, or the person is no administrator.
    package func answer(_ command: String, _ arguments: String, place: Place, voice: Voice) async throws -> Bool {
        guard isAdministrator(place),
            ["stats", "ban", "unban", "queue", "broadcast", "download"].contains(command)
        else { return false }
        switch await pace.take(place.user, now: desk.now()) {
        case .go: break
        case .silent: return true
        case .blocked:
            try await desk.say(
                Screen(voice.say("One command in 2 seconds, please. I go on listening in 10 seconds.")), to: place)
            return true
        }
        let words = arguments.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
        switch command {
        case "stats": try await desk.say(try await stats(voice), to: place)
        case "ban": try await desk.say(try await ban(words, place, voice), to: place)
        case "unban": try await desk.say(try await unban(words, voice), to: place)
        case "queue": try await desk.say(try await queue(voice), to: place)
        case "broadcast": try await broadcast(arguments, place, voice)
        default: try await download(words, place, voice)
        }
        return true
    }

    /// A button whose data begins with `adm:` was pressed; the query is answered.
    package func press(_ data: String, query: String, place: Place, voice: Voice) async throws {
        let parts = data.split(separator: ":", maxSplits: 2).map(String.init)
        guard isAdministrator(place), parts.count == 3 else { return try await desk.acknowledge(query) }
        switch parts[1] {
        case "cancel": try await cancel(parts[2], query: query, place, voice)
        case "send": try await begin(parts[2], query: query, place, voice)
        case "drop": try await drop(parts[2], query: query, place, voice)
        case "stop": try await stop(parts[2], query: query, voice)
        default: try await desk.acknowledge(query)
        }
    }

    private func isAdministrator(_ place: Place) -> Bool {
        !place.isGroup && desk.rules.administrators.contains(place.user)
    }
}
