// A thread's worth of room for an actor that writes small files, so that it never holds up the cooperative pool.

internal import Dispatch

/// Runs an actor's work on a queue of Dispatch's.
final class FileExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
