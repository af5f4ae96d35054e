// What the operator lets people do with the bot.

/// The bot's limits and times.
package struct BotRules: Sendable {
    /// Who may give the administrators' commands (`ADMIN_TG_IDS`).
    package var administrators: Set<Int64> = []
    /// Where the web studio can be reached from outside; nil: nowhere.
    package var publicURL: String?
    /// Swaps that one person may begin in an hour; 0: no limit.
    package var jobsPerHour = 30
    /// Swaps that may be begun in one group in an hour; 0: no limit.
    package var groupJobsPerHour = 60
    /// Swaps of one person that may wait or run at once.
    package var activeJobs = 3
    /// How long an album is waited for after its latest part.
    package var albumWait = Duration.milliseconds(1200)
    /// The least time between two changes of a status message.
    package var statusInterval = Duration.seconds(3)
    /// How long files in a group need no @ after the person's latest step, in seconds.
    package var groupPatience = 3600.0

    package init() {}
}
