// Follows jobs for those who wait in chats: one status message each, then the result, once.

internal import JobQueue
package import Words

/// All jobs that chats wait for.
package actor Deliveries {
    private let desk: BotDesk

    package init(desk: BotDesk) { self.desk = desk }

    /// Follows all deliveries, also those that an earlier run left, until the task is cancelled.
    package func run() async throws {}

    /// Writes down that somebody waits for a job; followed from now on.
    package func begin(_ delivery: Delivery) async throws {}

    /// A button whose data begins with `job:` was pressed by somebody; the query is answered.
    package func press(_ data: String, query: String, place: Place, voice: Voice) async throws {}
}
