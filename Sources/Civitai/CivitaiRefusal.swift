// What Civitai's refusals mean, told apart.

internal import Foundation

/// An answer that is no success, as a failure.
struct CivitaiRefusal {
    private let answer: CivitaiAnswer
    private let what: String
    private let hasKey: Bool

    /// What an error of Civitai's may say.
    private struct Body: Decodable {
        var error: String?
        var message: String?
        var deadline: String?

        private enum CodingKeys: CodingKey { case error, message, deadline }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            // Other shapes of these fields say nothing here.
            error = try? fields.decode(String.self, forKey: .error)
            message = try? fields.decode(String.self, forKey: .message)
            deadline = try? fields.decode(String.self, forKey: .deadline)
        }
    }

    /// - Parameters:
    ///   - what: what was asked for, e.g. “model version 5”.
    ///   - hasKey: whether a key was sent.
    init(_ answer: CivitaiAnswer, what: String, hasKey: Bool) {
        self.answer = answer
        self.what = what
        self.hasKey = hasKey
    }

    init(status: Int, what: String, hasKey: Bool) {
        self.init(CivitaiAnswer(status: status), what: what, hasKey: hasKey)
    }

    var failure: DownloadFailure {
        let body = try? JSONDecoder().decode(Body.self, from: Data(answer.body))
        let words = [body?.error, body?.message].compactMap(\.self).joined(separator: " ").lowercased()
        switch answer.status {
        case 401 where words.contains("disabled download"), 403 where words.contains("disabled download"):
            return DownloadFailure(
                .unavailable, "The owner of \(what) has disabled downloads.", advice: "Choose another model.")
        case 401 where hasKey:
            return DownloadFailure(
                .wrongKey, "Civitai does not take the API key.",
                advice: "Make a new key in Civitai's account settings and send that.")
        case 401:
            return DownloadFailure(
                .noAccess, "Civitai gives \(what) only to those who are logged in.",
                advice: "Send an api_key, or have the administrator set CIVITAI_API_KEY.")
        case 403 where words.contains("early access"):
            let date = body?.deadline.flatMap(Self.day).map { " until \($0)" } ?? ""
            return DownloadFailure(
                .earlyAccess, "Civitai gives \(what) only to those who paid for early access\(date).",
                advice: "Buy early access on the model's page and send the key of that account, or wait.")
        case 402, 403:
            return DownloadFailure(
                .noAccess, "The account has no access to \(what).",
                advice: hasKey
                    ? "Open the model's page with that account: it may need a subscription or a purchase."
                    : "Send the api_key of an account that has access.")
        case 404:
            return DownloadFailure(
                .notFound, "Civitai has no \(what).", advice: "Check the link; it may have been taken down.")
        case 410:
            return DownloadFailure(
                .archived, "Civitai has archived \(what); its files are gone.", advice: "Choose another version.")
        case 429:
            return DownloadFailure(
                .quota, "Civitai's limit on downloads or calls is reached.",
                advice: answer.retryAfter.map { "Wait \($0) seconds." } ?? "Try again later.",
                retryAfter: answer.retryAfter)
        case 400:
            return DownloadFailure(
                .wrongLink, "Civitai does not understand what is asked of \(what).", advice: "Check the link.")
        default:
            return DownloadFailure(
                .noConnection, "Civitai cannot answer now (\(answer.status)).", advice: "Try again later.",
                retryAfter: answer.retryAfter)
        }
    }

    /// The date of an ISO 8601 time; nil for what is none, so that nothing foreign gets into a sentence.
    private static func day(_ text: String) -> String? {
        let date =
            (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text))
            ?? (try? Date.ISO8601FormatStyle().parse(text))
        return date.map { "\($0.formatted(.iso8601.year().month().day())) (\($0.formatted(.iso8601)))" }
    }
}
