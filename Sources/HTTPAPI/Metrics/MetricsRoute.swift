// GET /metrics: what was counted, and how things stand at this moment.

internal import BlobStore
internal import Errors
internal import Files
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import JobQueue
internal import NIOCore
internal import Services

extension HTTPAPI {
    func addMetricsRoute(to group: RouterGroup<APIContext>) {
        group.get("metrics") { _, context in
            try context.caller().require(.admin)
            var text = PrometheusText()
            metrics.write(to: &text)
            try await writeLanes(to: &text)
            await writeProcess(to: &text)
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text.text)))
        }
    }

    private func writeLanes(to text: inout PrometheusText) async throws {
        let lanes = try await laneFigures()
        func gauge(_ name: String, _ help: String, _ value: (LaneFigures) -> Double) {
            text.family(name, "gauge", help)
            for (lane, figures) in lanes { text.value(name, [("lane", lane.rawValue)], value(figures)) }
        }
        gauge("masque_jobs_queued", "Jobs that wait, by lane.") { Double($0.queued) }
        gauge("masque_jobs_running", "Jobs that run, by lane.") { Double($0.running) }
        gauge("masque_queue_oldest_seconds", "Age of the oldest waiting job.") { $0.oldestQueuedAge }
        gauge("masque_queue_work_seconds", "Estimated work in the queue.") { $0.queuedWork }
        let ready = workers()
        text.family("masque_workers_ready", "gauge", "Media processes that are ready.")
        text.value("masque_workers_ready", [], Double(ready.ready))
        text.family("masque_workers_wanted", "gauge", "Media processes that there should be.")
        text.value("masque_workers_wanted", [], Double(ready.wanted))
        if let free = try await jobs.blobs.freeBytes() {
            text.family("masque_disk_free_bytes", "gauge", "Free space where files are stored.")
            text.value("masque_disk_free_bytes", [], Double(free))
        }
    }

    private func writeProcess(to text: inout PrometheusText) async {
        text.family("masque_info", "gauge", "The version that runs.")
        text.value("masque_info", [("version", version)], 1)
        text.family("masque_uptime_seconds", "gauge", "Seconds since the server started.")
        text.value("masque_uptime_seconds", [], uptime)
        guard let bytes = try? await offPool({ try readFile(at: "/proc/self/status", maxBytes: 1 << 16) }) else {
            return
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("VmRSS:") }),
            let kilobytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({
                Double(String($0))
            })
        else { return }
        text.family("process_resident_memory_bytes", "gauge", "Memory of the server without its media processes.")
        text.value("process_resident_memory_bytes", [], kilobytes * 1024)
    }
}
