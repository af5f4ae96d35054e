// Calls that make messages.

/// Sends a text of 1 to 4,096 characters.
package struct SendMessage: SendMethod {
    package typealias Answer = Message
    package static let name = "sendMessage"
    package var chat: Int64
    package var thread: Int?
    package var text: String
    package var parseMode: ParseMode?
    package var linkPreviewOptions: LinkPreview?
    package var disableNotification: Bool?
    package var replyParameters: ReplyParameters?
    package var replyMarkup: InlineKeyboard?

    /// Makes the call; links in the text get no preview.
    package init(
        to chat: Int64, thread: Int? = nil, _ text: String, parseMode: ParseMode? = nil,
        replyTo message: Int? = nil, buttons: InlineKeyboard? = nil
    ) {
        self.chat = chat
        self.thread = thread
        self.text = text
        self.parseMode = parseMode
        linkPreviewOptions = LinkPreview()
        replyParameters = message.map { ReplyParameters($0) }
        replyMarkup = buttons
    }

    enum CodingKeys: String, CodingKey {
        case chat = "chatID", thread = "messageThreadID"
        case text, parseMode, linkPreviewOptions, disableNotification, replyParameters, replyMarkup
    }

    /// How links are shown.
    package struct LinkPreview: Codable, Sendable {
        var isDisabled = true
    }
}

/// What messages with a picture, a video or a file have in common.
package struct MediaOptions: Sendable {
    /// At most 1,024 characters.
    package var caption: String?
    package var parseMode: ParseMode?
    package var thread: Int?
    package var replyTo: Int?
    package var buttons: InlineKeyboard?

    /// Makes them.
    package init(
        caption: String? = nil, parseMode: ParseMode? = nil, thread: Int? = nil, replyTo: Int? = nil,
        buttons: InlineKeyboard? = nil
    ) {
        self.caption = caption
        self.parseMode = parseMode
        self.thread = thread
        self.replyTo = replyTo
        self.buttons = buttons
    }

    enum Keys: String, CodingKey {
        case chatID, messageThreadID, caption, parseMode, replyParameters, replyMarkup
        case photo, video, animation, document, thumbnail, width, height, duration, supportsStreaming
        case disableContentTypeDetection
    }

    func encode(to chat: Int64, into container: inout KeyedEncodingContainer<Keys>) throws {
        try container.encode(chat, forKey: .chatID)
        try container.encodeIfPresent(thread, forKey: .messageThreadID)
        try container.encodeIfPresent(caption, forKey: .caption)
        try container.encodeIfPresent(parseMode, forKey: .parseMode)
        try container.encodeIfPresent(replyTo.map { ReplyParameters($0) }, forKey: .replyParameters)
        try container.encodeIfPresent(buttons, forKey: .replyMarkup)
    }
}

/// Sends a picture of at most 10 MiB, whose sides sum to at most 10,000 pixels and are at most 20 to 1.
package struct SendPhoto: SendMethod {
    package typealias Answer = Message
    package static let name = "sendPhoto"
    package var chat: Int64
    package var photo: InputFile
    package var options: MediaOptions

    /// Makes the call.
    package init(to chat: Int64, _ photo: InputFile, _ options: MediaOptions = MediaOptions()) {
        (self.chat, self.photo, self.options) = (chat, photo, options)
    }

    package var uploads: [Upload] { [photo.upload].compactMap(\.self) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: MediaOptions.Keys.self)
        try options.encode(to: chat, into: &container)
        try container.encode(photo, forKey: .photo)
    }
}

/// Sends a video (MPEG-4 with H.264), or, as an animation, one without sound that plays in a loop.
package struct SendVideo: SendMethod {
    package typealias Answer = Message
    package static let name = "sendVideo"
    package var chat: Int64
    package var video: InputFile
    /// Pixels, as shown.
    package var width: Int
    package var height: Int
    /// Whole seconds.
    package var duration: Int
    /// A JPEG picture below 200 kB with sides of at most 320 pixels.
    package var thumbnail: Upload?
    package var options: MediaOptions

    /// Makes the call.
    package init(
        to chat: Int64, _ video: InputFile, width: Int, height: Int, duration: Int, thumbnail: Upload?,
        _ options: MediaOptions = MediaOptions()
    ) {
        (self.chat, self.video, self.options) = (chat, video, options)
        (self.width, self.height, self.duration, self.thumbnail) = (width, height, duration, thumbnail)
    }

    package var uploads: [Upload] { [video.upload, thumbnail].compactMap(\.self) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: MediaOptions.Keys.self)
        try options.encode(to: chat, into: &container)
        try container.encode(video, forKey: .video)
        try container.encode(width, forKey: .width)
        try container.encode(height, forKey: .height)
        try container.encode(duration, forKey: .duration)
        try container.encode(true, forKey: .supportsStreaming)
        try container.encodeIfPresent(thumbnail.map { InputFile.upload($0) }, forKey: .thumbnail)
    }
}

/// Sends a file as it is.
package struct SendDocument: SendMethod {
    package typealias Answer = Message
    package static let name = "sendDocument"
    package var chat: Int64
    package var document: InputFile
    package var thumbnail: Upload?
    package var options: MediaOptions

    /// Makes the call.
    package init(
        to chat: Int64, _ document: InputFile, thumbnail: Upload? = nil, _ options: MediaOptions = MediaOptions()
    ) {
        (self.chat, self.document, self.thumbnail, self.options) = (chat, document, thumbnail, options)
    }

    package var uploads: [Upload] { [document.upload, thumbnail].compactMap(\.self) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: MediaOptions.Keys.self)
        try options.encode(to: chat, into: &container)
        try container.encode(document, forKey: .document)
        try container.encode(true, forKey: .disableContentTypeDetection)
        try container.encodeIfPresent(thumbnail.map { InputFile.upload($0) }, forKey: .thumbnail)
    }
}

/// Sends an album of 2 to 10 pictures.
package struct SendPhotoAlbum: SendMethod {
    package typealias Answer = [Message]
    package static let name = "sendMediaGroup"
    package var chat: Int64
    package var media: [Item]
    package var thread: Int?
    package var replyParameters: ReplyParameters?

    /// Makes the call. The first picture's caption is the album's.
    package init(to chat: Int64, _ media: [Item], thread: Int? = nil, replyTo message: Int? = nil) {
        (self.chat, self.media, self.thread) = (chat, media, thread)
        replyParameters = message.map { ReplyParameters($0) }
    }

    package var messageCount: Int { media.count }
    package var uploads: [Upload] { media.compactMap(\.media.upload) }

    enum CodingKeys: String, CodingKey {
        case chat = "chatID", thread = "messageThreadID"
        case media, replyParameters
    }

    /// A picture of an album.
    package struct Item: Encodable, Sendable {
        let type = "photo"
        package var media: InputFile
        package var caption: String?

        /// Makes an item.
        package init(_ media: InputFile, caption: String? = nil) { (self.media, self.caption) = (media, caption) }
    }
}
