// What this machine's processor can do, read once from /proc/cpuinfo.
internal import Foundation

/// The processor as far as the choice of a runtime depends on it.
package struct CPUFeatures: Sendable, Hashable {
    /// The processor's own name, such as `AMD EPYC 9R14`.
    package let model: String
    /// The flags that the kernel lists for the first core.
    package let flags: Set<String>
    /// How many cores this process may use, at least 1.
    package let usableCores: Int

    /// This machine's processor.
    package static let current = CPUFeatures(
        cpuinfo: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "",
        usableCores: ProcessInfo.processInfo.activeProcessorCount)

    /// Reads the text of `/proc/cpuinfo`; a text without flags gives a processor without features.
    package init(cpuinfo: String, usableCores: Int) {
        func field(_ name: String) -> String? {
            cpuinfo.split(separator: "\n").first { $0.hasPrefix(name) }?
                .split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
        }
        model = field("model name") ?? "unknown processor"
        flags = Set((field("flags") ?? "").split(separator: " ").map(String.init))
        self.usableCores = max(1, usableCores)
    }

    /// Whether dot products of bfloat16 run in hardware (AVX-512 BF16 or AMX), so that bf16 saves time.
    package var hasFastBFloat16: Bool { flags.contains("avx512_bf16") || flags.contains("amx_bf16") }
}
