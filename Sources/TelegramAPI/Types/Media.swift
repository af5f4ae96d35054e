// Files that people send, as messages describe them.

/// A size of a photo or a thumbnail.
package struct PhotoSize: Codable, Sendable, Equatable {
    package var fileID: String
    /// The same for the same file, whoever asks; fetches nothing.
    package var fileUniqueID: String
    /// Pixels.
    package var width: Int
    package var height: Int
    /// Bytes.
    package var fileSize: Int?
}

/// A file of any kind, as it was sent.
package struct Document: Codable, Sendable, Equatable {
    package var fileID: String
    package var fileUniqueID: String
    package var fileName: String?
    package var mimeType: String?
    package var fileSize: Int?
    package var thumbnail: PhotoSize?
}

/// A video, a round video note (`length` stands for both sides) or an animation without sound.
package struct Video: Codable, Sendable, Equatable {
    package var fileID: String
    package var fileUniqueID: String
    package var width: Int?
    package var height: Int?
    /// The side of a video note in pixels.
    package var length: Int?
    /// Whole seconds.
    package var duration: Int
    package var fileName: String?
    package var mimeType: String?
    package var fileSize: Int?
    package var thumbnail: PhotoSize?
}

/// A sticker: a WebP picture, a Lottie animation (`isAnimated`) or a WebM video (`isVideo`).
package struct Sticker: Codable, Sendable, Equatable {
    package var fileID: String
    package var fileUniqueID: String
    package var width: Int
    package var height: Int
    package var isAnimated: Bool
    package var isVideo: Bool
    package var emoji: String?
    package var fileSize: Int?
}

/// A voice message or a piece of music.
package struct Sound: Codable, Sendable, Equatable {
    package var fileID: String
    package var fileUniqueID: String
    package var duration: Int
    package var fileName: String?
    package var mimeType: String?
    package var fileSize: Int?
}

/// A file that can be fetched now.
package struct RemoteFile: Codable, Sendable, Equatable {
    package var fileID: String
    package var fileUniqueID: String
    package var fileSize: Int?
    /// Where it is, relative to the bot's files; absolute on a server in local mode. Good for an hour at least.
    package var filePath: String?
}
