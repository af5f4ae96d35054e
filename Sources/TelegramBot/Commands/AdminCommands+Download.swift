// Has models downloaded by the servers of the fleet: `/download`.

internal import Civitai
internal import Errors
internal import Words

extension AdminCommands {
    /// - Parameter words: the link and, perhaps, the name of one server.
    func download(_ words: [String], _ place: Place, _ voice: Voice) async throws {
        guard let fleet = pushes.fleet else {
            try await desk.say(Screen(voice.say("Downloads of models are not set up here.")), to: place)
            return
        }
        guard let text = words.first else {
            try await desk.say(
                Screen(voice.say("Give the model's link behind the command: /download URL [server]")), to: place)
            return
        }
        do {
            let link = try CivitaiLink(text, host: fleet.host)
            if let key = link.key, !key.isPlain {
                throw MasqueError(
                    .badInput, "The link's token has characters that no key has.", advice: "Copy it again.")
            }
            let name = words.count > 1 ? words[1] : nil
            let servers = try await [FleetServer].read(from: fleet.file).named(name.map { [$0] })
            var order = FleetPushes.Order(
                link: text, shown: "\(link)", servers: servers, chat: place.chat, message: 0, voice: voice)
            order.message = try await desk.say(FleetPushes.screen(order, [:]), to: place)
            pushes.add(order)
        } catch let failure as DownloadFailure {
            try await tell(failure.error, place, voice)
        } catch let error as MasqueError {
            try await tell(error, place, voice)
        }
    }

    private func tell(_ error: MasqueError, _ place: Place, _ voice: Voice) async throws {
        try await desk.say(Screen(voice.lines(of: error)), to: place)
    }
}
