// Jobs as lines of JSON for the command line, the same as the API's.

package import JobQueue
internal import NIOCore
internal import Words

extension HTTPAPI {
    /// A job as `GET /jobs/{job_id}` has it, its sentences in English; where it stands in the queue is not told.
    package static func jobLine(_ job: Job) throws -> String {
        String(buffer: try jsonBytes(JobJSON(job, outlook: nil, in: .english)))
    }

    /// An entry as `GET /jobs/{job_id}/history` has it.
    package static func historyLine(_ event: JobEvent) throws -> String {
        String(buffer: try jsonBytes(HistoryEntryJSON(event, in: .english)))
    }
}
