// A blocking channel between threads that holds a bounded number of things.

internal import Foundation

/// A first-in first-out channel between threads: `push` waits while it is full, `pop` while it is empty.
///
/// It ends in one of two ways: the sender calls ``close()`` and what is inside is still delivered, or either side
/// calls ``cancel(_:)``, which drops what is inside and makes both ends throw.
// @unchecked: every access to the state happens under `condition`'s lock.
package final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var items: [Element?]
    private var head = 0
    private var count = 0
    private var isClosed = false
    private var failure: (any Error)?

    /// Makes a channel for at most `capacity` things, at least 1.
    package init(capacity: Int) {
        items = Array(repeating: nil, count: max(1, capacity))
    }

    /// Puts a thing in, waiting for room.
    ///
    /// - Returns: false when the channel was closed before there was room; the thing is dropped then.
    /// - Throws: the error that ``cancel(_:)`` was given.
    @discardableResult
    package func push(_ item: Element) throws -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while count == items.count, !isClosed, failure == nil { condition.wait() }
        if let failure { throw failure }
        if isClosed { return false }
        items[(head + count) % items.count] = item
        count += 1
        condition.broadcast()
        return true
    }

    /// Takes the oldest thing out, waiting for one.
    ///
    /// - Returns: nil when the channel is closed and empty.
    /// - Throws: the error that ``cancel(_:)`` was given.
    package func pop() throws -> Element? {
        condition.lock()
        defer { condition.unlock() }
        while count == 0, !isClosed, failure == nil { condition.wait() }
        if let failure { throw failure }
        guard count > 0 else { return nil }
        let item = items[head]
        items[head] = nil
        head = (head + 1) % items.count
        count -= 1
        condition.broadcast()
        return item
    }

    /// Says that nothing more will be put in.
    package func close() {
        condition.lock()
        defer { condition.unlock() }
        isClosed = true
        condition.broadcast()
    }

    /// Ends the channel for both sides with an error; the first error stays. What is inside is dropped.
    package func cancel(_ error: any Error) {
        condition.lock()
        defer { condition.unlock() }
        if failure == nil { failure = error }
        for i in items.indices { items[i] = nil }
        count = 0
        condition.broadcast()
    }
}
