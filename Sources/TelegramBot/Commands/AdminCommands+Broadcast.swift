// Shows a broadcast before it is sent, and begins, drops or stops it.

internal import TelegramAPI
internal import Words

extension AdminCommands {
    /// So that the text and what is asked below it fit into one message.
    private static let longest = 3_500

    func broadcast(_ text: String, _ place: Place, _ voice: Voice) async throws {
        if text.lowercased() == "stop" {
            var count = 0
            for (id, _) in try await broadcasts.running() where try await broadcasts.stop(id) { count += 1 }
            try await desk.say(
                Screen(
                    count == 0 ? voice.say("No broadcast is under way.") : voice.say("Broadcasts stopped: \(count).")),
                to: place)
            return
        }
        guard !text.isEmpty else {
            try await desk.say(
                Screen(voice.say("Write the text behind the command: /broadcast TEXT. To stop one: /broadcast stop")),
                to: place)
            return
        }
        guard text.utf16.count <= Self.longest else {
            try await desk.say(
                Screen(voice.say("A broadcast may have \(Self.longest) characters; this has \(text.utf16.count).")),
                to: place)
            return
        }
        let count = try await broadcasts.audience()
        let id = try await broadcasts.draft(text, chat: place.chat, language: voice.language.rawValue)
        try await desk.say(
            Screen(
                [text, "", voice.say("⬆️ People who would get this: \(count).")],
                [
                    [.init(voice.say("📣 Send to \(count) people"), data: "adm:send:\(id)")],
                    [.init(voice.say("Drop"), data: "adm:drop:\(id)")],
                ]), to: place)
    }

    func begin(_ id: String, query: String, _ place: Place, _ voice: Voice) async throws {
        let isBegun = try await broadcasts.begin(id, message: place.message)
        try await desk.acknowledge(query, isBegun ? nil : voice.say("That was sent or dropped already."))
    }

    func drop(_ id: String, query: String, _ place: Place, _ voice: Voice) async throws {
        guard try await broadcasts.drop(id) else {
            return try await desk.acknowledge(query, voice.say("That was sent or dropped already."))
        }
        try await desk.acknowledge(query)
        try await desk.change(place.message, in: place.chat, to: Screen(voice.say("Dropped. Nobody got it.")))
    }

    func stop(_ id: String, query: String, _ voice: Voice) async throws {
        let isStopped = try await broadcasts.stop(id)
        try await desk.acknowledge(query, isStopped ? voice.say("Stopped.") : voice.say("It is over already."))
    }
}
