// Messages as the stand-in keeps and shows them.

internal import Foundation

extension State {
    /// Gives a post its number and keeps it.
    mutating func add(_ post: Post) -> Post {
        var post = post
        post.id = chats[post.chat]?.next ?? 1
        chats[post.chat]?.next += 1
        chats[post.chat]?.posts[post.id] = post
        return post
    }

    /// A message as answers and updates show it.
    func json(_ post: Post) -> JSON {
        let media: JSON? = post.fileID.map { id in
            let size = files[id]?.size ?? 0
            let facts: JSON = .made([
                "file_id": .text(id), "file_unique_id": .text("u-\(id)"), "file_size": .integer(Int64(size)),
                "width": post.kind == "document" ? nil : .integer(Int64(post.width ?? 640)),
                "height": post.kind == "document" ? nil : .integer(Int64(post.height ?? 640)),
                "duration": post.kind == "video" ? .integer(Int64(post.duration ?? 1)) : nil,
                "file_name": post.fileName.isEmpty || post.kind == "photo" ? nil : .text(post.fileName),
            ])
            return post.kind == "photo" ? .list([facts]) : facts
        }
        let bot: JSON = .made(["id": .integer(Telegram.botID), "is_bot": true, "first_name": "Masque"])
        return .made([
            "message_id": .integer(Int64(post.id)), "date": .integer(Int64(Date().timeIntervalSince1970)),
            "chat": json(chat: post.chat), "from": post.isFromBot ? bot : post.author.flatMap { people[$0]?.json },
            "text": post.kind == "text" ? .text(post.text) : nil,
            "caption": post.kind == "text" || post.text.isEmpty ? nil : .text(post.text),
            "photo": post.kind == "photo" ? media : nil, "video": post.kind == "video" ? media : nil,
            "document": post.kind == "document" ? media : nil,
            "media_group_id": post.album.map { .text($0) },
            "message_thread_id": post.thread.map { .integer(Int64($0)) },
        ])
    }
}
