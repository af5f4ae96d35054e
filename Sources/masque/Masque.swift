// The `masque` command: parse and wire, nothing else.

internal import Errors
internal import Studio

@main struct Masque {
    static func main() async throws {}
}
