// What a starting server tells the person who started it.

internal import Services
internal import Studio

/// The address, the folder and how to get in.
struct Announcement: Sendable {
    let settings: ServerSettings
    let home: String

    /// - Parameter port: the one that it really listens on.
    func say(port: Int?) {
        let anywhere = ["0.0.0.0", "::"].contains(settings.host)
        let address = "http://\(anywhere ? "127.0.0.1" : settings.host):\(port ?? settings.port)"
        Console.err(
            """
            \(Version.product) serves \(address)/ \(anywhere ? "and all other addresses of this machine " : "")from \(home)
              studio  \(address)/
              API     \(address)/docs
            """)
        if settings.jwtRequired {
            let folder = settings.home == "./data" ? "" : " --home \(settings.home)"
            Console.err("  token   masque token mint --user-id demo\(folder)")
        } else {
            Console.err("  Nobody needs a token (JWT_REQUIRED=0).")
        }
    }
}
