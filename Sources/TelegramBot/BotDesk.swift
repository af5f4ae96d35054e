// What every part of the bot works with: Telegram, the jobs, the memory, the words.

package import Foundation
package import JobQueue
package import Logging
package import Services
package import TelegramAPI
package import Words

/// The bot's tools. A value; copies share what is behind them.
package struct BotDesk: Sendable {
    package let api: BotAPI
    /// The bot itself.
    package let me: User
    package let jobs: JobService
    package let book: BotBook
    package let words: Words
    package let rules: BotRules
    /// A folder for files in passing that media processes may write to (`WorkerSettings.facesFolder`).
    package let scratch: String
    package let log: Logger
    let presses = Presses()
    package let now: @Sendable () -> Date

    package init(
        api: BotAPI, me: User, jobs: JobService, book: BotBook, words: Words, rules: BotRules, scratch: String,
        log: Logger, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.api, self.me, self.jobs, self.book, self.words) = (api, me, jobs, book, words)
        (self.rules, self.scratch, self.log, self.now) = (rules, scratch, log, now)
    }

    /// Whose jobs a person's are.
    package func owner(_ user: Int64) -> OwnerID { OwnerID(rawValue: "telegram:\(user)") }

    /// All jobs that a query finds, over all of its pages.
    func allJobs(_ query: JobQuery) async throws -> [Job] {
        var (query, found) = (query, [Job]())
        query.limit = 200
        repeat {
            let page = try await jobs.jobs(query)
            found += page.jobs
            query.cursor = page.nextCursor
        } while query.cursor != nil
        return found
    }

    /// The words of a language by its tag, such as `ru`; English for others.
    package func voice(_ tag: String?) -> Voice { Voice(words, tag.flatMap { Language(tag: $0) } ?? .english) }

    /// The words for a person: of the language that was chosen, else of Telegram's.
    package func voice(_ person: Person, _ place: Place) -> Voice { voice(person.language ?? place.languageTag) }

    /// Does something with a new folder that is gone afterwards.
    package func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let folder = "\(scratch)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await body(folder)
    }
}
