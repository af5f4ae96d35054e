// Every setting of `masque serve`: its name, its default and what it means.

package import JobQueue

/// The settings as they hold after flags, environment, `.env` and `masque.yaml` were read.
package struct ServerSettings: Sendable {
    /// The folder with database, files and secrets.
    package var home: String
    /// The folder of the operator's models; nil: the user's own, as for commands without a server.
    package var modelStore: String?
    /// A folder or web address that models are fetched from instead of their publishers.
    package var modelMirror: String?
    package var huggingFaceToken: String?
    package var host: String
    package var port: Int
    package var jwtRequired: Bool
    /// Whether calls of the process contract need a token, too; its old clients send none.
    package var processTokenRequired: Bool
    /// nil: one is made and kept in the home folder.
    package var jwtSecret: String?
    package var jwtAlgorithm: String
    /// PEM of the public key for RS256 and ES256.
    package var jwtPublicKey: String?
    package var rules: JobRules
    package var workers: [Lane: Int]
    /// `cpu`, `cuda`, … per lane.
    package var providers: [Lane: String]
    /// `strict`, `moderate` or `tolerant` per lane.
    package var memoryStrategies: [Lane: String]
    /// The folder of a FaceFusion that does jobs whose models are not here; nil: none.
    package var faceFusionFolder: String?
    /// The Python that runs it; nil: the one of its virtual environment, or the machine's.
    package var faceFusionPython: String?
    /// Whether it does all jobs that it can.
    package var prefersFaceFusion: Bool
    /// Seconds that it may say nothing.
    package var faceFusionSilence: Double
    /// Bytes of memory that a media process may use.
    package var workerMemory: Int64
    /// Exact origins, or `*`.
    package var corsOrigins: [String]
    /// Requests a minute per person; 0: no limit.
    package var requestsPerMinute: Int
    /// Hosts and networks to which webhooks may go although they are private.
    package var webhookPrivateTargets: [String]
    package var webhookAllowsHTTP: Bool
    /// Seconds that running work has to end at a shutdown.
    package var shutdownSeconds: Int
    package var logLevel: String
    /// `text` or `json`.
    package var logFormat: String
    /// The address that links in answers begin with; nil: the one the client used.
    package var publicURL: String?
    /// Downloads of models for others.
    package var downloads: DownloadSettings
    package var telegram: TelegramSettings
    /// Hops of reverse proxies whose `X-Forwarded-For` is believed.
    package var trustedProxies: Int
}

/// One setting as documentation and `masque config` show it.
package struct SettingFacts: Sendable, Hashable {
    /// The name in the environment and `.env`; in `masque.yaml` it is written in small letters.
    package let name: String
    /// The default as text; empty for none.
    package let standard: String
    package let meaning: String
    /// Its value is never shown.
    package let isSecret: Bool

    fileprivate init(_ name: String, _ standard: String, _ meaning: String, isSecret: Bool = false) {
        self.name = name
        self.standard = standard
        self.meaning = meaning
        self.isSecret = isSecret
    }
}

extension ServerSettings {
    /// All settings, in the order in which they are documented.
    package static let all: [SettingFacts] = [
        SettingFacts("MASQUE_HOME", "./data", "folder with database, files and secrets"),
        SettingFacts(
            "MASQUE_MODEL_STORE", "",
            "folder of the models that you added; models in MASQUE_HOME when that is set, else your user's own"),
        SettingFacts(
            "MASQUE_MODEL_MIRROR", "", "folder or web address that “masque models pull” fetches from, files by name"),
        SettingFacts("HF_TOKEN", "", "token of Hugging Face for models that ask for one", isSecret: true),
        SettingFacts("MASQUE_HOST", "0.0.0.0", "address to listen on"),
        SettingFacts("MASQUE_PORT", "8000", "port to listen on; 0 takes a free one"),
        SettingFacts("MASQUE_PUBLIC_URL", "", "address that links begin with, e.g. https://faces.example.com"),
        SettingFacts("JWT_REQUIRED", "1", "0 lets everybody in without a token: for this machine only"),
        SettingFacts("JWT_SECRET", "", "secret of at least 32 bytes; one is made when there is none", isSecret: true),
        SettingFacts("JWT_ALG", "HS256", "HS256, HS384, HS512, RS256 or ES256"),
        SettingFacts("JWT_PUBLIC_KEY", "", "file with the public key in PEM, for RS256 and ES256"),
        SettingFacts(
            "PROCESS_TOKEN_REQUIRED", "1", "0 lets calls of /process, /download and /output in without a token"),
        SettingFacts("MASQUE_FALLBACK", "mesh", "mesh: missing models are replaced by the built-in swap; refuse: not"),
        SettingFacts("MASQUE_IMAGE_WORKERS", "1", "media processes for pictures"),
        SettingFacts("MASQUE_VIDEO_WORKERS", "1", "media processes for videos"),
        SettingFacts("FACEFUSION_IMAGE_EXEC", "cpu", "execution provider of the picture lane"),
        SettingFacts("FACEFUSION_VIDEO_EXEC", "cpu", "execution provider of the video lane"),
        SettingFacts(
            "FACEFUSION_IMAGE_VMS", "tolerant", "memory strategy of the picture lane: strict, moderate, tolerant"),
        SettingFacts("FACEFUSION_VIDEO_VMS", "tolerant", "memory strategy of the video lane"),
        SettingFacts(
            "FACEFUSION_DIR", "", "folder of a FaceFusion installation that does jobs whose models are not here"),
        SettingFacts("FACEFUSION_PYTHON", "", "the Python that runs it; its own .venv, venv or python3 when empty"),
        SettingFacts("FACEFUSION_SILENCE_SECONDS", "600", "time that it may say nothing before it counts as hung"),
        SettingFacts(
            "MASQUE_ENGINE", "masque", "masque: FaceFusion does only what Masque cannot; facefusion: all that it can"),
        SettingFacts("MASQUE_WORKER_MEMORY_MB", "6144", "memory that one media process may use"),
        SettingFacts("MASQUE_MAX_PICTURE_MB", "50", "largest picture"),
        SettingFacts("MASQUE_MAX_VIDEO_MB", "60", "largest video of a job"),
        SettingFacts("MASQUE_MAX_VIDEO_SECONDS", "120", "longest video of a job"),
        SettingFacts("MASQUE_MAX_PROCESS_MB", "500", "largest file of a process call"),
        SettingFacts("MASQUE_MAX_PROCESS_SECONDS", "1800", "longest video of a process call"),
        SettingFacts("MASQUE_MAX_MEGAPIXELS", "50", "largest picture or frame in million pixels, at most 50"),
        SettingFacts("MASQUE_MAX_FRAMES", "108000", "most frames of a video"),
        SettingFacts("MASQUE_MAX_ACTIVE_JOBS", "50", "queued and running jobs of one person"),
        SettingFacts("MASQUE_MAX_DRAFTS", "200", "jobs of one person that were never queued"),
        SettingFacts(
            "MASQUE_MAX_STORED_MB", "20000", "files of one person's jobs and unfinished uploads; 0: no limit"),
        SettingFacts("MASQUE_MAX_KEYS", "50", "API keys of one person that are in force"),
        SettingFacts("MASQUE_MAX_RUNNING_JOBS", "4", "running jobs of one person in one lane"),
        SettingFacts("MASQUE_MAX_ATTEMPTS", "3", "attempts before a job fails"),
        SettingFacts("MASQUE_RETENTION_HOURS", "168", "hours that finished jobs and their files are kept"),
        SettingFacts("MASQUE_DRAFT_HOURS", "24", "hours that untouched drafts are kept"),
        SettingFacts("MASQUE_RESERVED_MB", "1024", "free disk below which uploads are refused"),
        SettingFacts("MASQUE_REQUESTS_PER_MINUTE", "600", "requests a minute of one person; 0: no limit"),
        SettingFacts("MASQUE_CORS_ORIGINS", "", "origins of web pages that may call, by commas; * for all"),
        SettingFacts(
            "MASQUE_TRUSTED_PROXIES", "0", "reverse proxies before the server, whose X-Forwarded-For is believed"),
        SettingFacts("WEBHOOK_PRIVATE_TARGETS", "", "private hosts or networks that webhooks may go to, by commas"),
        SettingFacts("WEBHOOK_ALLOW_HTTP", "0", "1 lets webhooks go to http:// as well"),
        SettingFacts("CIVITAI_URL", "https://civitai.com", "the Civitai that models are downloaded from"),
        SettingFacts("CIVITAI_API_KEY", "", "API key of Civitai's, for models that need one", isSecret: true),
        SettingFacts("MASQUE_DOWNLOADS", "", "folder of downloaded models; HOME/downloads/models when empty"),
        SettingFacts(
            "MASQUE_DOWNLOAD_TOKEN", "", "X-Token of calls that download models; without it, tokens of scope admin",
            isSecret: true),
        SettingFacts(
            "MASQUE_DOWNLOAD_CLIENTS", "",
            "addresses or networks that may call for downloads, by commas; all when empty"),
        SettingFacts(
            "MASQUE_DOWNLOAD_ALLOW", "", "pickle, unscanned: risky files that are taken all the same, by commas"),
        SettingFacts("MASQUE_DOWNLOADS_AT_ONCE", "2", "downloads of models that run at once"),
        SettingFacts("MASQUE_DOWNLOAD_SECONDS", "300", "time that a call waits for its download"),
        SettingFacts("MASQUE_FLEET_SERVERS", "", "file with the list of servers that models are pushed to"),
        SettingFacts(
            "TELEGRAM_BOT_TOKEN", "", "token of the Telegram bot from @BotFather; no bot without it", isSecret: true),
        SettingFacts("TELEGRAM_API_URL", "", "a Bot API server of your own; https://api.telegram.org when empty"),
        SettingFacts("TELEGRAM_API_LOCAL", "0", "1: that server runs with --local and takes large files"),
        SettingFacts(
            "TELEGRAM_WEBHOOK", "0", "1: Telegram posts to MASQUE_PUBLIC_URL/webhook instead of being asked"),
        SettingFacts("ADMIN_TG_IDS", "", "Telegram's numbers of the bot's administrators, by commas"),
        SettingFacts("TELEGRAM_JOBS_PER_HOUR", "30", "swaps that one person may begin in an hour; 0: no limit"),
        SettingFacts(
            "TELEGRAM_GROUP_JOBS_PER_HOUR", "60", "swaps that may be begun in one group in an hour; 0: no limit"),
        SettingFacts("TELEGRAM_ACTIVE_JOBS", "3", "swaps of one person that may wait or run at once"),
        SettingFacts("TELEGRAM_RECORD", "", "file that anonymised messages to the bot are appended to, for tests"),
        SettingFacts("MASQUE_SHUTDOWN_SECONDS", "300", "time that running jobs have to end at a shutdown"),
        SettingFacts("LOG_LEVEL", "info", "trace, debug, info, notice, warning, error"),
        SettingFacts("LOG_FORMAT", "text", "text or json"),
    ]
}
