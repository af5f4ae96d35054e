// The program's name and version, as outputs and logs state them.

/// Who made an output.
package enum Version {
    /// The version of this build.
    package static let number = "0.1.0"
    /// Name and version, such as "Masque 0.1.0".
    package static let product = "Masque \(number)"
}
