// All routes and what every request passes on its way to them.

internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import JobQueue
internal import Services

extension HTTPAPI {
    /// The router with all routes.
    func makeRouter() throws -> Router<APIContext> {
        let router = Router(context: APIContext.self, options: [.autoGenerateHeadEndpoints])
        let table = RouteTable()
        let client = ClientAddress(trustedProxies: settings.trustedProxies, publicURL: settings.publicURL)
        let (metrics, rules) = (metrics, jobs.rules)
        router.add(middleware: RequestIDs())
        router.add(
            middleware: AccessLog(measured: { metrics.answered(method: $0, route: $1, status: $2, seconds: $3) }))
        if !settings.corsOrigins.isEmpty {
            router.add(
                middleware: CORS(
                    origins: settings.corsOrigins.contains("*") ? .any : .only(Set(settings.corsOrigins))))
        }
        router.add(middleware: SecurityHeaders())
        router.add(middleware: ErrorAnswers(routes: table, words: words, tellsSuccess: isOfDownloads))
        router.add(middleware: BodyLimit { request, _ in mostBytes(request, rules: rules) })

        let limiter = RateLimiter()
        let policy = RatePolicy(name: "default", quota: settings.requestsPerMinute, windowSeconds: 60)
        let limits = RateLimits<APIContext>(limiter) { request, context in
            guard settings.requestsPerMinute > 0, request.method != .options else { return nil }
            if let principal = context.principal, principal.kind != .anonymous {
                return ("owner:\(principal.owner)", policy)
            }
            return ("address:\(client.address(of: request, peer: context.peer))", policy)
        }
        // What needs no token; the checks of health are not counted, because a monitor may ask often.
        let open = router.group()
        addServerRoutes(to: open)
        addPageRoutes(to: open)
        addTelegramRoute(to: open)
        addSharedRoutes(to: open.group().add(middleware: limits))

        let pages = PageCalls(
            origins: Set(settings.corsOrigins), publicURL: settings.publicURL, listeningHost: settings.host)
        let failures = (limiter: limiter, policy: RatePolicy(name: "failed", quota: 60, windowSeconds: 60))
        func authentication(admitsAnonymous: Bool) -> Authentication {
            Authentication(
                authenticator: authenticator, admitsAnonymous: admitsAnonymous, pages: pages, client: client,
                failures: settings.requestsPerMinute > 0 ? failures : nil)
        }
        let guarded = router.group().add(middleware: authentication(admitsAnonymous: false)).add(middleware: limits)
        addJobRoutes(to: guarded, client: client)
        addInputRoutes(to: guarded)
        addResultRoutes(to: guarded, client: client)
        addEventRoutes(to: guarded)
        addWebhookRoutes(to: guarded)
        addAccountRoutes(to: guarded)
        addModelRoutes(to: guarded)
        addMetricsRoute(to: guarded)
        uploads.addRoutes(to: guarded.group("uploads")) { _, context in try context.owner().rawValue }

        let process = router.group()
            .add(middleware: authentication(admitsAnonymous: !settings.processTokenRequired)).add(middleware: limits)
        addProcessRoutes(to: process)
        func access(isOpen: Bool) -> DownloadAccess {
            DownloadAccess(
                downloads: downloads, authenticator: authenticator, isTokenRequired: settings.jwtRequired, pages: pages,
                client: client, failures: failures, isOpen: isOpen)
        }
        let downloading = router.group().add(middleware: access(isOpen: false)).add(middleware: limits)
        addDownloadRoutes(
            open: router.group().add(middleware: access(isOpen: true)).add(middleware: limits), to: downloading)
        addFleetRoutes(to: downloading)
        table.fill(router)
        return router
    }
}

/// Whether a path is of the model-downloads contract, whose errors say `success: false`.
private func isOfDownloads(_ path: String) -> Bool {
    ["/civitai", "/fleet"].contains { path == $0 || path.hasPrefix("\($0)/") }
}

/// The most bytes that the body of a request may have, before anything of it is looked at. Calls that take files judge what
/// is announced by themselves, because they know which file it is.
private func mostBytes(_ request: Request, rules: JobRules) -> Int {
    let path = request.uri.path
    if path.hasPrefix("/process/") || path == "/jobs/quick" { return .max }
    if path.hasPrefix("/uploads") {
        return Int(max(rules.maxProcessBytes, rules.maxPictureBytes, rules.maxJobVideoBytes))
    }
    if path.hasPrefix("/jobs/"), path.hasSuffix("/source") || path.hasSuffix("/target") { return .max }
    return 1 << 20
}
