// What somebody did, as far as the bot has an answer to it: read from an update, without state.

internal import Foundation
package import TelegramAPI

/// A file that somebody sent. Telegram keeps it; its id fetches it at any later time.
package struct HeldFile: Sendable, Codable, Hashable {
    /// What Telegram says that it is.
    package enum Kind: String, Sendable, Codable {
        case photo, video, document, videoNote, animation, sticker, voice, audio
    }
    package var kind: Kind
    package var id: String
    /// The same for the same file.
    package var uniqueID: String
    package var bytes: Int?
    package var name: String?
    package var mediaType: String?
    /// Seconds.
    package var duration: Int?
    package var width: Int?
    package var height: Int?

    /// Whether it is a video by what Telegram says; a document by its media type or name.
    package var isVideo: Bool {
        switch kind {
        case .video, .videoNote, .animation: true
        case .photo, .sticker, .voice, .audio: false
        case .document:
            mediaType?.hasPrefix("video/") ?? ["mp4", "mov", "webm", "mkv", "m4v", "avi"].contains(suffix)
        }
    }

    /// Whether it is a picture by what Telegram says.
    package var isPicture: Bool {
        switch kind {
        case .photo, .sticker: true
        case .video, .videoNote, .animation, .voice, .audio: false
        case .document:
            mediaType?.hasPrefix("image/") ?? ["jpg", "jpeg", "png", "webp", "heic", "heif", "gif"].contains(suffix)
        }
    }

    /// A picture as iPhones keep it; only JPEG, PNG and WebP are read.
    var isHEIC: Bool {
        let types = ["image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"]
        return types.contains(mediaType?.lowercased() ?? "") || ["heic", "heif"].contains(suffix)
    }

    private var suffix: String {
        name?.split(separator: ".").last.map { $0.lowercased() } ?? ""
    }
}

/// Where and by whom something was done.
package struct Place: Sendable, Hashable {
    package var chat: Int64
    package var isGroup: Bool
    /// The topic of a forum.
    package var thread: Int?
    package var user: Int64
    package var firstName: String
    /// As Telegram tells it.
    package var languageTag: String?
    /// The message; of a button press the one with the button.
    package var message: Int

    /// The message that what is sent here answers: in groups the one that it is about, where there is one.
    var replyTo: Int? { isGroup && message > 0 ? message : nil }
}

/// What was done.
package enum Deed: Sendable, Hashable {
    /// A command such as `/mode photo_video_fast`, without slash and bot name, in small letters.
    case command(String, arguments: String)
    /// Anything else that is written.
    case text(String)
    /// A file, with what is written below it.
    case file(HeldFile, caption: String, album: String?)
    /// Files that came together, in order; what is written below any of them.
    case album([HeldFile], caption: String)
    /// A button that sends `data` back. The query has to be answered.
    case press(data: String, query: String)
    /// Somebody changed a message.
    case edited(String)
    /// The bot came into a group, or was let in again.
    case joined
    /// The bot was put out of a group, or blocked.
    case left
    /// The group has a new id.
    case moved(to: Int64)
}

/// An update that concerns the bot.
package struct Event: Sendable, Hashable {
    package var place: Place
    package var deed: Deed
    /// Whether it is said to the bot: in private always, in groups by its name, by a command or as an answer to it.
    package var isAddressed: Bool
    /// A picture or video in the message that this one answers.
    package var answered: HeldFile?
    /// The number of the message that this one answers.
    package var answeredMessage: Int?
    /// Whether the message that this one answers is the bot's.
    package var answersBot = false

    /// - Parameter bot: the bot itself, by id and name.
    /// - Returns: nil for what is no concern of the bot's, such as messages of channels and other bots.
    package init?(_ update: Update, bot: User) {
        if let query = update.callbackQuery {
            guard let message = query.message, let data = query.data else { return nil }
            place = Place(message.chat, query.from, message: message.messageID, thread: message.messageThreadID)
            deed = .press(data: data, query: query.id)
            isAddressed = true
            return
        }
        if let change = update.myChatMember {
            place = Place(change.chat, change.from, message: 0, thread: nil)
            let isIn = !["left", "kicked"].contains(change.newChatMember.status)
            let wasIn = !["left", "kicked"].contains(change.oldChatMember.status)
            guard isIn != wasIn else { return nil }
            deed = isIn ? .joined : .left
            isAddressed = false
            return
        }
        guard let message = update.message ?? update.editedMessage, let user = message.from, !user.isBot,
            message.chat.type == .private || message.chat.isGroup
        else { return nil }
        place = Place(message.chat, user, message: message.messageID, thread: message.messageThreadID)
        if let chat = message.migrateToChatID {
            (deed, isAddressed) = (.moved(to: chat), false)
            return
        }
        let text = message.text ?? message.caption ?? ""
        let entities = message.entities ?? message.captionEntities ?? []
        let name = bot.username?.lowercased() ?? ""
        answersBot = message.replyToMessage?.value.from?.id == bot.id
        answeredMessage = message.replyToMessage?.value.messageID
        answered = message.replyToMessage.flatMap { HeldFile($0.value) }
        let isNamed = entities.contains { entity in
            switch entity.type {
            case "mention": entity.part(of: text)?.lowercased() == "@\(name)"
            case "text_mention": entity.user?.id == bot.id
            default: false
            }
        }
        isAddressed = !place.isGroup || isNamed || answersBot
        let words = Self.without(name: name, text)
        if update.editedMessage != nil {
            deed = .edited(words)
            return
        }
        if let file = HeldFile(message) {
            deed = .file(file, caption: words, album: message.mediaGroupID)
            return
        }
        guard message.text != nil else { return nil }
        if let first = entities.first, first.type == "bot_command", first.offset == 0,
            let command = first.part(of: text)
        {
            let halves = command.dropFirst().split(separator: "@", maxSplits: 1)
            // A command with another bot's name is for that one.
            if halves.count == 2, halves[1].lowercased() != name { return nil }
            isAddressed = true
            deed = .command(
                halves.first?.lowercased() ?? "",
                arguments: text.dropFirst(command.count).trimmingCharacters(in: .whitespacesAndNewlines))
        } else {
            deed = .text(words)
        }
    }

    /// The text without the bot's name.
    private static func without(name: String, _ text: String) -> String {
        guard !name.isEmpty else { return text }
        var rest = text
        while let range = rest.range(of: "@\(name)", options: .caseInsensitive) { rest.removeSubrange(range) }
        return rest.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

extension Place {
    fileprivate init(_ chat: Chat, _ user: User, message: Int, thread: Int?) {
        self.init(
            chat: chat.id, isGroup: chat.isGroup, thread: thread, user: user.id, firstName: user.firstName,
            languageTag: user.languageCode, message: message)
    }
}

extension HeldFile {
    /// The file of a message; nil when it has none.
    init?(_ message: Message) {
        // Messages with an animation have it as a document, too.
        if let animation = message.animation {
            self.init(animation, .animation)
        } else if let photo = message.photo?.max(by: { $0.width * $0.height < $1.width * $1.height }) {
            self.init(
                kind: .photo, id: photo.fileID, uniqueID: photo.fileUniqueID, bytes: photo.fileSize, name: nil,
                mediaType: "image/jpeg", duration: nil, width: photo.width, height: photo.height)
        } else if let video = message.video {
            self.init(video, .video)
        } else if let note = message.videoNote {
            self.init(note, .videoNote)
        } else if let document = message.document {
            self.init(
                kind: .document, id: document.fileID, uniqueID: document.fileUniqueID, bytes: document.fileSize,
                name: document.fileName, mediaType: document.mimeType, duration: nil, width: nil, height: nil)
        } else if let sticker = message.sticker {
            let isStill = !sticker.isAnimated && !sticker.isVideo
            self.init(
                kind: .sticker, id: sticker.fileID, uniqueID: sticker.fileUniqueID, bytes: sticker.fileSize, name: nil,
                mediaType: isStill ? "image/webp" : nil, duration: nil, width: sticker.width, height: sticker.height)
        } else if let sound = message.voice ?? message.audio {
            self.init(
                kind: message.voice == nil ? .audio : .voice, id: sound.fileID, uniqueID: sound.fileUniqueID,
                bytes: sound.fileSize, name: sound.fileName, mediaType: sound.mimeType, duration: sound.duration,
                width: nil, height: nil)
        } else {
            return nil
        }
    }

    private init(_ video: Video, _ kind: Kind) {
        self.init(
            kind: kind, id: video.fileID, uniqueID: video.fileUniqueID, bytes: video.fileSize, name: video.fileName,
            mediaType: video.mimeType ?? "video/mp4", duration: video.duration, width: video.width ?? video.length,
            height: video.height ?? video.length)
    }
}
