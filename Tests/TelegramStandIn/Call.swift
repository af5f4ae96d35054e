// What each method does, and refuses.

internal import Foundation

/// A call whose parameters are known and of the right types.
struct Call {
    let method: String
    let parameters: Parameters
    let rules: Telegram.Rules

    func perform(_ state: inout State) throws -> JSON {
        switch method {
        case "getMe":
            return .made([
                "id": .integer(Telegram.botID), "is_bot": true, "first_name": "Masque",
                "username": .text(Telegram.botName),
            ])
        case "getUpdates": return try updates(&state)
        case "setWebhook":
            let url = parameters["url"]?.string ?? "", secret = parameters["secret_token"]?.string ?? ""
            guard url.hasPrefix("https://") || rules.localFolder != nil || url.hasPrefix("http://127.0.0.1:") else {
                throw Complaint("Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
            }
            guard secret.isEmpty || secret.wholeMatch(of: /[A-Za-z0-9_-]{1,256}/) != nil else {
                throw Complaint("Bad Request: secret token contains unallowed characters")
            }
            state.webhook = (url, secret)
            return true
        case "deleteWebhook":
            state.webhook = nil
            return true
        case "getWebhookInfo":
            return .made([
                "url": .text(state.webhook?.url ?? ""), "has_custom_certificate": false,
                "pending_update_count": .integer(Int64(state.updates.count)),
            ])
        case "setMyCommands": return try setCommands(&state)
        case "setMyDescription": return try setText("description", atMost: 512, &state)
        case "setMyShortDescription": return try setText("short_description", atMost: 120, &state)
        case "getFile": return try file(&state)
        case "answerCallbackQuery": return try answerQuery(&state)
        default: return try inChat(&state)
        }
    }

    // MARK: Updates

    private func updates(_ state: inout State) throws -> JSON {
        if state.webhook != nil {
            throw Complaint("Conflict: can't use getUpdates method while webhook is active", code: 409)
        }
        let limit = parameters["limit"]?.int ?? 100
        guard (1...100).contains(limit) else { throw Complaint("Bad Request: limit") }
        if let offset = parameters["offset"]?.int { state.updates.removeAll { $0.id < offset } }
        return .list(state.updates.prefix(Int(limit)).map(\.json))
    }

    // MARK: Who the bot is

    private func setCommands(_ state: inout State) throws -> JSON {
        let commands = parameters.structure("commands")?.items ?? []
        if let complaint = TextRules.complaint(commands: commands) { throw complaint }
        let scope = parameters.structure("scope")?["type"]?.string ?? "default"
        let known = ["default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat"]
        guard known.contains(scope) else { throw Complaint("Bad Request: unknown scope") }
        if scope == "chat" {
            guard let chat = parameters.structure("scope")?["chat_id"]?.int, state.chats[chat] != nil else {
                throw Complaint("Bad Request: chat not found")
            }
        }
        let language = try self.language()
        state.commands["\(scope)/\(language)"] = commands.compactMap { $0["command"]?.string }
        return true
    }

    private func setText(_ name: String, atMost: Int, _ state: inout State) throws -> JSON {
        let text = parameters[name]?.string ?? ""
        guard text.utf16.count <= atMost else { throw Complaint("Bad Request: \(name) is too long") }
        state.texts["\(name)/\(try language())"] = text
        return true
    }

    private func language() throws -> String {
        let language = parameters["language_code"]?.string ?? ""
        guard language.isEmpty || language.wholeMatch(of: /[a-z]{2}/) != nil else {
            throw Complaint("Bad Request: invalid language code specified")
        }
        return language
    }

    private func file(_ state: inout State) throws -> JSON {
        guard let id = parameters["file_id"]?.string, let file = state.files[id] else {
            throw Complaint("Bad Request: wrong file_id or the file is temporarily unavailable")
        }
        guard file.size <= 20 << 20 || rules.localFolder != nil else { throw Complaint("Bad Request: file is too big") }
        return .made([
            "file_id": .text(id), "file_unique_id": .text("u-\(id)"), "file_size": .integer(Int64(file.size)),
            "file_path": .text(file.path),
        ])
    }

    private func answerQuery(_ state: inout State) throws -> JSON {
        let id = parameters["callback_query_id"]?.string ?? ""
        guard let isAnswered = state.queries[id] else {
            throw Complaint("Bad Request: query is too old and response timeout expired or query ID is invalid")
        }
        guard !isAnswered else { throw Complaint("Bad Request: a press is answered twice") }
        guard (parameters["text"]?.string ?? "").utf16.count <= 200 else {
            throw Complaint("Bad Request: MESSAGE_TOO_LONG")
        }
        state.queries[id] = true
        if let text = parameters["text"]?.string { state.toasts.append(text) }
        return true
    }
}
