// A result made ready for Telegram: the forms in which it may be taken, the best one first.

internal import BlobStore
internal import Errors
internal import Foundation
internal import JobQueue
internal import Logging
internal import Services
internal import TelegramAPI
internal import Words
internal import WorkerProtocol

/// One message with a result, or with words about it.
struct Parcel: Sendable {
    /// What the message is.
    enum Content: Sendable {
        case media(ResultForm, SendableResult, thumbnail: String?)
        case words
    }
    var content: Content
    /// The caption or text.
    var text: String
    var rows: [[InlineKeyboard.Button]]
}

extension Deliveries {
    /// Room for the form around the file.
    private static let margin = 256 << 10

    /// Makes a result ready.
    /// - Parameter folder: for files in passing; the parcels refer to it.
    /// - Throws: ``Errors/MasqueError`` when the result is gone.
    func pack(_ name: String, _ job: Job, in folder: String) async throws -> [Parcel] {
        guard let delivery = entries[name]?.delivery, let output = job.output else { return [] }
        let text = text(delivery), voice = text.voice
        let stored = try await desk.jobs.result(of: job.id, owner: nil)
        var file = SendableResult(
            path: try await desk.jobs.blobs.localFile(stored.blob, in: folder), name: stored.fileName,
            mediaType: stored.mediaType, byteCount: stored.info.byteCount, width: output.width, height: output.height,
            duration: output.duration)
        let limit = desk.api.server.uploadLimit - Self.margin
        let link = link(job)
        let linkRow = link.map { [InlineKeyboard.Button(voice.say("🔗 Full size"), url: $0)] }
        let same = [[InlineKeyboard.Button(voice.say("🔁 Same face again"), data: "same")]]
        let size = "\(max(1, (file.byteCount + 500_000) / 1_000_000)) MB"
        let words = Parcel(
            content: .words,
            text: link == nil
                ? voice.say(
                    "Done, but the result has \(size), more than Telegram takes. Try a shorter video or a smaller picture."
                )
                : [
                    voice.say("Done. The result has \(size), more than Telegram takes, so here is a link to it."),
                    voice.say("Made with Masque: the face is not real."),
                ].joined(separator: "\n"),
            rows: [linkRow].compactMap(\.self) + same)
        if file.byteCount > Int64(limit) {
            guard !delivery.isFile, let small = await smaller(file, limit, name, folder) else { return [words] }
            file = small
        }
        let best = try ResultForm(file, photoLimit: desk.api.server.photoLimit, isFile: delivery.isFile)
        let asFile = [[InlineKeyboard.Button(voice.say("📄 As a file"), data: "job:file:\(job.id)")]]
        func parcel(_ form: ResultForm, _ poster: String?) -> Parcel {
            Parcel(
                content: .media(form, file, thumbnail: poster), text: text.caption(job, isSmaller: file.isSmaller),
                rows: delivery.isFile
                    ? [] : same + (form == .photo ? asFile : []) + (file.isSmaller ? [linkRow].compactMap(\.self) : []))
        }
        var parcels = [parcel(best, best == .video ? await poster(file, folder) : nil)]
        if best != .document { parcels.append(parcel(.document, nil)) }
        return parcels + [words]
    }

    /// The result re-encoded to fit; nil when that cannot be had.
    private func smaller(
        _ file: SendableResult, _ limit: Int, _ name: String, _ folder: String
    ) async -> SendableResult? {
        guard let delivery = entries[name]?.delivery else { return nil }
        try? await show(text(delivery).shrinking, name)
        do {
            let fitted = try await desk.jobs.inspector.fit(path: file.path, maxBytes: limit, folder: folder)
            guard fitted.byteCount <= Int64(limit), fitted.byteCount > 0 else { return nil }
            let stem = file.name.lastIndex(of: ".").map { String(file.name[..<$0]) } ?? file.name
            let ending = fitted.mediaType == "video/mp4" ? "mp4" : fitted.mediaType == "image/jpeg" ? "jpg" : "bin"
            return SendableResult(
                path: fitted.path, name: fitted.mediaType == file.mediaType ? file.name : "\(stem).\(ending)",
                mediaType: fitted.mediaType, byteCount: fitted.byteCount, width: fitted.width, height: fitted.height,
                duration: fitted.duration, isSmaller: true)
        } catch {
            desk.log.notice("A result could not be made smaller.", metadata: ["error": "\(error)", "job": "\(name)"])
            return nil
        }
    }

    /// A small picture of a video; it may do without.
    private func poster(_ file: SendableResult, _ folder: String) async -> String? {
        do { return try await desk.jobs.inspector.poster(path: file.path, folder: folder) } catch {
            desk.log.notice("A video has no preview.", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Sends one message.
    func send(_ parcel: Parcel, to delivery: Delivery) async throws {
        let keyboard = parcel.rows.isEmpty ? nil : InlineKeyboard(parcel.rows)
        let reply = delivery.place.replyTo
        guard case .media(let form, let file, let thumbnail) = parcel.content else {
            try await desk.api.call(
                SendMessage(
                    to: delivery.chat, thread: delivery.thread, parcel.text, replyTo: reply, buttons: keyboard))
            return
        }
        let options = MediaOptions(caption: parcel.text, thread: delivery.thread, replyTo: reply, buttons: keyboard)
        let upload = InputFile.upload(
            Upload(
                part: "file", fileName: file.name, type: file.mediaType,
                content: .file(URL(fileURLWithPath: file.path))))
        switch form {
        case .photo:
            try await showing(.uploadPhoto, for: delivery, file) {
                _ = try await desk.api.call(SendPhoto(to: delivery.chat, upload, options))
            }
        case .video:
            let poster = thumbnail.map {
                Upload(
                    part: "poster", fileName: "poster.jpg", type: "image/jpeg", content: .file(URL(fileURLWithPath: $0))
                )
            }
            try await showing(.uploadVideo, for: delivery, file) {
                _ = try await desk.api.call(
                    SendVideo(
                        to: delivery.chat, upload, width: file.width, height: file.height,
                        duration: Int((file.duration ?? 0).rounded()), thumbnail: poster, options))
            }
        case .document:
            try await showing(.uploadDocument, for: delivery, file) {
                _ = try await desk.api.call(SendDocument(to: delivery.chat, upload, options))
            }
        }
    }

    /// Shows what the bot is doing while it does it, when that takes a while.
    private func showing(
        _ action: SendChatAction.Action, for delivery: Delivery, _ file: SendableResult, _ body: () async throws -> Void
    ) async throws {
        guard file.byteCount >= 1 << 20 else { return try await body() }
        let (desk, interval, place) = (desk, times.actionInterval, delivery.place)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    await desk.show(action, in: place)
                    try? await Task.sleep(for: interval)
                }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }
}
