// What administrators (`ADMIN_TG_IDS`) order.

package import Words

/// `/stats`, `/ban`, `/unban`, `/broadcast`, `/queue`, `/download`.
package struct AdminCommands: Sendable {
    let desk: BotDesk

    package init(desk: BotDesk) { self.desk = desk }

    /// - Returns: false when it is none of these commands, or the person is no administrator.
    package func answer(_ command: String, _ arguments: String, place: Place, voice: Voice) async throws -> Bool {
        false
    }

    /// A button whose data begins with `adm:` was pressed; the query is answered.
    package func press(_ data: String, query: String, place: Place, voice: Voice) async throws {}
}
