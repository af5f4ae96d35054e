// What calls that write to a chat do, and refuse.

internal import Foundation

extension Call {
    func inChat(_ state: inout State) throws -> JSON {
        guard let id = parameters["chat_id"]?.int, let chat = state.chats[id] else {
            throw Complaint("Bad Request: chat not found")
        }
        if let new = chat.movedTo {
            var complaint = Complaint("Bad Request: group chat was upgraded to a supergroup chat")
            complaint.migrateTo = new
            throw complaint
        }
        if chat.type == "private", state.people[id]?.hasBlocked == true {
            throw Complaint("Forbidden: bot was blocked by the user", code: 403)
        }
        if method == "sendChatAction" {
            let action = parameters["action"]?.string ?? ""
            guard
                ["typing", "upload_photo", "record_video", "upload_video", "upload_document", "choose_sticker"]
                    .contains(action)
            else { throw Complaint("Bad Request: wrong parameter action in request") }
            state.actions[id, default: []].append(action)
            return true
        }
        if method == "deleteMessage" {
            guard let message = parameters["message_id"]?.int,
                state.chats[id]?.posts.removeValue(forKey: Int(message)) != nil
            else { throw Complaint("Bad Request: message to delete not found") }
            return true
        }
        let count = method == "sendMediaGroup" ? parameters.structure("media")?.items?.count ?? 1 : 1
        if rules.limitsMessages, let wait = state.rates.take(count, chat: id) {
            var complaint = Complaint("Too Many Requests: retry after \(wait)", code: 429)
            complaint.retryAfter = wait
            throw complaint
        }
        if let keyboard = parameters.structure("reply_markup") {
            if let complaint = TextRules.complaint(keyboard: keyboard) { throw complaint }
        }
        return method.hasPrefix("edit") ? try edit(id, &state) : try send(id, &state)
    }

    private func text(_ name: String, _ limits: ClosedRange<Int>) throws -> String {
        let plain = try TextRules.plain(
            parameters[name]?.string ?? "", mode: parameters["parse_mode"]?.string
        ).get().trimmingCharacters(in: .whitespacesAndNewlines)
        guard plain.utf16.count >= limits.lowerBound else { throw Complaint("Bad Request: message text is empty") }
        guard plain.utf16.count <= limits.upperBound else {
            throw Complaint("Bad Request: \(name == "text" ? "message" : "message caption") is too long")
        }
        return plain
    }

    private var buttons: [[Post.Button]] {
        (parameters.structure("reply_markup")?["inline_keyboard"]?.items ?? []).map { row in
            (row.items ?? []).map {
                Post.Button(
                    text: $0["text"]?.string ?? "", data: $0["callback_data"]?.string, url: $0["url"]?.string)
            }
        }
    }

    private func edit(_ chat: Int64, _ state: inout State) throws -> JSON {
        guard let id = parameters["message_id"]?.int.map({ Int($0) }), var post = state.chats[chat]?.posts[id] else {
            throw Complaint("Bad Request: message to edit not found")
        }
        guard post.isFromBot else { throw Complaint("Bad Request: message can't be edited") }
        let before = (post.text, post.buttons)
        switch method {
        case "editMessageText":
            guard post.kind == "text" else { throw Complaint("Bad Request: there is no text in the message to edit") }
            post.text = try text("text", 1...4_096)
        case "editMessageCaption":
            guard post.kind != "text" else {
                throw Complaint("Bad Request: there is no caption in the message to edit")
            }
            post.text = try text("caption", 0...1_024)
        default: break
        }
        post.buttons = buttons
        guard before != (post.text, post.buttons) else {
            throw Complaint("Bad Request: message is not modified")
        }
        post.edits += 1
        state.chats[chat]?.posts[id] = post
        return state.json(post)
    }

    private func send(_ chat: Int64, _ state: inout State) throws -> JSON {
        var reply: Int?
        if let wanted = parameters.structure("reply_parameters") {
            guard let id = wanted["message_id"]?.int else { throw Complaint("Bad Request: reply_parameters") }
            if state.chats[chat]?.posts[Int(id)] != nil {
                reply = Int(id)
            } else if wanted["allow_sending_without_reply"]?.flag != true {
                throw Complaint("Bad Request: message to be replied not found")
            }
        }
        if method == "sendMediaGroup" { return try sendAlbum(chat, reply, &state) }
        var post = Post(id: 0, chat: chat, isFromBot: true)
        post.replyTo = reply
        post.buttons = buttons
        post.thread = parameters["message_thread_id"]?.int.map { Int($0) }
        if method == "sendMessage" {
            post.text = try text("text", 1...4_096)
        } else {
            post.kind = String(method.dropFirst(4)).lowercased()
            post.text = try text("caption", 0...1_024)
            try attach(parameters[post.kind]?.string, part: post.kind, to: &post, &state)
            post.width = parameters["width"]?.int.map { Int($0) }
            post.height = parameters["height"]?.int.map { Int($0) }
            post.duration = parameters["duration"]?.int.map { Int($0) }
            try checkThumbnail(&post)
        }
        return state.json(state.add(post))
    }

    private func sendAlbum(_ chat: Int64, _ reply: Int?, _ state: inout State) throws -> JSON {
        let items = parameters.structure("media")?.items ?? []
        guard (2...10).contains(items.count) else {
            throw Complaint("Bad Request: wrong number of media to send as an album")
        }
        var posts: [Post] = []
        for item in items {
            guard let type = item["type"]?.string, ["photo", "video"].contains(type) else {
                throw Complaint("Bad Request: an album of other things than pictures and videos")
            }
            var post = Post(id: 0, chat: chat, isFromBot: true)
            (post.kind, post.replyTo) = (type, reply)
            post.text = item["caption"]?.string ?? ""
            guard post.text.utf16.count <= 1_024 else { throw Complaint("Bad Request: message caption is too long") }
            try attach(item["media"]?.string, part: type, to: &post, &state)
            posts.append(post)
        }
        let album = "album-\(state.files.count)"
        return .list(
            posts.map { post in
                var post = post
                post.album = album
                return state.json(state.add(post))
            })
    }

    private func attach(_ reference: String?, part: String, to post: inout Post, _ state: inout State) throws {
        if let id = reference, MethodRule.attachment(id) == nil {
            guard let file = state.files[id] else {
                throw Complaint("Bad Request: wrong file identifier/HTTP URL specified")
            }
            (post.file, post.fileID) = (file.bytes, id)
            return
        }
        let name = reference.flatMap { MethodRule.attachment($0) } ?? part
        guard let file = parameters.files[name] else {
            throw Complaint("Bad Request: there is no \(part) in the request")
        }
        guard !file.bytes.isEmpty else { throw Complaint("Bad Request: file must be non-empty") }
        let limit = part == "photo" ? 10 << 20 : rules.localFolder == nil ? 50 << 20 : 2_000 << 20
        guard file.bytes.count <= limit else { throw Complaint("Request Entity Too Large", code: 413) }
        if part == "photo" {
            guard let (width, height) = PictureFacts.size(file.bytes) else {
                throw Complaint("Bad Request: IMAGE_PROCESS_FAILED")
            }
            guard width + height <= 10_000, max(width, height) <= 20 * min(width, height) else {
                throw Complaint("Bad Request: PHOTO_INVALID_DIMENSIONS")
            }
        }
        if part == "video", !PictureFacts.isVideo(file.bytes) {
            throw Complaint("Bad Request: VIDEO_CONTENT_TYPE_INVALID")
        }
        post.file = file.bytes
        post.fileName = file.name
        post.fileID = state.store(file.bytes, kind: part, folder: nil)
    }

    private func checkThumbnail(_ post: inout Post) throws {
        guard let reference = parameters["thumbnail"]?.string else { return }
        guard let name = MethodRule.attachment(reference), let file = parameters.files[name] else {
            throw Complaint("Bad Request: thumbnails can't be reused")
        }
        guard file.bytes.count < 200_000, PictureFacts.isJPEG(file.bytes),
            let (width, height) = PictureFacts.size(file.bytes), max(width, height) <= 320
        else { throw Complaint("Bad Request: a thumbnail that is no JPEG below 200 kB and 320 pixels") }
        post.hasThumbnail = true
    }
}
