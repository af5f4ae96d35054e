// Turns the engine's progress into what a job shows: few messages, never falling.

internal import Foundation
internal import Studio
internal import Synchronization
internal import WorkerProtocol

/// Sends progress of one order, at most four times a second and at each new stage.
final class OrderProgress: Sendable {
    private struct State {
        var stage = ""
        var percent = 0.0
        var sent: ContinuousClock.Instant?
        var previews = 0
        /// Frame and time at which swapping began, for the rate.
        var began: (frame: Int, at: ContinuousClock.Instant)?
    }
    private let state = Mutex(State())
    private let isPicture: Bool
    private let previewPath: String?
    private let send: @Sendable (WorkProgress) -> Void

    init(isPicture: Bool, previewFolder: String?, send: @escaping @Sendable (WorkProgress) -> Void) {
        self.isPicture = isPicture
        previewPath = previewFolder.map { $0 + "/preview.jpg" }
        self.send = send
    }

    /// Where each stage begins and how much of the whole it is, in percent; from measurements of typical jobs.
    private func share(_ stage: MediaProgress.Stage) -> (name: String, from: Double, width: Double) {
        switch stage {
        case .loading: ("loading", 0, isPicture ? 20 : 2)
        case .checking: ("analysing", isPicture ? 20 : 2, isPicture ? 10 : 8)
        case .analysing: ("analysing", isPicture ? 30 : 10, isPicture ? 20 : 2)
        case .swapping: ("swapping", isPicture ? 50 : 12, isPicture ? 45 : 86)
        case .finishing: ("joining", isPicture ? 95 : 98, isPicture ? 4 : 1.5)
        }
    }

    func show(_ progress: MediaProgress) {
        let share = share(progress.stage)
        let now = ContinuousClock.now
        let message: WorkProgress? = state.withLock { state in
            state.percent = max(state.percent, share.from + share.width * progress.fraction)
            if progress.stage == .swapping, !isPicture, state.began == nil { state.began = (progress.frame, now) }
            let isNew = share.name != state.stage
            let isDue = state.sent.map { now - $0 >= .milliseconds(250) } ?? true
            guard isNew || isDue else { return nil }
            var rate: Double?
            if let began = state.began, progress.frame > began.frame {
                rate = Double(progress.frame - began.frame) / max(0.001, (now - began.at) / .seconds(1))
            }
            let hasPreview = progress.previews > state.previews
            state.stage = share.name
            state.sent = now
            state.previews = max(state.previews, progress.previews)
            return WorkProgress(
                stage: share.name, percent: (state.percent * 10).rounded() / 10,
                framesPerSecond: rate.map { ($0 * 10).rounded() / 10 }, previewPath: hasPreview ? previewPath : nil)
        }
        if let message { send(message) }
    }
}
