// The one place on the disk that a media process has for itself: a folder to read from and a folder to write to.

internal import Errors
internal import Files

/// The folder of one media process. Its fence names the two folders within, so they must stay while it lives.
struct ProcessRoot: Sendable, Hashable {
    let path: String

    /// - Parameter name: unique among the processes that share `workFolder`, e.g. `image-0`.
    init(_ workFolder: String, name: String) { path = "\(workFolder)/\(name)" }

    /// What the process may read: the inputs of the order in hand, put there by the server.
    var inputs: String { path + "/in" }
    /// What it may write.
    var outputs: String { path + "/out" }

    /// Makes the folders; those that are there stay as they are. Blocks.
    func make() throws(MasqueError) {
        try makeFolder(inputs, mode: 0o700)
        try makeFolder(outputs, mode: 0o700)
    }

    /// Deletes all that is in the folders. Blocks.
    func clear() throws(MasqueError) {
        for folder in [inputs, outputs] {
            for name in try namesInFolder(folder) { try removeAll("\(folder)/\(name)") }
        }
    }
}
