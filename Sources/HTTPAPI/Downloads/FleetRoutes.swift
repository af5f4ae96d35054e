// The fleet over HTTP: how every server stands, and a download to one or to all that answer.

internal import Civitai
internal import Errors
internal import HTTPParts
internal import Hummingbird
internal import Words

extension HTTPAPI {
    func addFleetRoutes(to group: RouterGroup<APIContext>) {
        group.get("fleet") { request, _ in
            let (downloads, voice) = (try modelDownloads(), voice(for: request))
            let statuses = await downloads.fleet.statuses(of: try await downloads.servers())
            return try jsonAnswer(FleetJSON(statuses, in: voice), language: voice.language)
        }
        group.post("fleet/download") { request, _ in
            let downloads = try modelDownloads()
            var fields = try await jsonFields(request)
            let text = try fields.required("url")
            let names = try fields.strings("servers")
            let key = Secret(try fields.string("api_key"))
            try fields.finish()
            do {
                _ = try CivitaiLink(text, host: downloads.host)
            } catch let failure as DownloadFailure {
                throw failure.error
            }
            let servers = try await downloads.servers().named(names)
            let (results, voice) = (await downloads.fleet.download(text, key: key, to: servers), voice(for: request))
            return try jsonAnswer(FleetDownloadJSON(results, in: voice), language: voice.language)
        }
    }
}
