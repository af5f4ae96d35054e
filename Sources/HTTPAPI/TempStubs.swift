internal import Foundation
internal import Hummingbird
internal import JobQueue
package struct TusUploads: Sendable {
    struct Finished { var path = ""; var byteCount = 0; var fileName: String?; var sha256 = ""; var head: [UInt8] = [] }
    func take(_ id: String, owner: String) async throws -> Finished { Finished() }
    func addRoutes<C: RequestContext>(to g: RouterGroup<C>, owner: @escaping @Sendable (Request, C) throws -> String) {}
}
extension EventFeed {
    func events(of job: JobID, after number: Int64) -> AsyncThrowingStream<JobEvent, any Error> { .init { nil } }
}
