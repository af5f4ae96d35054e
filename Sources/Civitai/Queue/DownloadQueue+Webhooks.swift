// Calls the webhook when downloads have ended, as often as it takes.

internal import Foundation
internal import Logging

extension DownloadQueue {
    func dueHooks() -> [String] {
        guard post != nil, hook != nil, !isEnding else { return [] }
        let due = records.values.filter { record in
            record.state.isFinal && !hooksInFlight.contains(record.id)
                && (record.hook.map { $0.next <= now() } ?? false)
        }
        let ids = due.map(\.id).prefix(max(0, 8 - hooksInFlight.count))
        hooksInFlight.formUnion(ids)
        return Array(ids)
    }

    func callHook(_ id: String) async {
        defer { hooksInFlight.remove(id) }
        guard let post, let hook, let record = records[id], let pending = record.hook,
            let body = try? record.hookBody(at: now())
        else { return }
        let outcome = await post(body, hook.url, "msg_\(id)", hook.secret, pending.attempts, now())
        if Task.isCancelled, outcome != .delivered { return }
        guard var changed = records[id] else { return }
        switch outcome {
        case .delivered: changed.hook = nil
        case .again(let date): changed.hook = DownloadRecord.PendingHook(attempts: pending.attempts + 1, next: date)
        case .dead(let error):
            changed.hook = nil
            logger.warning("A webhook was given up.", metadata: ["download_id": "\(id)", "error": "\(error)"])
        }
        records[id] = changed
        do { try shelf.save(changed) } catch {
            logger.error("The record of a download cannot be written.", metadata: ["error": "\(error)"])
        }
    }
}
