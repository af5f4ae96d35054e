// Calls a webhook that belongs to no job: the same guard, signature and schedule, for whoever keeps what is to be sent.

package import Foundation
package import JobQueue

/// Makes single attempts. Never throws: what goes wrong is the outcome.
package struct SignedPost: Sendable {
    private let sender: WebhookSender
    private let schedule: WebhookSchedule

    /// - Parameters:
    ///   - targets: which addresses may be called.
    ///   - timeout: for one attempt, the answer's body included.
    package init(
        targets: SSRFGuard, schedule: WebhookSchedule = WebhookSchedule(), timeout: Duration = .seconds(15),
        userAgent: String = "Masque (webhooks)"
    ) {
        self.schedule = schedule
        sender = WebhookSender(targets: targets, timeout: timeout, userAgent: userAgent)
    }

    /// Makes one attempt.
    ///
    /// - Parameters:
    ///   - id: the same at every attempt.
    ///   - attempts: how many were made before.
    package func attempt(
        _ body: [UInt8], to url: String, id: String, secret: String, attempts: Int, now: Date
    ) async -> DeliveryOutcome {
        do {
            let signer = try WebhookSigner(secret: secret)
            let result = await sender.send(body, to: url, id: id, signer: signer, now: now)
            return schedule.outcome(of: result, attempts: attempts, now: now)
        } catch {
            return .dead(error: "The delivery could not be made: \(error)")
        }
    }
}
