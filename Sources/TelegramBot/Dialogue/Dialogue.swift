// Answers what people do, one event after the other for each person in each chat.

internal import Errors
internal import Foundation
internal import JobQueue
internal import Logging
internal import Services
internal import TelegramAPI

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
    /// What somebody chose or sent is saved before anything is shown, and what was shown after it: when the program ends
    /// in between, the same update is only shown again.
    /// - Parameter update: the update's id (of an album the last part's): what was answered before is not again.
    /// - Throws: ``TelegramAPI/BotAPIError`` when Telegram could not be told; other failures are told to the person.
    package func handle(_ event: Event, update: Int64) async throws {
        let place = event.place
        if case .left = event.deed { return }
        if case .moved = event.deed { return }
        let key = SessionKey(place)
        var session = try await desk.book.session(key)
        if session.answered.contains(update) { return }
        if place.isGroup, !concernsUs(event, session) { return }
        let person = try await met(place)
        if person.isBanned {
            // The right to be forgotten stays.
            switch event.deed {
            case .command("delete_my_data", _): break
            case .press(let data, _) where data.hasPrefix("my:delete:"): break
            default: return try await silence(event)
            }
        }
        session.touchedAt = desk.now()
        switch event.deed {
        case .press, .joined: break
        default: session.anchor = place.message
        }
        let isAgain = session.unshown == update
        var turn = Turn(dialogue: self, event: event, key: key, update: update, session: session, person: person)
        do { try await turn.answer() } catch let error as MasqueError {
            try await turn.tell(error)
        } catch let error as BotAPIError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            desk.log.error("The bot failed to answer.", metadata: ["error": "\(error)"])
            try await turn.tell(MasqueError(.failed, "Something went wrong here.", advice: "Try again in a minute."))
        }
        // What failed before it answered the press.
        if !isAgain { try await silence(event) }
        // Everything about the person may just have been deleted, here or, meanwhile, in another chat.
        if case .press("my:delete:yes", _) = event.deed { turn.session = Session() }
        if (person.agreedAt ?? turn.person.agreedAt) != nil, try await desk.book.person(place.user).agreedAt == nil {
            try await turn.drop()
            turn.session = Session()
        }
        turn.session.note(update: update)
        (turn.session.unshown, turn.session.remarks) = (nil, nil)
        try await desk.book.save(turn.session, key)
    }

    /// In groups, what is said to the bot, and files and answers of those who are in the middle of something.
    private func concernsUs(_ event: Event, _ session: Session) -> Bool {
        if event.isAddressed { return true }
        switch event.deed {
        case .joined, .press: return true
        // What is said to others meanwhile is none of the bot's business, but for a mode's name.
        case .text(let text) where Mode.named(text.lowercased()) == nil: return false
        case .file, .album, .text:
            let last = session.touchedAt ?? .distantPast
            return session.menu != nil && desk.now().timeIntervalSince(last) < desk.rules.groupPatience
        default: return false
        }
    }

    /// Notes that the person was here.
    private func met(_ place: Place) async throws -> Person {
        let now = desk.now()
        let person = try await desk.book.person(place.user)
        let isKnown =
            person.firstName == place.firstName && person.languageTag == place.languageTag
            && (place.isGroup || person.isReachable)
        if isKnown, let last = person.lastSeen, now.timeIntervalSince(last) < 600 { return person }
        return try await desk.book.change(place.user) { person in
            person.firstName = place.firstName
            person.languageTag = place.languageTag
            person.firstSeen = person.firstSeen ?? now
            person.lastSeen = now
            if !place.isGroup { person.isReachable = true }
        }
    }

    /// A press has to be answered, also that of somebody who is not.
    private func silence(_ event: Event) async throws {
        if case .press(_, let query) = event.deed { try await desk.acknowledge(query) }
    }
}
