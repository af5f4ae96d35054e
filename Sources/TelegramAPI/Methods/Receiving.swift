// Calls that bring updates and files.

/// Waits for updates. Calling with an offset drops all updates before it.
package struct GetUpdates: BotMethod {
    package typealias Answer = Updates
    package static let name = "getUpdates"
    package var offset: Int64?
    /// 1 to 100.
    package var limit: Int
    /// For how many seconds the server waits for one.
    package var timeout: Int
    package var allowedUpdates: [String]

    /// Makes the call.
    package init(offset: Int64?, limit: Int = 100, timeout: Int, allowedUpdates: [String] = Update.kinds) {
        (self.offset, self.limit, self.timeout, self.allowedUpdates) = (offset, limit, timeout, allowedUpdates)
    }
}

/// Has updates posted to an address instead.
package struct SetWebhook: BotMethod {
    package typealias Answer = Bool
    package static let name = "setWebhook"
    /// `https:` at port 80, 88, 443 or 8443.
    package var url: String
    /// 1 to 256 letters, digits, `_` and `-`, sent along with each update.
    package var secretToken: String
    /// 1 to 100.
    package var maxConnections: Int
    package var allowedUpdates: [String]

    /// Makes the call.
    package init(
        _ url: String, secretToken: String, maxConnections: Int = 40, allowedUpdates: [String] = Update.kinds
    ) {
        (self.url, self.secretToken) = (url, secretToken)
        (self.maxConnections, self.allowedUpdates) = (maxConnections, allowedUpdates)
    }
}

/// Ends the webhook; updates that wait are kept.
package struct DeleteWebhook: BotMethod {
    package typealias Answer = Bool
    package static let name = "deleteWebhook"

    /// Makes the call.
    package init() {}
}

/// How the webhook is doing.
package struct GetWebhookInfo: BotMethod {
    package typealias Answer = WebhookInfo
    package static let name = "getWebhookInfo"

    /// Makes the call.
    package init() {}
}

/// Where a file can be fetched.
package struct GetFile: BotMethod {
    package typealias Answer = RemoteFile
    package static let name = "getFile"
    package var fileID: String

    /// Makes the call.
    package init(_ fileID: String) { self.fileID = fileID }
}
