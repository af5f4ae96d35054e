internal import Hummingbird
package struct TusUploads: Sendable {
    struct Finished { var path = ""; var byteCount = 0; var fileName: String?; var sha256 = ""; var head: [UInt8] = [] }
    package init(folder: String, maxBytes: Int) throws {}
    func take(_ id: String, owner: String) async throws -> Finished { Finished() }
    func addRoutes<C: RequestContext>(to g: RouterGroup<C>, owner: @escaping @Sendable (Request, C) throws -> String) {}
}
