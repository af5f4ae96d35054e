// Keeps the leases of all running attempts alive, whatever their media processes do, and takes back what the dead left.

internal import Foundation
internal import JobQueue
internal import Logging
internal import Synchronization

/// Heartbeats, looks for cancels, and recovery of expired leases.
final class LeaseKeeper: Sendable {
    private let calls: StoreCalls
    private let held = Mutex<[String: AttemptControl]>([:])
    private let onRecovered: @Sendable ([Job]) -> Void

    /// - Parameter recovered: told of jobs that were taken back from the dead.
    init(_ calls: StoreCalls, recovered: @escaping @Sendable ([Job]) -> Void) {
        self.calls = calls
        onRecovered = recovered
    }

    func hold(_ control: AttemptControl) { held.withLock { $0[control.lease.token] = control } }
    func drop(_ control: AttemptControl) { held.withLock { _ = $0.removeValue(forKey: control.lease.token) } }
    var controls: [AttemptControl] { held.withLock { Array($0.values) } }

    /// Runs until the task is cancelled. The two loops are apart, so that a store that is slow to write does not keep
    /// cancels from being seen.
    func run() async {
        await withTaskGroup { group in
            group.addTask { await self.beat() }
            group.addTask { await self.watch() }
        }
    }

    /// Asks whether somebody wants a running job to stop, when anything has happened in the store.
    private func watch() async {
        var seen: Int64 = -1
        while !Task.isCancelled {
            do { try await Task.sleep(for: calls.settings.watchInterval) } catch { return }
            let controls = controls
            guard !controls.isEmpty, let newest = try? await calls.store.newestEvent(), newest != seen else { continue }
            var isSeen = true
            for control in controls {
                do {
                    let job = try await calls.store.job(control.lease.job, owner: nil)
                    if job?.cancelRequested == true { control.decide(.cancel) }
                } catch {
                    isSeen = false
                }
            }
            if isSeen { seen = newest }
        }
    }

    private func beat() async {
        let interval = calls.settings.heartbeatInterval
        var wall = calls.settings.now()
        var steady = ContinuousClock.now
        /// Until then nobody's lease counts as expired.
        var trustsClockFrom = steady
        while !Task.isCancelled {
            do { try await Task.sleep(for: interval) } catch { return }
            let (newWall, newSteady) = (calls.settings.now(), ContinuousClock.now)
            let jump = newWall.timeIntervalSince(wall) - (newSteady - steady) / .seconds(1)
            (wall, steady) = (newWall, newSteady)
            if abs(jump) > 2 {
                calls.logger.warning("The clock jumped by \(Int(jump)) s; leases of others are left alone for a while.")
                calls.listener(.clockJumped(seconds: jump))
                trustsClockFrom = newSteady + calls.settings.leaseDuration
            }
            // Our own first: after a jump, or a pause of the whole machine, they may look expired.
            guard await beatAll(), ContinuousClock.now >= trustsClockFrom else { continue }
            do {
                // By the time that was compared above: what the clock did since is noticed at the next beat.
                let jobs = try await calls.store.recover(workersOf: nil, now: newWall)
                if !jobs.isEmpty { onRecovered(jobs) }
            } catch {
                calls.listener(.storeFailed("recover"))
            }
        }
    }

    /// Renews all leases; whether every call went through.
    private func beatAll() async -> Bool {
        var isWhole = true
        for control in controls {
            do {
                let status = try await calls.store.heartbeat(
                    control.lease, until: calls.leaseUntil, now: calls.settings.now())
                // An attempt that ended meanwhile has no lease, which is nothing to act on.
                if held.withLock({ $0[control.lease.token] }) != nil { control.take(status) }
            } catch {
                isWhole = false
                calls.listener(.storeFailed("heartbeat"))
            }
        }
        return isWhole
    }
}
