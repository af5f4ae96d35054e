// The body of a delivery: type, time and the job as a client would read it.

internal import Foundation
internal import JobQueue

/// `{"type":"job.completed","timestamp":"2026-01-02T03:04:05.678Z","data":{…}}`, below 20 kB (Standard Webhooks).
func webhookPayload(of delivery: Delivery, data: [UInt8]) -> [UInt8] {
    // Of a job too large to be sent: what it takes to ask for it.
    let short = "{\"job_id\":\"\(delivery.job.id)\",\"status\":\"\(delivery.event.rawValue)\",\"truncated\":true}"
    let head = "{\"type\":\"job.\(delivery.event.rawValue)\",\"timestamp\":\"\(timestamp(delivery.at))\",\"data\":"
    return Array(head.utf8) + (head.utf8.count + data.count + 1 < 20_000 ? data : Array(short.utf8)) + Array("}".utf8)
}

/// ISO 8601 in UTC with milliseconds.
private func timestamp(_ date: Date) -> String {
    date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
}
