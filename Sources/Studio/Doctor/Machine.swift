// Facts about the machine, read from /proc and the file system.

internal import Foundation
internal import Inference

/// The machine that this process runs on.
struct Machine {
    /// The system's name, kernel and architecture.
    var system: DoctorReport.System {
        let lines = Self.text("/etc/os-release").split(separator: "\n")
        let name = lines.first { $0.hasPrefix("PRETTY_NAME=") }?.dropFirst(12).filter { $0 != "\"" }
        #if arch(x86_64)
            let architecture = "x86_64"
        #elseif arch(arm64)
            let architecture = "arm64"
        #else
            let architecture = "unknown"
        #endif
        return .init(
            name: name.map { String($0) } ?? "unknown", kernel: Self.text("/proc/sys/kernel/osrelease"),
            architecture: architecture)
    }

    /// The processor and those of its instruction sets that matter here.
    var cpu: DoctorReport.CPU {
        let cpu = CPUFeatures.current
        let sets = [
            ("AVX2", "avx2"), ("FMA", "fma"), ("AVX-512", "avx512f"), ("AVX-512 VNNI", "avx512_vnni"),
            ("AVX-512 BF16", "avx512_bf16"), ("AMX", "amx_tile"),
        ]
        return .init(
            model: cpu.model, cores: cpu.usableCores, features: sets.filter { cpu.flags.contains($0.1) }.map(\.0))
    }

    /// Memory: the machine's, or the container's where that is less.
    var memory: DoctorReport.Memory {
        let lines = Self.text("/proc/meminfo").split(separator: "\n")
        func bytes(_ key: String) -> Int {
            let line = lines.first { $0.hasPrefix(key + ":") }
            return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
        }
        var total = bytes("MemTotal"), available = bytes("MemAvailable")
        if let limit = Int(Self.text("/sys/fs/cgroup/memory.max")), limit < total {
            total = limit
            let used = Int(Self.text("/sys/fs/cgroup/memory.current")) ?? 0
            available = min(available, max(0, limit - used))
        }
        return .init(total: total, available: available)
    }

    /// A folder's size, and what is free under it or under the nearest folder above it that is there.
    func folder(_ url: URL) -> DoctorReport.Folder {
        let keys: Set<URLResourceKey> = [.fileSizeKey, .isRegularFileKey]
        var used = 0
        let files = FileManager.default.enumerator(at: url, includingPropertiesForKeys: Array(keys))
        while let file = files?.nextObject() as? URL {
            let values = try? file.resourceValues(forKeys: keys)
            if values?.isRegularFile == true { used += values?.fileSize ?? 0 }
        }
        var place = url.standardizedFileURL
        while !FileManager.default.fileExists(atPath: place.path), place.path != "/" {
            place.deleteLastPathComponent()
        }
        let facts = try? FileManager.default.attributesOfFileSystem(forPath: place.path)
        return .init(path: url.path, used: used, free: (facts?[.systemFreeSize] as? NSNumber)?.intValue ?? 0)
    }

    private static func text(_ path: String) -> String {
        ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
