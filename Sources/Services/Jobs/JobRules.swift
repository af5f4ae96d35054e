// The limits of this server on what people send and ask for.

package import struct Foundation.Date

/// Limits and times; the defaults are the contracts'.
package struct JobRules: Sendable, Hashable {
    /// Bytes of a picture.
    package var maxPictureBytes: Int64 = 50_000_000
    /// Bytes and seconds of a video given to `/jobs` (swap-jobs contract: 60 MB, 2 minutes).
    package var maxJobVideoBytes: Int64 = 60_000_000
    package var maxJobVideoSeconds = 120.0
    /// Bytes of an upload to `/process` (process contract: 500 MB), and seconds of its video.
    package var maxProcessBytes: Int64 = 500_000_000
    package var maxProcessVideoSeconds = 1800.0
    /// Million pixels of a picture or frame.
    package var maxMegapixels = 50.0
    /// Frames of a video; half an hour at 60 frames a second.
    package var maxFrames = 108_000
    /// Queued and running jobs of one owner.
    package var maxActiveJobs = 50
    /// Jobs of one owner that were never queued.
    package var maxDrafts = 200
    /// Bytes of one owner's inputs, outputs and unfinished uploads; nil: as the disk allows. Outputs are never refused, so
    /// that no work is lost: an owner who is over it can send nothing new.
    package var maxStoredBytes: Int64? = 20_000_000_000
    /// API keys of one owner that are in force.
    package var maxKeys = 50
    /// Running jobs of one owner in one lane.
    package var maxRunningJobs = 4
    /// How often an attempt is made.
    package var maxAttempts = 3
    /// Seconds that a finished job, its inputs and its output are kept; 0: until somebody deletes them.
    package var retention = 7 * 86400.0
    /// Seconds after which an untouched draft is deleted.
    package var draftRetention = 86400.0
    /// Bytes that are kept free on the disk: below it new uploads are refused, running jobs go on.
    package var reservedBytes: Int64 = 1_024_000_000
    /// Whether a missing neural model is replaced by `mesh`, with a note, instead of refusing the job.
    package var fallsBackToMesh = true
    /// Whether a FaceFusion installation does the modes whose models are missing.
    package var hasFaceFusion = false

    package init() {}

    /// When a job that ends at a moment may be deleted; nil: never by itself.
    package func expiry(from moment: Date) -> Date? {
        retention > 0 ? moment.addingTimeInterval(retention) : nil
    }
}
