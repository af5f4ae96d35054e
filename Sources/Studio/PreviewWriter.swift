// A small picture of the newest finished frame, for whoever waits.

internal import Foundation
internal import ImageIO
internal import Pixels
internal import Synchronization
internal import VideoIO

/// Keeps `preview.jpg` in a folder new: no more often than asked, on a thread of its own, and never holding up the one
/// who offers frames. A preview that cannot be made or written is left out.
// @unchecked: every access to the state happens under `condition`'s lock.
final class PreviewWriter: @unchecked Sendable {
    private let condition = NSCondition()
    private let folder: String
    private let interval: Duration
    private let rotation: Int
    private var waiting: VideoFrame?
    private var isClosed = false
    private var hasEnded = false
    private var last: ContinuousClock.Instant?
    private var written = 0

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - interval: the seconds from one preview to the next at least.
    ///   - rotation: how far clockwise frames are turned for showing.
    init(folder: String, interval: Double, rotation: Int) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        self.folder = folder
        self.interval = .seconds(interval)
        self.rotation = rotation
        let thread = Thread { [self] in
            Thread.current.name = "masque-preview"
            loop()
        }
        thread.start()
    }

    /// How many previews were written.
    var count: Int {
        condition.lock()
        defer { condition.unlock() }
        return written
    }

    /// Takes a finished frame into which nobody writes any more, if it is time for one.
    func offer(_ frame: VideoFrame) {
        let now = ContinuousClock.now
        condition.lock()
        defer { condition.unlock() }
        if let last, now - last < interval { return }
        last = now
        waiting = frame
        condition.broadcast()
    }

    /// Ends the thread after the preview at hand.
    func close() {
        condition.lock()
        defer { condition.unlock() }
        isClosed = true
        condition.broadcast()
        while !hasEnded { condition.wait() }
    }

    private func loop() {
        while let frame = next() {
            guard let picture = try? frame.picture(longest: 640, rotation: rotation),
                let bytes = try? encodePicture(picture, as: .jpeg, options: ImageIO.EncodeOptions(quality: 80)),
                (try? publish(bytes)) != nil
            else { continue }
            condition.lock()
            written += 1
            condition.unlock()
        }
        condition.lock()
        hasEnded = true
        condition.broadcast()
        condition.unlock()
    }

    private func next() -> VideoFrame? {
        condition.lock()
        defer { condition.unlock() }
        while waiting == nil, !isClosed { condition.wait() }
        defer { waiting = nil }
        return waiting
    }

    /// Moves the picture to its name; without waiting for the disk, since a lost preview is no loss.
    private func publish(_ bytes: [UInt8]) throws {
        let temporary = folder + "/.preview.part"
        try Data(bytes).write(to: URL(fileURLWithPath: temporary))
        guard rename(temporary, folder + "/preview.jpg") == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
