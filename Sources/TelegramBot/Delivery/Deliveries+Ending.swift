// Brings a delivery to its end: the result is sent once, or the chat is told why there is none.

internal import Errors
internal import Foundation
internal import JobQueue
internal import Logging
internal import Services
internal import TelegramAPI
internal import Words

extension Deliveries {
    /// Does what is left to do for a delivery whose job is over.
    ///
    /// - Throws: ``TelegramAPI/BotAPIError`` when Telegram cannot be reached now; errors of the store;
    ///   `CancellationError`.
    func finish(_ name: String) async throws {
        guard let delivery = entries[name]?.delivery else { return }
        switch delivery.phase {
        case .following: try await tell(name, delivery)
        case .sending, .asking: try await ask(name)
        case .sent: try await tidy(name)
        case .failed: entries[name] = nil
        }
    }

    private func tell(_ name: String, _ delivery: Delivery) async throws {
        let text = text(delivery)
        guard let job = try await desk.jobs.store.job(delivery.job, owner: nil) else {
            // A draft that nobody submitted has said nothing yet.
            if delivery.shown != nil { try await say(text.gone, name) }
            return try await drop(name)
        }
        switch job.state {
        case .completed: try await deliver(name, job)
        case .canceled:
            try await say(text.canceled, name)
            try await drop(name)
        case .failed:
            if job.failure?.code == "refusedContent" { try await forgetFace(of: job, delivery.user) }
            guard try await say(text.failed(job), name, isNews: true) else { return }
            try await update(name) { $0.phase = .failed }
            entries[name] = nil
        case .draft, .queued, .running: startFollowing(name)
        }
    }

    /// A face that was refused, or went into what was, is not offered again.
    private func forgetFace(of job: Job, _ user: Int64) async throws {
        try await desk.book.change(user) { person in
            if person.lastJob == job.id.rawValue { (person.lastSource, person.lastJob) = (nil, nil) }
        }
    }

    /// Shows a last word; what Telegram does not take is left out.
    /// - Returns: false when the chat is gone, and the delivery with it.
    @discardableResult
    private func say(_ screen: Screen, _ name: String, isNews: Bool = false) async throws -> Bool {
        do { try await show(screen, name, isNews: isNews) } catch let error as BotAPIError {
            if error.isPassing { throw error }
            if error.isFarewell {
                try await giveUp(name)
                return false
            }
            desk.log.warning("A chat could not be told the end.", metadata: ["error": "\(error)", "job": "\(name)"])
        }
        return true
    }

    // MARK: The result

    private func deliver(_ name: String, _ job: Job) async throws {
        try await desk.withFolder { folder in
            do {
                var parcels = try await pack(name, job, in: folder)
                while !parcels.isEmpty {
                    try Task.checkCancellation()
                    let next = parcels.removeFirst()
                    if try await lasting({ try await self.isDone(with: next, name) }) { return }
                }
                desk.log.warning("Telegram took a result in no form.", metadata: ["job": "\(job.id)"])
                try await drop(name)
            } catch let error as MasqueError
                where error.code != .unavailable && entries[name]?.delivery.phase == .following
            {
                // The file is gone or cannot be read; nothing was sent.
                let voice = desk.voice(entries[name]?.delivery.language)
                try await say(Screen(voice.lines(of: error)), name, isNews: true)
                try await drop(name)
            }
        }
    }

    /// Does something that the end of the program is to wait for, for some seconds: cut off, nobody would know how far it
    /// came. So it has a task of its own.
    private func lasting(_ body: @escaping @Sendable () async throws -> Bool) async throws -> Bool {
        let (task, patience) = (Task { try await body() }, times.farewell)
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            Task {
                try? await Task.sleep(for: patience)
                task.cancel()
            }
        }
    }

    /// Sends a parcel.
    /// - Returns: false when Telegram does not take it, and another form may do.
    private func isDone(with parcel: Parcel, _ name: String) async throws -> Bool {
        // From here on nobody knows, until there is an answer.
        try await update(name) { $0.phase = .sending }
        guard let delivery = entries[name]?.delivery else { return true }
        do { try await send(parcel, to: delivery) } catch let error as BotAPIError {
            if error.isFarewell {
                try await giveUp(name)
                return true
            }
            if [.uncertain, .strangeAnswer].contains(error.reason) {
                try await ask(name)
                return true
            }
            try await update(name) { $0.phase = .following }
            if error.isPassing { throw error }
            desk.log.notice("Telegram did not take a result.", metadata: ["error": "\(error)", "job": "\(name)"])
            return false
        } catch let error as MasqueError {
            // A file that cannot be read; nothing was sent.
            try await update(name) { $0.phase = .following }
            throw error
        }
        // Known from here on, also when the store fails now.
        entries[name]?.delivery.phase = .sent
        try await update(name) { $0.phase = .sent }
        try await tidy(name)
        return true
    }

    /// Asks whether the result came.
    private func ask(_ name: String) async throws {
        try await update(name) { $0.phase = .asking }
        guard let delivery = entries[name]?.delivery else { return }
        try await say(text(delivery).unsure(delivery), name, isNews: true)
    }

    /// Takes the status message away, and the delivery with it.
    func tidy(_ name: String) async throws {
        guard let delivery = entries[name]?.delivery else { return }
        if let status = delivery.status {
            do {
                if try await !desk.remove(status, in: delivery.chat) {
                    try await desk.change(status, in: delivery.chat, to: text(delivery).done)
                }
            } catch let error as BotAPIError where !error.isPassing && error.reason != .uncertain {
                desk.log.info("A status message stays.", metadata: ["error": "\(error)"])
            }
        }
        try await drop(name)
    }

    /// The chat cannot be written to.
    private func giveUp(_ name: String) async throws {
        guard let delivery = entries[name]?.delivery else { return }
        try await drop(name)
        guard !delivery.isGroup else { return }
        try await desk.book.setReachable(delivery.user, false)
    }
}

extension BotAPIError {
    /// Whether the call was certainly not done, and may go through later.
    var isPassing: Bool { [.unavailable, .tooManyRequests, .unauthorized, .conflict].contains(reason) }
    /// Whether the chat takes no messages any more.
    var isFarewell: Bool { [.forbidden, .noChat].contains(reason) }
}
