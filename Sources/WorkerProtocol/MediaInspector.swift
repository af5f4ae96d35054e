// What fronts can have media processes do at once, without a job.

/// Asks the media processes about files and abilities, and has results made fit for sending.
package protocol MediaInspector: Sendable {
    /// - Parameters:
    ///   - time: the moment of a video whose faces are looked for, in seconds; nil: where a swap looks that is told none.
    ///   - folder: is given `frame.jpg`, `numbered.jpg` and `face-0.jpg` …; see ``InspectOrder/folder``.
    /// - Throws: ``Errors/MasqueError``: `.unsupportedMedia`, `.tooLarge`, …, `.unavailable` when no media process runs.
    func inspect(path: String, findsFaces: Bool, time: Double?, folder: String?) async throws -> MediaFacts
    /// Looks at a recording, or at the sound of a video.
    ///
    /// - Throws: ``Errors/MasqueError``: `.unsupportedMedia` without sound that can be decoded, `.tooLarge`, `.unavailable`.
    func listen(path: String) async throws -> MediaFacts
    /// Makes a result smaller: a video as H.264 and AAC in an MP4 that plays while it loads, a picture as JPEG. It says of
    /// its origin what the result says. One that has no more bytes already is copied as it is.
    ///
    /// - Parameters:
    ///   - maxBytes: the most that it may have.
    ///   - folder: any folder of the server's, in which the file is left; whoever asked deletes it.
    /// - Throws: ``Errors/MasqueError``: `.badInput` for a file without a statement of origin, `.tooLarge` when it cannot be
    ///   made so small, `.unsupportedMedia`, `.stopped`, `.unavailable`; nothing is left behind then.
    func fit(path: String, maxBytes: Int, folder: String) async throws -> FittedMedia
    /// Makes a JPEG of at most 320 pixels on the longer side and less than 200 kB of a picture, or of a video's first frame
    /// that shows something.
    ///
    /// - Parameter folder: any folder of the server's, in which it is left; whoever asked deletes it.
    /// - Returns: the JPEG's path.
    /// - Throws: ``Errors/MasqueError``: `.unsupportedMedia`, …, `.unavailable`; nothing is left behind then.
    func poster(path: String, folder: String) async throws -> String
    /// nil while no media process has started.
    func abilities() async -> WorkerAbilities?
}
