// Calls that say who the bot is.

/// Who the bot is.
package struct GetMe: BotMethod {
    package typealias Answer = User
    package static let name = "getMe"

    /// Makes the call.
    package init() {}
}

/// A command as the menu shows it.
package struct BotCommand: Codable, Sendable, Equatable {
    /// 1 to 32 small letters, digits and `_`, without the slash.
    package var command: String
    /// 1 to 256 characters.
    package var description: String

    /// Makes it.
    package init(_ command: String, _ description: String) {
        (self.command, self.description) = (command, description)
    }
}

/// Sets the menu of commands.
package struct SetMyCommands: BotMethod {
    /// Who sees it.
    package struct Scope: Codable, Sendable, Equatable {
        package var type: String
        package var chatID: Int64?

        package static let `default` = Scope(type: "default")
        package static let privateChats = Scope(type: "all_private_chats")
        package static let groups = Scope(type: "all_group_chats")
        /// One chat alone, such as an administrator's.
        package static func chat(_ id: Int64) -> Scope { Scope(type: "chat", chatID: id) }
    }
    package typealias Answer = Bool
    package static let name = "setMyCommands"
    /// At most 100.
    package var commands: [BotCommand]
    package var scope: Scope
    /// Two letters; nil: for people of all other languages.
    package var languageCode: String?

    /// Makes the call.
    package init(_ commands: [BotCommand], scope: Scope = .default, languageCode: String? = nil) {
        (self.commands, self.scope, self.languageCode) = (commands, scope, languageCode)
    }
}

/// Sets what is shown in an empty chat with the bot: at most 512 characters.
package struct SetMyDescription: BotMethod {
    package typealias Answer = Bool
    package static let name = "setMyDescription"
    package var description: String
    package var languageCode: String?

    /// Makes the call.
    package init(_ description: String, languageCode: String? = nil) {
        (self.description, self.languageCode) = (description, languageCode)
    }
}

/// Sets what is shown on the bot's profile: at most 120 characters.
package struct SetMyShortDescription: BotMethod {
    package typealias Answer = Bool
    package static let name = "setMyShortDescription"
    package var shortDescription: String
    package var languageCode: String?

    /// Makes the call.
    package init(_ description: String, languageCode: String? = nil) {
        (shortDescription, self.languageCode) = (description, languageCode)
    }
}
