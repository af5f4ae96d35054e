// What people ask about themselves: jobs, language, data.

internal import TelegramAPI
package import Words

/// `/info`, `/status`, `/history`, `/language`, `/delete_my_data`.
package struct AccountCommands: Sendable {
    let desk: BotDesk
    let deliveries: Deliveries

    package init(desk: BotDesk, deliveries: Deliveries) { (self.desk, self.deliveries) = (desk, deliveries) }

    /// - Returns: false when it is none of these commands.
    package func answer(_ command: String, _ arguments: String, place: Place, voice: Voice) async throws -> Bool {
        switch command {
        case "info", "help": try await desk.say(info(place, voice), to: place)
        case "status": try await desk.say(try await status(place, voice), to: place)
        case "history" where !place.isGroup:
            try await desk.say(try await history(of: place.user, cursor: nil, voice), to: place)
        case "language":
            let chosen = try await desk.book.person(place.user).language
            try await desk.say(
                Screen(voice.say("Which language shall I write to you in?"), languages(chosen, voice)), to: place)
        case "delete_my_data" where !place.isGroup:
            try await desk.say(try await deletionQuestion(place.user, voice), to: place)
        case "history", "delete_my_data":
            let button = desk.me.username.map {
                [[InlineKeyboard.Button(voice.say("Open the private chat"), url: "https://t.me/\($0)")]]
            }
            try await desk.say(
                Screen(voice.say("Ask me that in our private chat: there nobody else sees it."), button ?? []),
                to: place)
        default: return false
        }
        return true
    }

    /// A button whose data begins with `my:` was pressed; the query is answered.
    package func press(_ data: String, query: String, place: Place, voice: Voice) async throws {
        let parts = data.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        let value = parts.count == 3 ? parts[2] : ""
        switch parts.count > 1 ? parts[1] : "" {
        case "lang": try await choose(value, query: query, place: place, voice)
        case "history" where !place.isGroup:
            try await desk.acknowledge(query)
            let screen = try await history(of: place.user, cursor: value.isEmpty ? nil : value, voice)
            try await desk.change(place.message, in: place.chat, to: screen)
        case "delete" where !place.isGroup && value == "yes":
            try await desk.acknowledge(query)
            try await deleteEverything(place, voice)
        case "delete" where !place.isGroup && value == "no":
            try await desk.acknowledge(query)
            try await desk.change(
                place.message, in: place.chat, to: Screen(voice.say("Nothing was deleted. Everything stays as it is.")))
        default: try await desk.acknowledge(query)
        }
    }

    // MARK: Language

    private func choose(_ tag: String, query: String, place: Place, _ voice: Voice) async throws {
        let language = Language(rawValue: tag)
        guard language != nil || tag == "auto" else { return try await desk.acknowledge(query) }
        let before = try await desk.book.person(place.user).language
        let person = try await desk.book.change(place.user) { $0.language = language?.rawValue }
        let voice = desk.voice(person, place)
        let text =
            language == nil
            ? voice.say("From now on I write to you in the language of your Telegram, where I know it.")
            : voice.say("From now on I write to you in English.")
        // In a group the buttons are everybody's; where nothing was changed, the message says it already.
        guard !place.isGroup, before != language?.rawValue else { return try await desk.acknowledge(query, text) }
        try await desk.acknowledge(query)
        try await desk.change(place.message, in: place.chat, to: Screen(text, languages(person.language, voice)))
    }

    /// Each language is called what it calls itself.
    private func languages(_ chosen: String?, _ voice: Voice) -> [[InlineKeyboard.Button]] {
        func button(_ name: String, _ tag: String?) -> InlineKeyboard.Button {
            .init(tag == chosen ? "✅ \(name)" : name, data: "my:lang:\(tag ?? "auto")")
        }
        return [
            [button("English", "en"), button("Русский", "ru"), button("한국어", "ko")],
            [button(voice.say("As in Telegram"), nil)],
        ]
    }
}
