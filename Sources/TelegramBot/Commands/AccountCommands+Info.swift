// What the bot does and takes, and its commands: `/info`.

internal import Services
internal import TelegramAPI
internal import Words

extension AccountCommands {
    /// The short help, in groups without what is for a private chat alone.
    func info(_ place: Place, _ voice: Voice) -> Screen {
        let rules = desk.jobs.rules
        let most = Int64(desk.api.server.downloadLimit)
        let isTight = most < max(rules.maxPictureBytes, rules.maxJobVideoBytes)
        func megabytes(_ bytes: Int64) -> Int64 { max(1, bytes / 1_000_000) }
        let picture = megabytes(min(most, rules.maxPictureBytes)), video = megabytes(min(most, rules.maxJobVideoBytes))
        let length = voice.length(seconds: rules.maxJobVideoSeconds)
        let link = desk.rules.publicURL
        var lines: [String?] = [
            voice.say("I put the face from one photo into another photo or into a video."),
            "",
            voice.say("1. Choose a mode: /start"),
            voice.say("2. Send photo 1, with the face."),
            voice.say("3. Send the photo or video that the face goes into."),
            voice.say("4. Look it over and confirm. I send you the result."),
            "",
            voice.say("Photos: JPEG, PNG or WebP, at most \(picture) MB."),
            voice.say("Videos: MP4, MOV, WebM or MKV, at most \(video) MB and \(length)."),
            isTight
                ? voice.say("Telegram does not let me fetch larger files than \(megabytes(most)) MB.") : nil,
            isTight ? link.map { voice.say("Larger ones can be sent here: \($0)") } : nil,
            "",
            voice.say("/start — choose a mode"),
            voice.say("/mode — choose a mode by its name"),
            voice.say("/same — the same face again"),
            voice.say("/reset — drop what you have sent and begin anew"),
            voice.say("/status — what waits and runs"),
            voice.say("/history — earlier results"),
            voice.say("/language — English, Russian, Korean"),
            voice.say("/delete_my_data — delete everything of yours"),
            "",
            voice.say(
                "Results are marked as made by a machine. Use only faces that you may use: your own, or with consent."),
        ]
        if !place.isGroup, desk.rules.administrators.contains(place.user) {
            lines += [
                "", voice.say("For administrators:"),
                "/stats, /queue, /ban ID, /unban ID, /broadcast TEXT, /download URL [server]",
            ]
        }
        return Screen(lines)
    }
}
