// What would be slow on a machine, and why.

package import Inference

/// Turns facts about a machine into sentences.
package enum DoctorNotes {
    /// Sentences about what is slow or scarce here; none on a good machine.
    package static func slow(
        cpu: DoctorReport.CPU, memory: DoctorReport.Memory, runtimes: [RuntimeFacts], cache: DoctorReport.Folder
    ) -> [String] {
        var notes: [String] = []
        let features = Set(cpu.features)
        if cpu.isIntel, !features.contains("AVX2") {
            notes.append("The processor has no AVX2, so pixels and models take several times as long.")
        } else if cpu.isIntel, !features.contains("AVX-512") {
            notes.append("The processor has no AVX-512, so models run slower than they could.")
        }
        if cpu.cores == 1 {
            notes.append("There is one core, so decoding, swapping and encoding of a video wait for each other.")
        }
        if features.isDisjoint(with: ["AVX-512 BF16", "AMX"]) {
            notes.append("The processor has no bfloat16, so large models run in float32, which takes longer.")
        } else if runtimes.contains(where: { $0.name == "OpenVINO" && $0.version == nil }) {
            notes.append("OpenVINO is not installed, so large models cannot use the processor's bfloat16.")
        }
        if !runtimes.contains(where: { $0.providers.contains("CUDAExecutionProvider") }) {
            notes.append(
                "Models run on the processor only: enough for the built-in swap, slow for large generators.")
        }
        if memory.available < 1 << 30 {
            notes.append(
                "Only \(memory.available >> 20) MB of memory are free: a picture of 50 megapixels or a 4K video may not fit."
            )
        }
        if cache.free < 1 << 30 {
            notes.append("Only \(cache.free >> 20) MB are free on the disk under \(cache.path).")
        }
        return notes
    }
}

extension DoctorReport.CPU {
    /// Whether the sets named above belong to this kind of processor.
    var isIntel: Bool {
        #if arch(x86_64)
            true
        #else
            false
        #endif
    }
}
