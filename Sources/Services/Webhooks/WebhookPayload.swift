// The body of a delivery: type, time, the job's name and state, and the job as a client would read it.

internal import Foundation
internal import JobQueue

/// `{"type":"job.completed","timestamp":"2026-01-02T03:04:05.678Z","job_id":"…","status":"completed","data":{…}}`, below
/// 20 kB (Standard Webhooks). Of a job too large to be sent, `data` is what it takes to ask for it, and `truncated`.
func webhookPayload(of delivery: Delivery, data: [UInt8]) -> [UInt8] {
    let names = "\"job_id\":\"\(delivery.job.id)\",\"status\":\"\(delivery.event.rawValue)\""
    let short = "{\(names),\"truncated\":true}"
    let head =
        "{\"type\":\"job.\(delivery.event.rawValue)\",\"timestamp\":\"\(timestamp(delivery.at))\",\(names),\"data\":"
    return Array(head.utf8) + (head.utf8.count + data.count + 1 < 20_000 ? data : Array(short.utf8)) + Array("}".utf8)
}

/// ISO 8601 in UTC with milliseconds.
private func timestamp(_ date: Date) -> String {
    date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
}
