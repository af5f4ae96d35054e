// Which methods there are and which parameters each takes, by the Bot API's documentation.

/// What a parameter must be.
enum ParameterKind {
    case text, integer, flag, object, list
    /// A file's id, an `attach://` reference, or a part of its own.
    case file
    /// A number, or the @name of a channel.
    case chat
}

/// A method's parameters. Those that this program has no use for are left out: a call with one is refused, so that a
/// misspelt name shows.
struct MethodRule {
    var required: [String: ParameterKind] = [:]
    var optional: [String: ParameterKind] = [:]

    private static let sending: [String: ParameterKind] = [
        "message_thread_id": .integer, "disable_notification": .flag, "protect_content": .flag,
        "reply_parameters": .object, "reply_markup": .object,
    ]
    private static let captioned: [String: ParameterKind] = [
        "caption": .text, "parse_mode": .text, "caption_entities": .list, "show_caption_above_media": .flag,
    ]
    private static func media(_ extra: [String: ParameterKind]) -> [String: ParameterKind] {
        sending.merging(captioned) { a, _ in a }.merging(extra) { a, _ in a }
    }

    static let all: [String: MethodRule] = [
        "getMe": MethodRule(),
        "getUpdates": MethodRule(optional: [
            "offset": .integer, "limit": .integer, "timeout": .integer, "allowed_updates": .list,
        ]),
        "setWebhook": MethodRule(
            required: ["url": .text],
            optional: [
                "secret_token": .text, "max_connections": .integer, "allowed_updates": .list, "ip_address": .text,
                "drop_pending_updates": .flag,
            ]),
        "deleteWebhook": MethodRule(optional: ["drop_pending_updates": .flag]),
        "getWebhookInfo": MethodRule(),
        "setMyCommands": MethodRule(
            required: ["commands": .list], optional: ["scope": .object, "language_code": .text]),
        "setMyDescription": MethodRule(optional: ["description": .text, "language_code": .text]),
        "setMyShortDescription": MethodRule(optional: ["short_description": .text, "language_code": .text]),
        "getFile": MethodRule(required: ["file_id": .text]),
        "sendMessage": MethodRule(
            required: ["chat_id": .chat, "text": .text],
            optional: media(["entities": .list, "link_preview_options": .object])),
        "sendPhoto": MethodRule(
            required: ["chat_id": .chat, "photo": .file], optional: media(["has_spoiler": .flag])),
        "sendVideo": MethodRule(
            required: ["chat_id": .chat, "video": .file],
            optional: media([
                "duration": .integer, "width": .integer, "height": .integer, "thumbnail": .file,
                "supports_streaming": .flag, "has_spoiler": .flag,
            ])),
        "sendDocument": MethodRule(
            required: ["chat_id": .chat, "document": .file],
            optional: media(["thumbnail": .file, "disable_content_type_detection": .flag])),
        "sendMediaGroup": MethodRule(
            required: ["chat_id": .chat, "media": .list],
            optional: [
                "message_thread_id": .integer, "disable_notification": .flag, "protect_content": .flag,
                "reply_parameters": .object,
            ]),
        "sendChatAction": MethodRule(
            required: ["chat_id": .chat, "action": .text], optional: ["message_thread_id": .integer]),
        "editMessageText": MethodRule(
            required: ["chat_id": .chat, "message_id": .integer, "text": .text],
            optional: [
                "parse_mode": .text, "entities": .list, "link_preview_options": .object, "reply_markup": .object,
            ]),
        "editMessageCaption": MethodRule(
            required: ["chat_id": .chat, "message_id": .integer],
            optional: captioned.merging(["reply_markup": .object]) { a, _ in a }),
        "editMessageReplyMarkup": MethodRule(
            required: ["chat_id": .chat, "message_id": .integer], optional: ["reply_markup": .object]),
        "deleteMessage": MethodRule(required: ["chat_id": .chat, "message_id": .integer]),
        "answerCallbackQuery": MethodRule(
            required: ["callback_query_id": .text],
            optional: ["text": .text, "show_alert": .flag, "url": .text, "cache_time": .integer]),
    ]

    /// What is wrong with a call's parameters; nil: nothing.
    func complaint(_ parameters: Parameters) -> String? {
        for name in required.keys.sorted() where parameters[name] == nil && parameters.files[name] == nil {
            return "parameter “\(name)” is missing"
        }
        for (name, value) in parameters.values.sorted(by: { $0.key < $1.key }) {
            guard let kind = required[name] ?? optional[name] else { return "there is no parameter “\(name)”" }
            let fits =
                switch kind {
                case .text, .file: value.string != nil
                case .integer: value.int != nil
                case .flag: value.flag != nil
                case .object: parameters.structure(name)?.fields != nil
                case .list: parameters.structure(name)?.items != nil
                case .chat: value.int != nil || value.string?.hasPrefix("@") == true
                }
            guard fits else { return "parameter “\(name)” is of the wrong type" }
        }
        var used = Set(parameters.values.compactMap { $0.value.string }.compactMap(Self.attachment))
        for item in parameters.structure("media")?.items ?? [] {
            for value in (item.fields ?? [:]).values {
                if let name = value.string.flatMap(Self.attachment) { used.insert(name) }
            }
        }
        for name in used where parameters.files[name] == nil { return "attach://\(name) is not in the form" }
        for name in parameters.files.keys where !used.contains(name) {
            guard (required[name] ?? optional[name]) == .file else { return "nothing refers to the part “\(name)”" }
        }
        return nil
    }

    static func attachment(_ text: String) -> String? {
        text.hasPrefix("attach://") ? String(text.dropFirst(9)) : nil
    }
}
