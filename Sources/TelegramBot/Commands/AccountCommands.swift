// What people ask about themselves: jobs, language, data.

package import Words

/// `/info`, `/status`, `/history`, `/language`, `/delete_my_data`.
package struct AccountCommands: Sendable {
    let desk: BotDesk
    let deliveries: Deliveries

    package init(desk: BotDesk, deliveries: Deliveries) { (self.desk, self.deliveries) = (desk, deliveries) }

    /// - Returns: false when it is none of these commands.
    package func answer(_ command: String, _ arguments: String, place: Place, voice: Voice) async throws -> Bool {
        false
    }

    /// A button whose data begins with `my:` was pressed; the query is answered.
    package func press(_ data: String, query: String, place: Place, voice: Voice) async throws {}
}
