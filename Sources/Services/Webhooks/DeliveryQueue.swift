// Which of the claimed deliveries go out now: few at once to one endpoint and for one owner, so that a slow one holds up
// nobody else.

internal import Foundation
internal import JobQueue

/// Deliveries in flight and, for a short while, those that wait. Pure bookkeeping.
///
/// Slots are an owner's: of two owners whose endpoints lie on the same host, neither waits for the other's. Within an
/// owner's slots a hanging endpoint leaves some to the other endpoints of its host, and a hanging host some to the others.
struct DeliveryQueue {
    /// How much goes out at once.
    struct Limits: Sendable {
        var inFlight = 64
        var perOwner = 8
        /// Of one owner to one host.
        var perHost = 4
        /// Of one owner to one URL without its query.
        var perEndpoint = 2
        /// What is over this is dropped here and comes again when its lease has run out.
        var waitingPerEndpoint = 16
        var waitingPerOwner = 64
    }

    struct Entry {
        let delivery: Delivery
        let host: String
        /// Until when it is lent; later another claim gets it.
        let leaseUntil: Date

        fileprivate let endpoint: Substring
        fileprivate var owner: OwnerID { delivery.job.owner }

        init(delivery: Delivery, host: String, leaseUntil: Date) {
            self.delivery = delivery
            self.host = host
            self.leaseUntil = leaseUntil
            endpoint = delivery.webhook.url.prefix { $0 != "?" && $0 != "#" }
        }
    }

    let limits: Limits
    private(set) var waiting: [Entry] = []
    private var inFlight: [Entry] = []

    init(limits: Limits) { self.limits = limits }

    /// How many deliveries may be claimed now.
    var room: Int { max(0, 4 * limits.inFlight - inFlight.count - waiting.count) }

    mutating func add(_ entry: Entry) {
        let own = waiting.filter { $0.owner == entry.owner }
        guard own.count < limits.waitingPerOwner,
            own.count(where: { $0.endpoint == entry.endpoint }) < limits.waitingPerEndpoint
        else { return }
        waiting.append(entry)
    }

    /// Takes out what may go now: of the owner with the fewest in flight first, the oldest of those. What could not end
    /// before its lease does is dropped.
    /// - Parameter latest: the moment until which a lease must last.
    mutating func start(latest: Date) -> [Entry] {
        waiting.removeAll { $0.leaseUntil < latest }
        var started: [Entry] = []
        while inFlight.count < limits.inFlight {
            var best: (place: Int, count: Int)?
            for (place, entry) in waiting.enumerated() {
                guard let count = countIfFree(entry), count < best?.count ?? .max else { continue }
                best = (place, count)
            }
            guard let best else { break }
            let entry = waiting.remove(at: best.place)
            inFlight.append(entry)
            started.append(entry)
        }
        return started
    }

    mutating func finished(_ entry: Entry) {
        guard let place = inFlight.firstIndex(where: { $0.delivery.id == entry.delivery.id }) else { return }
        inFlight.remove(at: place)
    }

    /// How many of its owner are in flight; nil when there is no slot for it.
    private func countIfFree(_ entry: Entry) -> Int? {
        let own = inFlight.filter { $0.owner == entry.owner }
        guard own.count < limits.perOwner else { return nil }
        let there = own.filter { $0.host == entry.host }
        guard there.count < limits.perHost,
            there.count(where: { $0.endpoint == entry.endpoint }) < limits.perEndpoint
        else { return nil }
        return own.count
    }
}
