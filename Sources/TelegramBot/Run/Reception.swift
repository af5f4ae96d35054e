// Where updates come in, by poll or webhook: kept first, recorded where that is wanted, then queued.

internal import Errors
internal import Foundation
internal import TelegramAPI

/// Lets updates in while the bot runs.
package actor Reception {
    /// What they go to.
    struct Inside: Sendable {
        let inbox: UpdateInbox
        let dispatcher: Dispatcher
        let recorder: UpdateRecorder?
    }
    private var inside: Inside?

    package init() {}

    func open(_ inside: Inside) { self.inside = inside }
    func close() { inside = nil }

    /// Takes an update that Telegram posted. When this returns it is kept.
    ///
    /// - Throws: ``Errors/MasqueError`` `.badInput` for what is no update; `.unavailable` when it cannot be kept now, and
    ///   Telegram is to send it again.
    package func receive(_ body: [UInt8]) async throws {
        guard let inside, await inside.dispatcher.hasRoom else { throw Self.later }
        let (updates, id) = try Self.read(body)
        try await take(updates, lastID: id, inside)
    }

    func take(_ updates: [Update], lastID: Int64?, _ inside: Inside) async throws {
        let fresh: [Update]
        do { fresh = try await inside.inbox.take(updates, lastID: lastID) } catch let error as CancellationError {
            throw error
        } catch {
            throw MasqueError(Self.later.code, Self.later.message, advice: Self.later.advice, cause: error)
        }
        await inside.recorder?.record(fresh)
        await inside.dispatcher.enqueue(fresh)
    }

    private static let later = MasqueError(
        .unavailable, "The bot cannot take messages at the moment.", advice: "Send it again a little later.")

    private struct Numbered: Decodable { var updateID: Int64 }

    /// One that has a number and is otherwise of an unknown form is passed over, as in a poll.
    private static func read(_ body: [UInt8]) throws -> ([Update], Int64) {
        let (data, decoder) = (Data(body), BotJSON.decoder())
        if let update = try? decoder.decode(Update.self, from: data) { return ([update], update.updateID) }
        do { return ([], try decoder.decode(Numbered.self, from: data).updateID) } catch {
            throw MasqueError(.badInput, "The body is no update of Telegram's.", cause: error)
        }
    }
}
