// What `masque doctor` finds out, as a value.

package import Inference

/// What is installed on this machine, what is missing and what would be slow.
package struct DoctorReport: Sendable, Codable {
    /// Something that stops work, and what to do about it.
    package struct Problem: Sendable, Codable {
        package let message: String
        package let advice: String?
    }
    /// The operating system.
    package struct System: Sendable, Codable {
        package let name: String
        package let kernel: String
        package let architecture: String
    }
    /// The processor.
    package struct CPU: Sendable, Codable {
        package let model: String
        /// Cores that this process may use.
        package let cores: Int
        /// Of the instruction sets that matter here, those it has.
        package let features: [String]
    }
    /// Memory in bytes; the total is the container's limit where that is less.
    package struct Memory: Sendable, Codable {
        package let total: Int
        package let available: Int
    }
    /// A folder and the file system under it, in bytes.
    package struct Folder: Sendable, Codable {
        package let path: String
        package let used: Int
        package let free: Int
    }
    /// A library of the system.
    package struct Library: Sendable, Codable {
        package let name: String
        package let version: String
    }
    /// A video codec and whether it can be written.
    package struct Codec: Sendable, Codable {
        package let name: String
        package let available: Bool
    }
    /// A file of the manifest.
    package struct Model: Sendable, Codable {
        package enum State: String, Sendable, Codable {
            case ok, missing, damaged
        }
        package let id: String
        package let role: String?
        package let licence: String?
        package let source: String?
        package let path: String
        package let bytes: Int
        package let state: State
    }

    /// A processor and whether it can run.
    package struct Processor: Sendable, Codable {
        package let name: String
        package let available: Bool
        /// The models that it can run with here, its default first.
        package let models: [String]
        /// What is missing; nil when it can run.
        package let reason: String?
    }

    package let version: String
    package let system: System
    package let cpu: CPU
    package let memory: Memory
    package let runtimes: [RuntimeFacts]
    package let libraries: [Library]
    package let codecs: [Codec]
    package let models: [Model]
    /// FaceFusion's eleven.
    package let processors: [Processor]
    package let cache: Folder
    /// What would be slow, and why.
    package let notes: [String]
    /// What stops work; empty on a machine that is ready.
    package let problems: [Problem]
    /// Whether everything needed is there.
    package var isReady: Bool { problems.isEmpty }
}
