// Gathers what a callback hears.

import Civitai
import Synchronization

final class Seen: Sendable {
    private let list = Mutex<[FetchProgress]>([])
    var all: [FetchProgress] { list.withLock { $0 } }
    func add(_ progress: FetchProgress) { list.withLock { $0.append(progress) } }
}
