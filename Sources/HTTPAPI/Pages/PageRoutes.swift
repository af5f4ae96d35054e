// The front door, the studio's files, and the API document with the pages that show it.

internal import Errors
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird

extension HTTPAPI {
    func addPageRoutes(to group: RouterGroup<APIContext>) {
        let index = assets.studio["index.html"]
        group.get("/") { request, _ in
            // Who takes anything is a program; browsers name HTML.
            let offered = ["application/json", "text/html", "text/plain"]
            let wanted = MediaTypes.best(of: offered, accept: request.headers[.accept])
            var answer: Response
            if wanted == "text/html", let index {
                answer = page(index, policy: studioPolicy).answer(to: request)
            } else if wanted == "text/plain" {
                answer = plainOK()
            } else {
                answer = try jsonAnswer(RootJSON(version: version))
            }
            answer.headers[.vary] = "Accept"
            return answer
        }
        group.get("studio/**") { request, context in
            guard let file = assets.studio[context.parameters.getCatchAll().joined(separator: "/")] else {
                throw MasqueError(.notFound, "The studio has no such file.")
            }
            return page(file, policy: studioPolicy).answer(to: request)
        }
        group.get("openapi.json") { request, _ in assets.document.json.answer(to: request) }
        group.get("openapi.yaml") { request, _ in assets.document.yaml.answer(to: request) }
        let swagger = viewer(
            swaggerPage, needs: ["swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "swagger-ui.css"])
        let redoc = viewer(redocPage, needs: ["redoc.standalone.js"])
        group.get("docs") { request, _ in swagger.file.answer(to: request, status: swagger.status) }
        group.get("redoc") { request, _ in redoc.file.answer(to: request, status: redoc.status) }
        let starts = StaticFile(Array(viewerScript.utf8), mediaType: "text/javascript; charset=utf-8")
        let style = StaticFile(Array(viewerStyle.utf8), mediaType: "text/css; charset=utf-8")
        group.get("docs/assets/:file") { request, context in
            switch context.parameters.get("file") ?? "" {
            case "start.js": return starts.answer(to: request)
            case "start.css": return style.answer(to: request)
            case let name:
                guard let file = assets.viewers[name] else {
                    throw MasqueError(.notFound, "The API pages have no file “\(name.prefix(60))”.")
                }
                return file.answer(to: request)
            }
        }
    }

    /// A page of a viewer, or, while its scripts are not installed, one that says how to get them.
    private func viewer(_ html: String, needs names: [String]) -> (file: StaticFile, status: HTTPResponse.Status) {
        let isWhole = names.allSatisfy { assets.viewers[$0] != nil }
        let file = StaticFile(
            Array((isWhole ? html : missingPage).utf8), mediaType: "text/html; charset=utf-8",
            headers: [.contentSecurityPolicy: viewerPolicy])
        return (file, isWhole ? .ok : .serviceUnavailable)
    }

    private func page(_ file: StaticFile, policy: String) -> StaticFile {
        var file = file
        file.headers[.contentSecurityPolicy] = policy
        return file
    }
}

/// The studio loads nothing from elsewhere and runs no script that is not a file of its own.
private let studioPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    + "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    + "frame-ancestors 'none'"

/// Swagger UI and ReDoc write style attributes, and ReDoc searches in a worker that it makes itself.
private let viewerPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    + "connect-src 'self'; font-src 'self' data:; worker-src blob:; base-uri 'none'; form-action 'none'; "
    + "frame-ancestors 'none'"
