// Writes a conversation down for `scripts/draw-chat`, as it went.

import Foundation
import Synchronization
import TelegramStandIn

extension ChatLab {
    /// Writes `NAME.json` and the files of the conversation so far into the folder that `MASQUE_CHATS` names; nothing
    /// without it. A message that was changed appears as often as it was read.
    ///
    /// - Parameter me: who stands on the right.
    func draw(_ name: String, title: String, subtitle: String, me: Int64) throws {
        guard let root = ProcessInfo.processInfo.environment["MASQUE_CHATS"] else { return }
        let folder = URL(fileURLWithPath: root)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var messages: [[String: Any]] = []
        for (minute, moment) in story.withLock(\.self).enumerated() {
            switch moment {
            case .press(let person, let label):
                let who = person == me ? "" : "\(Self.name(person)): "
                messages.append(["note": "\(who)👆 \(label)"])
            case .post(let post):
                var message = try facts(post, name: "\(name)-\(minute)", folder: folder)
                message["from"] = post.isFromBot ? "bot" : post.author == me ? "me" : Self.name(post.author ?? 0)
                message["time"] = "12:\(minute / 4 < 10 ? "0" : "")\(minute / 4)"
                messages.append(message)
            }
        }
        let json = try JSONSerialization.data(
            withJSONObject: ["title": title, "subtitle": subtitle, "messages": messages],
            options: [.prettyPrinted, .sortedKeys])
        try json.write(to: folder.appendingPathComponent("\(name).json"))
    }

    private static func name(_ person: Int64) -> String { people.first { $0.value == person }?.key ?? "?" }

    /// Text, buttons and file of a message.
    private func facts(_ post: Post, name: String, folder: URL) throws -> [String: Any] {
        var message: [String: Any] = ["text": post.text]
        if let bytes = post.file ?? post.fileID.flatMap({ telegram.bytes(ofFile: $0) }), bytes.count > 100 {
            let isVideo = ["video", "video_note", "animation"].contains(post.kind)
            let file = "\(name).\(isVideo ? "mp4" : bytes.first == 0x89 ? "png" : "jpg")"
            try Data(bytes).write(to: folder.appendingPathComponent(file))
            message["image"] = file
            if isVideo { (message["video"], message["duration"]) = (true, "0:0\(post.duration ?? 1)") }
        }
        if !post.buttons.isEmpty { message["buttons"] = post.buttons.map { $0.map(\.text) } }
        if let reply = post.replyTo, let answered = telegram.posts(in: post.chat).first(where: { $0.id == reply }) {
            message["reply"] = answered.text.isEmpty ? (answered.kind == "video" ? "Video" : "Photo") : answered.text
        }
        return message
    }
}
