// The built program, whose media processes work in tests.

internal import Foundation

package enum Program {
    /// Where `masque` lies: beside the tests, or in a folder above them.
    package static let path: String = {
        var place = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        var found: URL?
        while found == nil, place.path != "/" {
            place.deleteLastPathComponent()
            let file = place.appending(path: "masque")
            if (try? file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true { found = file }
        }
        // Where it is not, whoever starts it says so.
        return found?.path ?? "/masque"
    }()
}
