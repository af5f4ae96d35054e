// An error as programs get it.

internal import Errors

/// `{"event":"error","error":{"code":…,"message":…,"advice":…}}`, with the item's number in a batch.
struct ErrorEvent: Encodable {
    struct Content: Encodable {
        let code: String
        let message: String
        let advice: String?
    }
    let event = "error"
    let error: Content
    let item: Int?

    init(_ error: MasqueError, item: Int? = nil) {
        self.error = Content(code: error.code.description, message: error.message, advice: error.advice)
        self.item = item
    }
}
