// What Telegram takes as text, markup, buttons and commands.

/// The words of Telegram's refusals.
enum TextRules {
    /// The text without markup, or why it is refused.
    static func plain(_ text: String, mode: String?) -> Result<String, Complaint> {
        guard let mode else { return .success(text) }
        guard mode == "HTML" else { return .failure(Complaint("unsupported parse_mode")) }
        let allowed = ["b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"]
        var open: [String] = [], result = "", rest = Substring(text)
        while let character = rest.first {
            if character == "<" {
                guard let end = rest.firstIndex(of: ">") else {
                    return .failure(Complaint("can't parse entities: Unclosed start tag"))
                }
                let tag = rest[rest.index(after: rest.startIndex)..<end]
                rest = rest[rest.index(after: end)...]
                let isEnd = tag.hasPrefix("/")
                let name = String(tag.drop { $0 == "/" }.prefix { $0 != " " })
                guard allowed.contains(name) else {
                    return .failure(Complaint("can't parse entities: Unsupported start tag \"\(name)\""))
                }
                if !isEnd {
                    open.append(name)
                } else if open.popLast() != name {
                    return .failure(Complaint("can't parse entities: Unmatched end tag"))
                }
            } else if character == "&" {
                guard let end = rest.prefix(8).firstIndex(of: ";"),
                    let known = ["&lt": "<", "&gt": ">", "&amp": "&", "&quot": "\""][String(rest[..<end])]
                else { return .failure(Complaint("can't parse entities: a bare &")) }
                result += known
                rest = rest[rest.index(after: end)...]
            } else {
                result.append(character)
                rest.removeFirst()
            }
        }
        guard open.isEmpty else { return .failure(Complaint("can't parse entities: Can't find end tag")) }
        return .success(result)
    }

    /// Why a keyboard is refused.
    static func complaint(keyboard: JSON) -> Complaint? {
        guard let rows = keyboard["inline_keyboard"]?.items else {
            return Complaint("can't parse reply keyboard markup")
        }
        let buttons = rows.flatMap { $0.items ?? [] }
        guard buttons.count <= 100, rows.allSatisfy({ ($0.items ?? []).count <= 8 }) else {
            return Complaint("REPLY_MARKUP_TOO_LONG")
        }
        for button in buttons {
            guard let text = button["text"]?.string, !text.isEmpty else {
                return Complaint("inline keyboard button must have a text")
            }
            let data = button["callback_data"]?.string, url = button["url"]?.string
            guard (data == nil) != (url == nil) else {
                return Complaint("Text buttons are unallowed in the inline keyboard")
            }
            if let data, !(1...64).contains(data.utf8.count) { return Complaint("BUTTON_DATA_INVALID") }
            if let url, !url.hasPrefix("https://"), !url.hasPrefix("http://"), !url.hasPrefix("tg://") {
                return Complaint("BUTTON_URL_INVALID")
            }
            let known: Set = ["text", "callback_data", "url"]
            if let other = button.fields?.keys.first(where: { !known.contains($0) }) {
                return Complaint("an unknown field \(other) of a button")
            }
        }
        return nil
    }

    /// Why a list of commands is refused.
    static func complaint(commands: [JSON]) -> Complaint? {
        guard commands.count <= 100 else { return Complaint("BOT_COMMANDS_TOO_MUCH") }
        for command in commands {
            guard let name = command["command"]?.string, name.wholeMatch(of: /[a-z0-9_]{1,32}/) != nil else {
                return Complaint("BOT_COMMAND_INVALID")
            }
            guard let text = command["description"]?.string, (1...256).contains(text.utf16.count) else {
                return Complaint("BOT_COMMAND_DESCRIPTION_INVALID")
            }
        }
        return nil
    }
}

/// An answer 400 and its words.
struct Complaint: Error {
    var code = 400
    var words: String
    var retryAfter: Int?
    var migrateTo: Int64?
    init(_ words: String, code: Int = 400) { (self.words, self.code) = (words, code) }
}
