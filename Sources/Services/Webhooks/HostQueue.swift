// Which of the claimed deliveries go out now: few at once to one host, so that a slow one holds up nobody else.

internal import Foundation
internal import JobQueue

/// Deliveries in flight and, for a short while, those that wait for their host. Pure bookkeeping.
struct HostQueue {
    struct Entry {
        let delivery: Delivery
        let host: String
        /// Until when it is lent; later another claim gets it.
        let leaseUntil: Date
    }
    let maxInFlight: Int
    let maxPerHost: Int
    /// What is over this is dropped here and comes again when its lease has run out.
    let maxWaitingPerHost: Int
    private(set) var inFlight: [String: Int] = [:]
    private(set) var waiting: [Entry] = []

    init(maxInFlight: Int, maxPerHost: Int, maxWaitingPerHost: Int = 16) {
        self.maxInFlight = maxInFlight
        self.maxPerHost = maxPerHost
        self.maxWaitingPerHost = maxWaitingPerHost
    }

    /// How many deliveries may be claimed now.
    var room: Int { max(0, 4 * maxInFlight - inFlight.values.reduce(0, +) - waiting.count) }

    mutating func add(_ entry: Entry) {
        guard waiting.count(where: { $0.host == entry.host }) < maxWaitingPerHost else { return }
        waiting.append(entry)
    }

    /// Takes out what may go now, in order. What could not end before its lease does is dropped.
    /// - Parameter latest: the moment until which a lease must last.
    mutating func start(latest: Date) -> [Entry] {
        waiting.removeAll { $0.leaseUntil < latest }
        var total = inFlight.values.reduce(0, +)
        var started: [Entry] = []
        waiting.removeAll { entry in
            guard total < maxInFlight, inFlight[entry.host, default: 0] < maxPerHost else { return false }
            total += 1
            inFlight[entry.host, default: 0] += 1
            started.append(entry)
            return true
        }
        return started
    }

    mutating func finished(_ host: String) {
        let count = inFlight[host, default: 1] - 1
        inFlight[host] = count > 0 ? count : nil
    }
}
