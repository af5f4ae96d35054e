// Tells who listens how a download stands, and waits for its end.

extension DownloadQueue {
    /// The states of a download from now on, the present one first; ends after the final one.
    package func changes(of id: String) -> AsyncStream<DownloadRecord> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: DownloadRecord.self, bufferingPolicy: .bufferingNewest(16))
        guard let record = records[id] else {
            continuation.finish()
            return stream
        }
        continuation.yield(record)
        if record.state.isFinal {
            continuation.finish()
            return stream
        }
        listenerCount += 1
        let number = listenerCount
        listeners[id, default: [:]][number] = continuation
        continuation.onTermination = { [weak self] _ in
            Task { await self?.forget(number, of: id) }
        }
        return stream
    }

    /// Waits until a download has ended.
    ///
    /// - Returns: how it ended; nil when it has not within this time.
    package func ended(_ id: String, within limit: Duration) async -> DownloadRecord? {
        let stream = changes(of: id)
        return await withTaskGroup(of: DownloadRecord?.self) { group in
            group.addTask {
                for await record in stream where record.state.isFinal { return record }
                return nil
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    func note(_ progress: FetchProgress, of id: String) {
        guard var record = records[id], record.state == .running, progress.done >= record.progress.done else { return }
        record.progress = progress
        records[id] = record
        tell(record)
    }

    func tell(_ record: DownloadRecord) {
        for continuation in (listeners[record.id] ?? [:]).values {
            continuation.yield(record)
            if record.state.isFinal { continuation.finish() }
        }
        if record.state.isFinal { listeners[record.id] = nil }
    }

    private func forget(_ number: Int, of id: String) {
        listeners[id]?[number] = nil
        if listeners[id]?.isEmpty == true { listeners[id] = nil }
    }
}
