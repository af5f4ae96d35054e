// The one place that decides on what, with how many threads and with how much memory a model runs.
internal import Foundation

/// How a model is run. Equal policies share one loaded session.
package struct ExecutionPolicy: Sendable, Hashable {
    /// What computes.
    package enum Provider: String, Sendable, Hashable, CaseIterable {
        case cpu
        /// An NVIDIA GPU, through the library of `onnxruntime-gpu`; only ONNX Runtime offers it here.
        case cuda
    }

    /// How much memory is kept for the next run (FaceFusion's names).
    package enum MemoryStrategy: String, Sendable, Hashable, CaseIterable {
        /// Freed memory goes back to the system after each run, and a model is unloaded when its last user lets go.
        case strict
        /// Freed memory goes back after each run; models stay until ``ModelLibrary/unloadIdle(olderThan:)`` drops them.
        case moderate
        /// Memory and models are kept: fastest, the default.
        case tolerant
    }

    /// Which runtime runs the model.
    package enum Backend: Sendable, Hashable {
        /// ``BackendChoice`` decides by measuring large models; small ones run on ONNX Runtime in float32.
        case automatic
        /// ONNX Runtime in the model's own precision.
        case onnxRuntime
        /// OpenVINO, in float32 or (for large convolutions on CPUs that have it) bfloat16.
        case openVINO(Precision)
    }

    /// The precision in which OpenVINO computes; inputs and outputs stay in the model's own types.
    package enum Precision: String, Sendable, Hashable {
        case float32 = "f32"
        case bfloat16 = "bf16"
    }

    /// What computes.
    package var provider: Provider
    /// How many threads one operator may use, at least 1.
    package var threads: Int
    /// How much memory is kept for the next run.
    package var memory: MemoryStrategy
    /// Which runtime runs the model.
    package var backend: Backend
    /// Whether the runtime's threads spin while they wait for work. Spinning shortens a run a little when nothing
    /// else wants the cores, and takes them from decoding and encoding otherwise; hence it is off.
    package var spinning: Bool
    /// The number of the CUDA device.
    package var device: Int

    /// For models whose run takes a few milliseconds, such as the mesh: one thread, since waking a second one costs
    /// more than it computes, and float32 on ONNX Runtime without measuring.
    package static let small = ExecutionPolicy(threads: 1, backend: .onnxRuntime)

    /// Makes a policy; the defaults suit one job at a time on this machine's CPU.
    package init(
        provider: Provider = .cpu, threads: Int = CPUFeatures.current.usableCores,
        memory: MemoryStrategy = .tolerant, backend: Backend = .automatic, spinning: Bool = false, device: Int = 0
    ) {
        self.provider = provider
        self.threads = max(1, threads)
        self.memory = memory
        self.backend = backend
        self.spinning = spinning
        self.device = device
    }
}
