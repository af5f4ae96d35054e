// Answers what people do, one event after the other for each person in each chat.

/// The conversation. Stateless: where somebody stands is in the database.
package struct Dialogue: Sendable {
    let desk: BotDesk
    let deliveries: Deliveries
    let account: AccountCommands
    let admin: AdminCommands

    package init(desk: BotDesk, deliveries: Deliveries, account: AccountCommands, admin: AdminCommands) {
        (self.desk, self.deliveries, self.account, self.admin) = (desk, deliveries, account, admin)
    }

    /// Answers one event.
    ///
    /// - Parameter update: the update's id (of an album the last part's): what was answered before is not again.
    /// - Throws: ``TelegramAPI/BotAPIError`` when Telegram could not be told; other failures are told to the person.
    package func handle(_ event: Event, update: Int64) async throws {}
}
