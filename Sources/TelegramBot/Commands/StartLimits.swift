// How many swaps a person or a group may begin.

package import Words

/// Asked before a job is put in the queue.
package struct StartLimits: Sendable {
    let desk: BotDesk

    package init(desk: BotDesk) { self.desk = desk }

    /// - Returns: a sentence when the person must wait; nil when he may begin.
    package func refusal(place: Place, person: Person, voice: Voice) async throws -> String? { nil }

    /// A swap was begun in a group.
    package func note(place: Place) async throws {}
}
