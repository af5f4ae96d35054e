// Has one event answered, and decides what a failure means for it.

internal import Errors
internal import Logging
internal import TelegramAPI

/// Answers events, again when Telegram could not be reached.
struct Answering: Sendable {
    let book: BotBook
    let pauses: [Duration]
    let sleep: @Sendable (Duration) async throws -> Void
    let log: Logger
    let onMove: @Sendable (_ old: Int64, _ new: Int64) async throws -> Void
    let handle: @Sendable (Event, Int64) async throws -> Void

    /// Off whatever actor asks: answers of different people are made side by side.
    /// - Returns: whether nothing more is to be done for the event; false when it was broken off.
    @concurrent func answer(_ event: Event, update: Int64) async -> Bool {
        do { try await note(event) } catch is CancellationError { return false } catch {
            log.warning("A change of a chat could not be kept.", metadata: ["error": "\(error)"])
        }
        var failures = 0
        while true {
            do {
                try await handle(event, update)
                return true
            } catch is CancellationError {
                return false
            } catch let error as BotAPIError {
                switch error.reason {
                case .forbidden, .noChat:
                    await loseSight(of: event, error)
                    return true
                case .unavailable, .uncertain, .tooManyRequests:
                    guard failures < pauses.count else {
                        log.error("An update stays without an answer.", metadata: about(event, update, error))
                        return true
                    }
                    do { try await sleep(pauses[failures]) } catch { return false }
                    failures += 1
                default:
                    log.error("An update stays without an answer.", metadata: about(event, update, error))
                    return true
                }
            } catch {
                if Task.isCancelled { return false }
                log.error("An update stays without an answer.", metadata: about(event, update, error))
                return true
            }
        }
    }

    /// Keeps what an event says of the chat itself.
    private func note(_ event: Event) async throws {
        switch event.deed {
        case .joined where !event.place.isGroup: try await book.setReachable(event.place.user, true)
        case .left where !event.place.isGroup: try await book.setReachable(event.place.user, false)
        case .moved(let chat): try await onMove(event.place.chat, chat)
        default: break
        }
    }

    private func loseSight(of event: Event, _ error: BotAPIError) async {
        log.info("Somebody cannot be written to any more.", metadata: ["reason": "\(error)"])
        // In a group it is the group that is closed to the bot.
        guard !event.place.isGroup else { return }
        do { try await book.setReachable(event.place.user, false) } catch {
            log.warning("It could not be kept that somebody cannot be reached.", metadata: ["error": "\(error)"])
        }
    }

    private func about(_ event: Event, _ update: Int64, _ error: any Error) -> Logger.Metadata {
        ["update": "\(update)", "chat": "\(event.place.chat)", "error": "\(error)"]
    }
}
