// Writes a chat down for `scripts/draw-chat`, as it stands at the end.

import Foundation
import TelegramStandIn

extension ChatLab {
    /// Writes `NAME.json` and the files of the chat into the folder that `MASQUE_CHATS` names; nothing without it.
    ///
    /// - Parameter last: how many of the latest messages; nil: all.
    func draw(_ name: String, chat: Int64, title: String, subtitle: String, me: Int64, last: Int? = nil) async throws {
        guard let root = ProcessInfo.processInfo.environment["MASQUE_CHATS"] else { return }
        // Status messages go when the result is there.
        _ = try await telegram.wait { telegram in
            telegram.posts(in: chat).contains { $0.button("Cancel") != nil || $0.button("Отмена") != nil } ? nil : true
        }
        let folder = URL(fileURLWithPath: root)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let posts = telegram.posts(in: chat).filter { $0.text != "" || $0.kind != "text" }
        var messages: [[String: Any]] = []
        var minute = 1
        for post in posts.suffix(last ?? posts.count) {
            let author = Self.people.first { $0.value == post.author }?.key ?? "?"
            var message: [String: Any] = [
                "from": post.isFromBot ? "bot" : post.author == me ? "me" : author, "text": post.text,
                "time": "12:\(minute < 10 ? "0" : "")\(minute)",
            ]
            minute += post.isFromBot ? 0 : 1
            if let bytes = post.file ?? post.fileID.flatMap({ telegram.bytes(ofFile: $0) }), bytes.count > 100 {
                let isVideo = ["video", "video_note", "animation"].contains(post.kind)
                let file = "\(name)-\(post.id).\(isVideo ? "mp4" : bytes.first == 0x89 ? "png" : "jpg")"
                try Data(bytes).write(to: folder.appendingPathComponent(file))
                message["image"] = file
                if isVideo { (message["video"], message["duration"]) = (true, "0:0\(post.duration ?? 1)") }
            }
            if !post.buttons.isEmpty { message["buttons"] = post.buttons.map { $0.map(\.text) } }
            if let reply = post.replyTo, let answered = telegram.posts(in: chat).first(where: { $0.id == reply }) {
                message["reply"] =
                    answered.text.isEmpty ? (answered.kind == "video" ? "Video" : "Photo") : answered.text
            }
            messages.append(message)
        }
        let json = try JSONSerialization.data(
            withJSONObject: ["title": title, "subtitle": subtitle, "messages": messages],
            options: [.prettyPrinted, .sortedKeys])
        try json.write(to: folder.appendingPathComponent("\(name).json"))
    }
}
