// What is said about results that must become smaller, or be shown small, before they are sent on.

/// A result that is to have at most so many bytes.
package struct FitOrder: Sendable, Codable {
    package var order: String
    package var path: String
    package var maxBytes: Int
    /// Where `fitted.jpg` or `fitted.mp4` is written.
    package var folder: String
    /// Seconds of CPU time after which the process is killed.
    package var cpuSeconds: Int
    package init(order: String, path: String, maxBytes: Int, folder: String, cpuSeconds: Int) {
        self.order = order
        self.path = path
        self.maxBytes = maxBytes
        self.folder = folder
        self.cpuSeconds = cpuSeconds
    }
}

/// A picture or video of which a small picture is wanted.
package struct PosterOrder: Sendable, Codable {
    package var order: String
    package var path: String
    /// Where `poster.jpg` is written.
    package var folder: String
    package init(order: String, path: String, folder: String) {
        self.order = order
        self.path = path
        self.folder = folder
    }
}

/// A result that was made smaller.
package struct FittedMedia: Sendable, Codable, Hashable {
    /// The file; whoever asked deletes it.
    package var path: String
    /// `image/jpeg` or `video/mp4`, or what it was when it was small enough already.
    package var mediaType: String
    package var width: Int
    package var height: Int
    /// Seconds; nil for a picture.
    package var duration: Double?
    package var byteCount: Int64
    package init(path: String, mediaType: String, width: Int, height: Int, duration: Double?, byteCount: Int64) {
        self.path = path
        self.mediaType = mediaType
        self.width = width
        self.height = height
        self.duration = duration
        self.byteCount = byteCount
    }
}
