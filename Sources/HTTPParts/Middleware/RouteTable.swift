// Which methods a path has, so that a wrong one is answered with 405 and Allow instead of 404.

package import HTTPTypes
package import Hummingbird
internal import Synchronization

/// The routes of a router, filled once all are added.
package final class RouteTable: Sendable {
    private struct Route: Sendable {
        let path: [RouterPath.Element]
        let method: HTTPRequest.Method
    }
    private let routes = Mutex<[Route]>([])

    package init() {}

    /// Takes over what `router` has.
    package func fill(_ router: Router<some RequestContext>) {
        let found = router.routes.map { Route(path: Array($0.path), method: $0.method) }
        routes.withLock { $0 = found }
    }

    /// The methods at `path`, by name; none for a path that is unknown. Where a fixed path and one with parameters fit
    /// (`/jobs/quick`, `/jobs/{id}`), those of the fixed one.
    package func methods(at path: String) -> [HTTPRequest.Method] {
        let parts = path.split(separator: "/")
        let fitting = routes.withLock { routes in routes.filter { matches($0.path, parts) } }
        let mostFixed = fitting.map { fixedParts($0.path) }.max()
        let found = fitting.filter { fixedParts($0.path) == mostFixed }.map(\.method)
        return found.sorted { $0.rawValue < $1.rawValue }.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    private func fixedParts(_ path: [RouterPath.Element]) -> Int {
        path.count { !$0.description.contains("{") && !$0.description.contains("*") }
    }

    private func matches(_ path: [RouterPath.Element], _ parts: [Substring]) -> Bool {
        for (index, element) in path.enumerated() {
            if element == .recursiveWildcard { return parts.count > index }
            guard index < parts.count, element ~= parts[index] else { return false }
        }
        return path.count == parts.count
    }
}
