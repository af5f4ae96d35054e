// Finds the files that come with the program.

package import Errors

internal import class Foundation.FileManager

/// The folder with files that a module brings: `name` beside the running program, where the build puts it, or
/// `../share/masque` from there.
///
/// - Parameters:
///   - name: such as `masque_Words.resources`.
///   - file: one that must be in it.
/// - Throws: ``MasqueError`` `.failed` when there is none.
package func resourceFolder(_ name: String, holding file: String) throws(MasqueError) -> String {
    let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let home = program.lastIndex(of: "/").map { String(program[..<$0]) } ?? "."
    let places = ["\(home)/\(name)", "\(home)/../share/masque"]
    for place in places where FileManager.default.fileExists(atPath: "\(place)/\(file)") { return place }
    throw MasqueError(
        .failed, "A file of the program is missing: there is no \(places[0])/\(file).",
        advice: "Keep the folders that end in .resources beside the program, as the build made them.")
}
