// Takes out of an update who somebody is and what they said, and leaves how they went about it.

internal import Crypto
internal import Files
internal import Foundation
internal import TelegramAPI

/// Makes updates fit to be shown to others. The same person is the same number in all updates of one run.
///
/// Of what people send, an ``TelegramAPI/Update`` holds only the fields that the bot reads; each of these that says who
/// somebody is, or what they said, is replaced or left out below.
struct Anonymiser: Sendable {
    private let bot: User
    /// Numbers begin after it.
    private let base: Int64
    private var numbers: [Int64: Int64] = [:]
    private var firstDate: Int?
    private let salt = SymmetricKey(size: .bits256)

    /// - Parameter base: greater than the numbers of earlier runs in the same file.
    init(bot: User, base: Int64 = 0) { (self.bot, self.base) = (bot, base) }

    mutating func anonymous(_ update: Update) -> Update {
        var update = update
        update.message = update.message.map { anonymous($0) }
        update.editedMessage = update.editedMessage.map { anonymous($0) }
        if var query = update.callbackQuery {
            query.id = hash(query.id)
            query.from = anonymous(query.from)
            query.message = query.message.map { anonymous($0) }
            update.callbackQuery = query
        }
        if var change = update.myChatMember {
            change.chat = anonymous(change.chat)
            change.from = anonymous(change.from)
            change.date = relative(change.date)
            change.oldChatMember.user = anonymous(change.oldChatMember.user)
            change.newChatMember.user = anonymous(change.newChatMember.user)
            update.myChatMember = change
        }
        return update
    }

    // MARK: People and chats

    private mutating func number(_ id: Int64) -> Int64 {
        if id == bot.id { return id }
        let number = numbers[id] ?? base + Int64(numbers.count) + 1
        numbers[id] = number
        return id < 0 ? -number : number
    }

    private mutating func anonymous(_ user: User) -> User {
        guard user.id != bot.id else { return bot }
        var new = user
        new.id = number(user.id)
        (new.firstName, new.lastName, new.username) = ("Person \(new.id)", nil, nil)
        return new
    }

    private mutating func anonymous(_ chat: Chat) -> Chat {
        var new = chat
        new.id = number(chat.id)
        (new.title, new.username) = (chat.isGroup ? "Group \(-new.id)" : nil, nil)
        return new
    }

    /// Seconds since the recording began.
    private mutating func relative(_ date: Int) -> Int {
        if firstDate == nil { firstDate = date }
        return date - (firstDate ?? date)
    }

    // MARK: Messages

    private mutating func anonymous(_ message: Message) -> Message {
        var new = message
        (new.date, new.chat) = (relative(message.date), anonymous(message.chat))
        (new.replyMarkup, new.viaBot) = (nil, nil)
        new.from = message.from.map { anonymous($0) }
        new.senderChat = message.senderChat.map { anonymous($0) }
        new.editDate = message.editDate.map { relative($0) }
        new.mediaGroupID = message.mediaGroupID.map { hash($0) }
        (new.text, new.entities) = anonymous(message.text, message.entities)
        (new.caption, new.captionEntities) = anonymous(message.caption, message.captionEntities)
        new.photo = message.photo.map { $0.map { anonymous($0) } }
        new.document = message.document.map { document in
            var new = document
            (new.fileID, new.fileUniqueID) = (hash(document.fileID), hash(document.fileUniqueID))
            (new.fileName, new.thumbnail) = (fileName(document.fileName), nil)
            return new
        }
        new.video = message.video.map { anonymous($0) }
        new.videoNote = message.videoNote.map { anonymous($0) }
        new.animation = message.animation.map { anonymous($0) }
        new.sticker = message.sticker.map { sticker in
            var new = sticker
            (new.fileID, new.fileUniqueID, new.emoji) = (hash(sticker.fileID), hash(sticker.fileUniqueID), nil)
            return new
        }
        new.voice = message.voice.map { anonymous($0) }
        new.audio = message.audio.map { anonymous($0) }
        new.replyToMessage = message.replyToMessage.map { Box(anonymous($0.value)) }
        new.newChatMembers = message.newChatMembers.map { $0.map { anonymous($0) } }
        new.leftChatMember = message.leftChatMember.map { anonymous($0) }
        new.migrateToChatID = message.migrateToChatID.map { number($0) }
        new.migrateFromChatID = message.migrateFromChatID.map { number($0) }
        return new
    }

    private func anonymous(_ size: PhotoSize) -> PhotoSize {
        var new = size
        (new.fileID, new.fileUniqueID) = (hash(size.fileID), hash(size.fileUniqueID))
        return new
    }

    private func anonymous(_ video: Video) -> Video {
        var new = video
        (new.fileID, new.fileUniqueID, new.thumbnail) = (hash(video.fileID), hash(video.fileUniqueID), nil)
        new.fileName = fileName(video.fileName)
        return new
    }

    private func anonymous(_ sound: Sound) -> Sound {
        var new = sound
        (new.fileID, new.fileUniqueID) = (hash(sound.fileID), hash(sound.fileUniqueID))
        new.fileName = fileName(sound.fileName)
        return new
    }

    /// `IMG_0123.HEIC` → `file.HEIC`.
    private func fileName(_ name: String?) -> String? {
        guard let name else { return nil }
        let suffix = name.split(separator: ".").dropFirst().last ?? ""
        let isPlain = (1...5).contains(suffix.count) && suffix.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return isPlain ? "file.\(suffix)" : "file"
    }

    /// With a key that nobody has, so that guessing does not help.
    private func hash(_ id: String) -> String {
        hexadecimal(HMAC<SHA256>.authenticationCode(for: Data(id.utf8), using: salt).prefix(12))
    }

    // MARK: Texts

    /// Commands whose argument is one of the bot's own words.
    private static let withPlainArgument: Set<String> = ["mode", "language"]
    private static let commands: Set<String> = [
        "start", "mode", "reset", "status", "history", "language", "info", "delete_my_data", "help", "stats", "queue",
        "ban", "unban", "broadcast", "download",
    ]

    /// The text with everything but commands, the bot's name and bare numbers replaced, unit by unit.
    private mutating func anonymous(
        _ text: String?, _ entities: [MessageEntity]?
    ) -> (String?, [MessageEntity]?) {
        guard let text else { return (nil, entities.map { _ in [] }) }
        let isNumber = text.wholeMatch(of: /\s*(\d{1,5}|\d{1,3}(:\d{1,2}){1,2}|\d{1,4}[.,]\d{1,3})\s*/) != nil
        var units = Array(text.utf16)
        var kept = IndexSet()
        var marks: [MessageEntity] = []
        for entity in entities ?? [] {
            guard let part = entity.part(of: text) else { continue }
            let range = entity.offset..<(entity.offset + entity.length)
            var mark = entity
            (mark.user, mark.url) = (nil, nil)
            switch entity.type {
            case "mention":
                if part.lowercased() == "@\(bot.username?.lowercased() ?? "")" { kept.insert(integersIn: range) }
            case "text_mention": mark.user = entity.user.map { anonymous($0) }
            case "bot_command":
                let halves = part.dropFirst().split(separator: "@", maxSplits: 1)
                let name = halves.first?.lowercased() ?? ""
                kept.insert(entity.offset)
                guard Self.commands.contains(name) else { break }
                kept.insert(integersIn: entity.offset..<(entity.offset + 1 + name.utf16.count))
                if halves.count == 2 {
                    // Another bot's name is masked behind the @.
                    let isOurs = halves[1].lowercased() == bot.username?.lowercased()
                    kept.insert(
                        integersIn: isOurs ? range : range.lowerBound..<(range.lowerBound + name.utf16.count + 2))
                }
                if entity.offset == 0, Self.withPlainArgument.contains(name) {
                    let rest = String(decoding: units[range.upperBound...], as: UTF16.self)
                    if rest.wholeMatch(of: /\s+[a-z_]{2,40}\s*/) != nil {
                        kept.insert(integersIn: range.upperBound..<units.count)
                    }
                }
            default: continue
            }
            marks.append(mark)
        }
        if !isNumber {
            for place in units.indices where !kept.contains(place) && units[place] != 32 && units[place] != 10 {
                units[place] = 120
            }
        }
        return (String(decoding: units, as: UTF16.self), marks.isEmpty ? nil : marks)
    }
}
