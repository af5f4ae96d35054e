// What Telegram shows of the bot before anybody writes: its commands and what it is for, in three languages.

internal import TelegramAPI
internal import Words

/// The menus and descriptions.
struct BotProfile: Sendable {
    let words: Words

    /// Languages with the code that Telegram asks for; English is for all others.
    private static let languages: [(language: Language, code: String?)] = [
        (.english, nil), (.russian, "ru"), (.korean, "ko"),
    ]

    /// For everybody in a private chat.
    private func own(_ voice: Voice) -> [BotCommand] {
        [
            BotCommand("start", voice.say("Begin a face swap.")),
            BotCommand("mode", voice.say("Choose what is to be swapped.")),
            BotCommand("same", voice.say("Take the same face again.")),
            BotCommand("reset", voice.say("Start over with other files.")),
            BotCommand("status", voice.say("See how your swaps are doing.")),
            BotCommand("history", voice.say("See your latest swaps.")),
            BotCommand("language", voice.say("Choose the language.")),
            BotCommand("info", voice.say("Read how it works.")),
            BotCommand("delete_my_data", voice.say("Delete all that is kept about you.")),
        ]
    }

    private static let groupCommands: Set<String> = ["start", "mode", "reset", "status", "info"]

    /// For administrators beside the others.
    private func administration(_ voice: Voice) -> [BotCommand] {
        [
            BotCommand("stats", voice.say("See figures about the bot.")),
            BotCommand("queue", voice.say("See what waits and runs.")),
            BotCommand("ban", voice.say("Shut somebody out.")),
            BotCommand("unban", voice.say("Let somebody in again.")),
            BotCommand("broadcast", voice.say("Write to everybody.")),
            BotCommand("download", voice.say("Download a model.")),
        ]
    }

    /// The menus of all chats.
    var menus: [SetMyCommands] {
        each { voice, code in
            let own = own(voice)
            let inGroups = own.filter { Self.groupCommands.contains($0.command) }
            return [
                SetMyCommands(own, scope: .default, languageCode: code),
                SetMyCommands(own, scope: .privateChats, languageCode: code),
                SetMyCommands(inGroups, scope: .groups, languageCode: code),
            ]
        }
    }

    /// The menus of one chat: an administrator's, or that of somebody who is none any more.
    func menus(of chat: Int64, isAdministrator: Bool) -> [SetMyCommands] {
        each { voice, code in
            [
                SetMyCommands(
                    own(voice) + (isAdministrator ? administration(voice) : []), scope: .chat(chat), languageCode: code)
            ]
        }
    }

    /// What an empty chat with the bot shows.
    var descriptions: [SetMyDescription] {
        each { voice, code in
            [
                SetMyDescription(
                    voice.say(
                        "Send me a photo of a face and then a photo or a video, and I put the face into it. 🎬 Please use only faces of people who agreed to it."
                    ), languageCode: code)
            ]
        }
    }

    /// What the bot's profile shows.
    var shortDescriptions: [SetMyShortDescription] {
        each { voice, code in
            [SetMyShortDescription(voice.say("I put faces into photos and videos."), languageCode: code)]
        }
    }

    private func each<Call>(_ make: (Voice, String?) -> [Call]) -> [Call] {
        Self.languages.flatMap { make(Voice(words, $0.language), $0.code) }
    }
}
