// What a server says that cannot listen where it was told to.

internal import Errors
internal import Glibc
internal import NIOCore
internal import Services

/// The system's error as a sentence; nil when `error` is about something else.
func listenFailure(_ error: any Error, _ settings: ServerSettings) -> MasqueError? {
    let another = "Choose another with --port or MASQUE_PORT."
    switch (error as? IOError)?.errnoCode {
    case EADDRINUSE:
        return MasqueError(
            .failed, "Port \(settings.port) is already used by another program.", advice: another, cause: error)
    case EACCES:
        return MasqueError(
            .failed, "This user may not listen on port \(settings.port).", advice: another, cause: error)
    case EADDRNOTAVAIL, EAFNOSUPPORT:
        return noAddress(settings, error)
    default:
        return error is SocketAddressError ? noAddress(settings, error) : nil
    }
}

private func noAddress(_ settings: ServerSettings, _ error: any Error) -> MasqueError {
    MasqueError(
        .failed, "“\(settings.host)” is no address of this machine.",
        advice: "Choose one with --host or MASQUE_HOST, such as 127.0.0.1 for this machine alone or 0.0.0.0 for all.",
        cause: error)
}
