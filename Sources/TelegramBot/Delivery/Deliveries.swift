// Follows jobs for those who wait in chats: one status message each, then the result, once.

package import Foundation
package import JobQueue
internal import Logging
package import Services
internal import TelegramAPI
internal import Words

/// All jobs that chats wait for.
///
/// Each is a document, written before anything is sent. A job on its way has a task that waits for the job's events;
/// one that ended is queued for the few tasks that send results, one at a time in each chat.
package actor Deliveries {
    let desk: BotDesk
    let link: @Sendable (Job) -> String?
    let times: DeliveryTimes
    var turns = StatusTurns()

    /// What is known of a delivery in this run.
    struct Entry {
        var delivery: Delivery
        var signals = Signals()
        var isFollowed = false
        /// Whether no status message can be had: it is not tried again.
        var isMute = false
        /// Attempts to end it that failed.
        var failures = 0
        var actedAt: ContinuousClock.Instant?
    }
    var entries: [String: Entry] = [:]
    /// What is to be followed and what is to be ended, by name, in order.
    private var toFollow: [String] = []
    private var toEnd: [String] = []
    private var ending: Set<String> = []
    private var busyChats: Set<Int64> = []
    private var doorbell: AsyncStream<Void>.Continuation?

    /// - Parameter link: where a result can be seen by whoever has the link; nil: nowhere. See ``links(_:at:times:now:)``.
    package init(
        desk: BotDesk, times: DeliveryTimes = DeliveryTimes(), link: @escaping @Sendable (Job) -> String? = { _ in nil }
    ) {
        (self.desk, self.times, self.link) = (desk, times, link)
    }

    /// Links of the server's own, which work without a token until they expire; nil without a public address.
    package static func links(
        _ links: ShareLinks, at publicURL: String?, times: DeliveryTimes = DeliveryTimes(),
        now: @escaping @Sendable () -> Date = { Date() }
    ) -> @Sendable (Job) -> String? {
        { job in
            guard var base = publicURL, !base.isEmpty else { return nil }
            while base.hasSuffix("/") { base.removeLast() }
            return "\(base)/shared/\(links.make(job: job.id, expiresAt: now().addingTimeInterval(times.link)))"
        }
    }

    // MARK: Running

    /// Follows all deliveries, also those that an earlier run left, until the task is cancelled.
    package func run() async throws {
        let (rings, doorbell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.doorbell = doorbell
        defer { self.doorbell = nil }
        try await load()
        doorbell.yield()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.lookAtQueue() }
            for await _ in rings {
                for name in takeToFollow() { group.addTask { await self.follow(name) } }
                for name in takeToEnd() { group.addTask { await self.end(name) } }
            }
            group.cancelAll()
        }
    }

    /// Takes up what is kept.
    private func load() async throws {
        try await desk.book.store.forEachDocument(in: Delivery.collection, now: desk.now()) { document in
            guard let delivery = document.read(as: Delivery.self), delivery.name == document.key.name else {
                return try await desk.book.store.change([.delete(document.key)], now: desk.now())
            }
            guard entries[delivery.name] == nil, delivery.phase != .failed else { return }
            entries[delivery.name] = Entry(delivery: delivery)
            if delivery.phase == .following { toFollow.append(delivery.name) } else { toEnd.append(delivery.name) }
        }
    }

    private func takeToFollow() -> [String] {
        defer { toFollow = [] }
        var names: [String] = []
        for name in toFollow where entries[name]?.isFollowed == false {
            entries[name]?.isFollowed = true
            names.append(name)
        }
        return names
    }

    /// The next ones whose chats are free.
    private func takeToEnd() -> [String] {
        var names: [String] = [], left: [String] = []
        for name in toEnd {
            guard let chat = entries[name]?.delivery.chat else { continue }
            if ending.count < times.results, !busyChats.contains(chat), !ending.contains(name) {
                ending.insert(name)
                busyChats.insert(chat)
                names.append(name)
            } else {
                left.append(name)
            }
        }
        toEnd = left
        return names
    }

    /// Brings one delivery to its end, however often Telegram cannot be reached.
    private func end(_ name: String) async {
        guard let chat = entries[name]?.delivery.chat else { return }
        var isOver = true
        do { try await finish(name) } catch {
            isOver = Task.isCancelled
            if !isOver {
                desk.log.warning(
                    "A delivery could not be finished.", metadata: ["error": "\(error)", "job": "\(name)"])
            }
        }
        ending.remove(name)
        busyChats.remove(chat)
        doorbell?.yield()
        guard !isOver, let failures = entries[name]?.failures else { return }
        entries[name]?.failures = failures + 1
        try? await Task.sleep(for: times.pauses[min(failures, times.pauses.count - 1)])
        startEnding(name)
    }

    /// Queues positions change without events of the jobs that wait.
    private func lookAtQueue() async {
        var seen: Int64 = 0
        while (try? await Task.sleep(for: times.queueInterval)) != nil {
            guard let newest = try? await desk.jobs.store.newestEvent(), newest != seen else { continue }
            seen = newest
            for entry in entries.values where entry.isFollowed { entry.signals.ring() }
        }
    }

    /// Has a delivery followed.
    func startFollowing(_ name: String) {
        toFollow.append(name)
        doorbell?.yield()
    }

    /// Has a delivery brought to its end.
    func startEnding(_ name: String) {
        guard entries[name] != nil, !toEnd.contains(name) else { return }
        toEnd.append(name)
        doorbell?.yield()
    }

    // MARK: Documents

    /// Writes down that somebody waits for a job; followed from now on.
    package func begin(_ delivery: Delivery) async throws {
        let name = delivery.name
        let isOnItsWay = ending.contains(name) || toEnd.contains(name)
        // What is being sent goes on as it is.
        if isOnItsWay, let kept = entries[name], kept.delivery.phase != .asking { return }
        try await write(delivery)
        if entries[name]?.isFollowed == true {
            entries[name]?.delivery = delivery
            entries[name]?.isMute = false
            entries[name]?.signals.ring()
        } else {
            entries[name] = Entry(delivery: delivery)
            startFollowing(name)
        }
    }

    func write(_ delivery: Delivery) async throws {
        let life = delivery.phase == .failed ? desk.now().addingTimeInterval(times.again) : nil
        try await desk.book.store.change(
            [.put(delivery.key, text: try desk.book.text(delivery), expiresAt: life)], now: desk.now())
    }

    /// Changes a delivery that is there still, durably.
    func update(_ name: String, _ change: (inout Delivery) -> Void) async throws {
        guard let before = entries[name]?.delivery else { return }
        var delivery = before
        change(&delivery)
        entries[name]?.delivery = delivery
        do { try await write(delivery) } catch {
            if entries[name]?.delivery == delivery { entries[name]?.delivery = before }
            throw error
        }
    }

    /// Nothing more is to be done for it.
    func drop(_ name: String) async throws {
        let entry = entries.removeValue(forKey: name)
        entry?.signals.end()
        try await desk.book.store.change([.delete(DocumentKey(Delivery.collection, name))], now: desk.now())
    }

    /// Forgets what a person waits for; nothing more comes.
    package func forget(_ user: Int64) async throws {
        for name in try await names(where: { $0.user == user }) { try await drop(name) }
    }

    /// A group has a new id.
    package func move(from old: Int64, to new: Int64) async throws {
        for name in try await names(where: { $0.chat == old }) {
            if entries[name] == nil {
                guard var delivery: Delivery = try await desk.book.read(DocumentKey(Delivery.collection, name)) else {
                    continue
                }
                Self.move(&delivery, to: new)
                try await write(delivery)
            } else {
                try await update(name) { Self.move(&$0, to: new) }
            }
        }
    }

    private static func move(_ delivery: inout Delivery, to chat: Int64) {
        // Messages of the old group cannot be changed or answered from the new one.
        (delivery.chat, delivery.status, delivery.replyTo, delivery.shown) = (chat, nil, nil, nil)
        delivery.isAnnounced = nil
    }

    private func names(where isMeant: (Delivery) -> Bool) async throws -> [String] {
        var names = Set(entries.filter { isMeant($0.value.delivery) }.keys)
        try await desk.book.store.forEachDocument(in: Delivery.collection, now: desk.now()) { document in
            if let delivery = document.read(as: Delivery.self), isMeant(delivery) { names.insert(document.key.name) }
        }
        return names.sorted()
    }

    func text(_ delivery: Delivery) -> StatusText { StatusText(desk.voice(delivery.language)) }
}
