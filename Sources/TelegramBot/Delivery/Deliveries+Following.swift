// Shows how far a job is, while it is on its way.

internal import JobQueue
internal import Logging
internal import Services
internal import TelegramAPI
internal import Words

extension Deliveries {
    /// Follows a job until it ends or is gone.
    func follow(_ name: String) async {
        let signals = Signals()
        entries[name]?.signals = signals
        defer { if entries[name]?.signals === signals { entries[name]?.isFollowed = false } }
        var failures = 0
        while !Task.isCancelled, let entry = entries[name], entry.signals === signals, !signals.isOver {
            guard entry.delivery.phase == .following else { return }
            do {
                if try await hasEnded(name, entry.delivery.job, signals) { return }
                failures = 0
            } catch {
                desk.log.warning("A job could not be followed.", metadata: ["error": "\(error)", "job": "\(name)"])
            }
            // The store failed, or the feed stopped with the server.
            try? await Task.sleep(for: times.pauses[min(failures, times.pauses.count - 1)])
            failures += 1
        }
    }

    /// Follows a job for as long as its events come.
    /// - Returns: whether nothing more is to be followed.
    private func hasEnded(_ name: String, _ job: JobID, _ signals: Signals) async throws -> Bool {
        let events = await desk.jobs.feed.events(of: job, after: 0)
        let over = Signals()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // What happened is looked up when it is shown.
                for try await _ in events { signals.ring() }
                over.end()
                signals.ring()
            }
            group.addTask {
                while !Task.isCancelled, !over.isOver {
                    await signals.wait()
                    // A change that is on its way to Telegram is waited for: it must not come after the last one.
                    if signals.isOver || over.isOver { return }
                    try await self.showProgress(name, until: over)
                }
            }
            try await group.next()
            if over.isOver { try await group.next() } else { group.cancelAll() }
        }
        guard !Task.isCancelled, !signals.isOver, entries[name]?.signals === signals else { return true }
        let found = try await desk.jobs.store.job(job, owner: nil)
        guard found?.state.isFinal ?? true else { return false }
        startEnding(name)
        return true
    }

    /// Changes the status message to what the job is doing now, when it is its turn.
    private func showProgress(_ name: String, until over: Signals) async throws {
        guard let entry = entries[name], !entry.isMute, !entry.delivery.isFile else { return }
        let job = entry.delivery.job
        guard try await desk.jobs.store.job(job, owner: nil)?.state != .draft else { return }
        let delivery = entry.delivery
        let interval =
            delivery.isGroup ? max(times.groupInterval, desk.rules.statusInterval) : desk.rules.statusInterval
        let turn = turns.take(chat: delivery.chat, interval: interval, now: .now)
        if await over.waitForEnd(until: turn) || Task.isCancelled { return }
        let next = turns.takeOverall(interval: times.overallInterval, now: .now)
        if await over.waitForEnd(until: next) || Task.isCancelled { return }
        // While Telegram wants a pause, or all that it takes is needed, only results and answers wait for it.
        guard await !desk.api.pacer.isHeld(delivery.chat), await !desk.api.pacer.isBusy else { return }
        guard let found = try await desk.jobs.store.job(job, owner: nil), !found.state.isFinal, found.state != .draft
        else { return }
        let outlook = try await desk.jobs.outlook(of: found)
        if let left = outlook.secondsLeft, found.state == .running, left < 10 || found.progress >= 80 {
            await act(name, found)
        }
        guard let entry = entries[name], entry.delivery.phase == .following else { return }
        do { try await show(text(entry.delivery).onItsWay(found, outlook), name) } catch let error as BotAPIError {
            if error.isFarewell { entries[name]?.isMute = true }
            desk.log.info("A status message could not be changed.", metadata: ["error": "\(error)"])
        }
    }

    /// Shows that a picture or video is made.
    private func act(_ name: String, _ job: Job) async {
        guard let entry = entries[name] else { return }
        if let last = entry.actedAt, .now - last < times.actionInterval { return }
        entries[name]?.actedAt = .now
        await desk.show(job.description.lane == .video ? .recordVideo : .uploadPhoto, in: entry.delivery.place)
    }

    /// Has the status message say something; sends one where there is none.
    ///
    /// - Parameter isNews: whether somebody must hear of it, also when it is not known whether an earlier message came.
    /// - Throws: ``TelegramAPI/BotAPIError``; errors of the store.
    func show(_ screen: Screen, _ name: String, isNews: Bool = false) async throws {
        guard let entry = entries[name] else { return }
        let delivery = entry.delivery
        let shown = Self.digest(screen)
        guard delivery.shown != shown || delivery.status == nil else { return }
        if let status = delivery.status {
            do {
                if try await desk.change(status, in: delivery.chat, to: screen) {
                    return try await update(name) { $0.shown = shown }
                }
            } catch let error as BotAPIError where error.reason == .uncertain {
                // Made twice, it is the same.
                throw BotAPIError(.unavailable, method: error.method, detail: error.detail)
            }
            // Somebody deleted it.
            try await update(name) { ($0.status, $0.isAnnounced) = (nil, nil) }
        } else if delivery.isAnnounced == true || entry.isMute {
            guard isNews else { return }
        }
        try await update(name) { $0.isAnnounced = true }
        do {
            let number = try await desk.say(screen, to: delivery.place)
            try await update(name) { ($0.status, $0.shown, $0.isAnnounced) = (number, shown, nil) }
        } catch let error as BotAPIError {
            switch error.reason {
            case .uncertain, .strangeAnswer, .forbidden, .noChat: entries[name]?.isMute = true
            default: try await update(name) { $0.isAnnounced = nil }
            }
            throw error
        }
    }

    /// Text and buttons in short.
    private static func digest(_ screen: Screen) -> String {
        screen.text + screen.rows.joined().map { "\n\($0.callbackData ?? $0.url ?? "")" }.joined()
    }
}
