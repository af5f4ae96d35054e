// The life of a media process: orders in on one line each, replies out on one line each.

package import Errors
internal import Files
internal import Foundation
internal import Glibc
internal import Inference
internal import JobQueue
internal import Synchronization
internal import WorkerProtocol

/// Talks with the server over two descriptors that nothing else in the process knows of.
package final class WorkerLoop: Sendable {
    private let input: Int32
    private let output: Int32
    private let handler: OrderHandler
    private let abilities: Abilities
    /// The order in hand, and the task that does it.
    private let current = Mutex<(order: String, task: Task<Void, Never>)?>(nil)
    /// Held while a line is written.
    private let writing = Mutex(())

    /// Takes descriptors 0 and 1 for itself: reading from 0 gives nothing from then on, and writing to 1 goes to 2, so
    /// that no library can write into the conversation.
    ///
    /// - Throws: ``MasqueError`` `.failed` when the descriptors cannot be had.
    package init(handler: OrderHandler, abilities: Abilities) throws(MasqueError) {
        self.handler = handler
        self.abilities = abilities
        input = fcntl(0, F_DUPFD_CLOEXEC, 3)
        output = fcntl(1, F_DUPFD_CLOEXEC, 3)
        let nothing = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard input >= 0, output >= 0, nothing >= 0, dup2(nothing, 0) == 0, dup2(2, 1) == 1 else {
            throw MasqueError(.failed, "The media process has no input and output to talk to its server.")
        }
        close(nothing)
    }

    /// Loads the models, says `ready`, and takes orders until the input ends. Blocks the calling thread.
    ///
    /// - Throws: ``MasqueError`` `.failed` when the server says something that is no order.
    package func run() throws {
        let loading = Mutex<(any Error)?>(nil)
        let loaded = DispatchSemaphore(value: 0)
        Task {
            do { try await handler.warmUp() } catch { loading.withLock { $0 = error } }
            loaded.signal()
        }
        loaded.wait()
        if let error = loading.withLock({ $0 }) { throw error }
        let stamp = abilities.stamp, first = abilities.reported
        send(.ready(first))
        tellOfModels(after: first, at: stamp)
        var cutter = LineCutter()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe read(input, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            for line in try cutter.lines(adding: buffer[..<count]) {
                take(try WorkerLine.decode(WorkerRequest.self, from: line))
            }
        }
    }

    /// Says `ready` again whenever models came or went, and lets go of models that nobody needs.
    private func tellOfModels(after first: WorkerAbilities, at stamp: [Date?]) {
        let thread = Thread { [self] in
            var last = first, seen = stamp
            while true {
                Thread.sleep(forTimeInterval: 3)
                handler.unloadIdle()
                let stamp = abilities.stamp
                // A change of the same moment as the last look shows in no time of change.
                let isFresh = stamp.contains { $0.map { -$0.timeIntervalSinceNow < 10 } ?? false }
                guard stamp != seen || isFresh else { continue }
                seen = stamp
                let now = abilities.reported
                if now != last { send(.ready(now)) }
                last = now
            }
        }
        thread.name = "masque-models"
        thread.start()
    }

    /// Ends the process at once; unfinished files are removed.
    package static func end(_ code: Int32) -> Never {
        AtomicFile.removeUnfinished()
        _exit(code)
    }

    private func take(_ request: WorkerRequest) {
        switch request {
        case .work(let order):
            begin(order.order, veil: PathVeil(order)) { [self] in
                Sandbox.allowProcessorSeconds(order.cpuSeconds)
                var result = try await handler.perform(order) { self.send(.progress(order: order.order, $0)) }
                let veil = PathVeil(order)
                result.notes = result.notes.map { veil.covered($0) }
                return .finished(order: order.order, result)
            }
        case .inspect(let order):
            begin(order.order, veil: PathVeil(order)) { [self] in
                Sandbox.allowProcessorSeconds(300)
                return .inspected(order: order.order, try await handler.inspect(order))
            }
        case .admit(let order):
            begin(order.order, veil: PathVeil(order)) { [self] in
                Sandbox.allowProcessorSeconds(order.cpuSeconds)
                let facts = try await handler.admit(order) { self.send(.progress(order: order.order, $0)) }
                return .inspected(order: order.order, facts)
            }
        case .sign(let order):
            begin(order.work.order, veil: PathVeil(order.work)) { [self] in
                Sandbox.allowProcessorSeconds(order.work.cpuSeconds)
                return .finished(order: order.work.order, try await handler.sign(order))
            }
        case .fit(let order):
            begin(order.order, veil: PathVeil(path: order.path, folder: order.folder)) { [self] in
                Sandbox.allowProcessorSeconds(order.cpuSeconds)
                let result = try await handler.fit(order) { self.send(.progress(order: order.order, $0)) }
                return .finished(order: order.order, result)
            }
        case .poster(let order):
            begin(order.order, veil: PathVeil(path: order.path, folder: order.folder)) { [self] in
                Sandbox.allowProcessorSeconds(300)
                return .finished(order: order.order, try await handler.poster(order))
            }
        case .cancel(let order):
            current.withLock { if $0?.order == order { $0?.task.cancel() } }
        }
    }

    private func begin(
        _ order: String, veil: PathVeil, _ work: @escaping @Sendable () async throws -> WorkerReply
    ) {
        let isFree = current.withLock { current in
            guard current == nil else { return false }
            let task = Task { [self] in
                var reply: WorkerReply
                do {
                    reply = try await work()
                } catch {
                    // What clients are not told stands in the log.
                    let cause = (error as? MasqueError)?.cause
                    if !(error is MasqueError) || cause is RuntimeMessage {
                        log("Order \(order) failed: \(error) \(cause.map { "(\($0))" } ?? "")")
                    }
                    reply = .failed(order: order, JobFailure(veil.covered(error)))
                }
                // Free before the reply is seen, for the next order may follow at once.
                self.current.withLock { $0 = nil }
                self.send(reply)
            }
            current = (order, task)
            return true
        }
        if !isFree {
            let busy = MasqueError(.unavailable, "The media process is at work on another order.")
            send(.failed(order: order, JobFailure(busy)))
        }
    }

    /// Writes one reply. A server that is gone ends the process.
    private func send(_ reply: WorkerReply) {
        let line: [UInt8]
        do { line = try WorkerLine.encode(reply) } catch {
            log("A reply cannot be sent: \(error)")
            Self.end(1)
        }
        let isSent = writing.withLock { _ in
            unsafe line.withUnsafeBytes { bytes in
                var done = 0
                while done < bytes.count {
                    let count = unsafe write(output, bytes.baseAddress?.advanced(by: done), bytes.count - done)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return false }
                    done += count
                }
                return true
            }
        }
        if !isSent { Self.end(0) }
    }

    private func log(_ sentence: String) { FileHandle.standardError.write(Data((sentence + "\n").utf8)) }
}
