// How a command talks: for people or for programs, much or little.

internal import ArgumentParser

/// Options that several commands share.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON on standard output, one object per line; sentences go to standard error.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print errors only.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Also print where the time went.")
    var verbose = false
}
