// How media processes are started, bounded and timed: every setting of the server's side of the workers.

package import JobQueue
package import WorkerProtocol

package import struct Foundation.Date

/// How one media process (`masque worker`) is started and what it may take of the machine.
package struct ProcessSettings: Sendable {
    /// The `masque` binary; by default the one that runs now.
    package var executable = "/proc/self/exe"
    /// The folder in which each media process has a folder of its own, with what it may read and write. On the disk of
    /// the stored files, inputs cost no copy.
    package var workFolder: String
    /// Variables of the environment that are handed on when they are set; nothing else is, so no secret gets there.
    package var environmentKeys = [
        "HOME", "MASQUE_CACHE", "MASQUE_MODELS", "MASQUE_MODEL_STORE", "MASQUE_HOME", "XDG_DATA_HOME", "LANG", "LC_ALL",
        "TZ", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES",
    ]
    /// Added to the environment.
    package var environment: [String: String] = [:]
    /// `cpu` or `cuda`.
    package var provider = "cpu"
    /// `strict`, `moderate` or `tolerant`.
    package var memoryStrategy = "tolerant"
    /// Threads for one run of a large model; nil: all cores.
    package var threads: Int?
    /// 0…19: how far media work stands back behind the server's own; a look at an upload, for which a client waits and which
    /// takes a millisecond, does not.
    package var niceLevel = 5
    /// Bytes of private memory (RLIMIT_DATA); nil: unbounded.
    package var memoryLimit: Int64? = 6 << 30
    /// Bytes of the largest file it may write (RLIMIT_FSIZE).
    package var fileLimit: Int64 = 8 << 30
    /// Open files (RLIMIT_NOFILE).
    package var openFileLimit = 256
    /// How long loading the models may take.
    package var startTimeout: Duration = .seconds(90)
    /// How long an order may go without any progress before its process is killed.
    package var silenceTimeout: Duration = .seconds(180)
    /// How long a process may take to answer a cancel before it is killed.
    package var cancelGrace: Duration = .milliseconds(700)
    /// Pauses between restarts of a process that dies while it starts or waits, the last one repeated.
    package var restartPauses: [Duration] = [.milliseconds(100), .seconds(1), .seconds(5), .seconds(30)]

    package init(workFolder: String) { self.workFolder = workFolder }
}

/// One lane of media processes.
package struct LaneSettings: Sendable {
    package var lane: Lane
    package var process: ProcessSettings
    /// How many media processes, so how many jobs at once; 0: jobs of this lane wait until another server does them.
    package var processCount = 1
    /// How many jobs of one owner may run at once in this lane.
    package var ownerLimit = 1
    /// Whether a missing model may be replaced by `mesh`.
    package var fallsBackToMesh = true
    /// Seconds of CPU time that one attempt may take.
    package var cpuSeconds = 6 * 3600
    /// A program that does jobs whose models the media processes do not have.
    package var external: (any ExternalEngine)?
    /// Whether it does all jobs that it can.
    package var prefersExternal = false

    package init(lane: Lane, process: ProcessSettings) {
        self.lane = lane
        self.process = process
    }
}

/// The whole of the workers: lanes, leases, times.
package struct WorkerSettings: Sendable {
    /// The first part of worker names in leases. Jobs under this name are taken back at start, so no two servers over
    /// one store may share it.
    package var serverName = "server"
    package var lanes: [LaneSettings]
    /// How the process for inspections is started.
    package var inspection: ProcessSettings
    /// How many inspections may wait for that process; more are refused as `.unavailable`.
    package var inspectionQueue = 1024
    /// How many inspections that find faces may wait for a process of their own; more are refused as `.unavailable`.
    package var faceListingQueue = 8
    /// How long one inspection may take, waiting not counted.
    package var inspectionTimeout: Duration = .seconds(20)
    /// How many results may wait to be made smaller; more are refused as `.unavailable`.
    package var fitQueue = 64
    /// How long making one result smaller may take, waiting not counted.
    package var fitTimeout: Duration = .seconds(900)
    /// Seconds of CPU time that making one result smaller may take.
    package var fitCPUSeconds = 3600
    /// How long a lease holds without a heartbeat.
    package var leaseDuration: Duration = .seconds(30)
    /// Time between heartbeats.
    package var heartbeatInterval: Duration = .seconds(5)
    /// Time between looks for cancels, and for jobs whose cancel nobody poked about.
    package var watchInterval: Duration = .milliseconds(150)
    /// Time between looks for work when nobody pokes.
    package var pollInterval: Duration = .milliseconds(500)
    /// How long running jobs may go on after a graceful shutdown began; then they are handed back.
    package var shutdownGrace: Duration = .seconds(20)
    /// Pauses before the second, third, … attempt; the last one is repeated. A fifth is added or taken by chance.
    package var retryPauses: [Duration] = [.seconds(2), .seconds(10), .seconds(30)]
    /// Pauses between tries of a call of the store that failed, the last one repeated.
    package var storePauses: [Duration] = [.milliseconds(50), .milliseconds(250), .seconds(1), .seconds(3)]
    /// When a job that ended now may be deleted; nil: never by itself.
    package var expiresAt: @Sendable (Job, Date) -> Date? = { _, _ in nil }
    /// The wall clock.
    package var now: @Sendable () -> Date = { Date() }

    /// Where the pictures of faces that an inspection finds can be written.
    package var facesFolder: String { ProcessRoot(inspection.workFolder, name: "faces").outputs }

    package init(lanes: [LaneSettings], inspection: ProcessSettings) {
        self.lanes = lanes
        self.inspection = inspection
    }
}
