// What a media process does to itself before it touches media: from then on it can do little more than compute.

internal import CSandbox
package import Errors
internal import Foundation
internal import Glibc
internal import Inference
internal import ModelFiles

/// The bounds of a media process.
package struct Sandbox: Sendable {
    /// The process whose end ends this one; nil: none (a person started it).
    package var parent: Int32?
    /// Folders to write to, with all beneath.
    package var writable: [String] = []
    /// Folders and files to read, beside the models and the system's libraries.
    package var readable: [String] = []
    /// Bytes of private memory; nil: unbounded.
    package var memoryLimit: UInt64?
    /// Bytes of the largest file.
    package var fileLimit: UInt64 = 8 << 30
    /// Open files.
    package var openFileLimit: UInt64 = 256
    /// 0…19.
    package var niceLevel: Int32 = 0
    /// Whether the devices and drivers of a graphics card must be reachable.
    package var usesGPU = false

    package init() {}

    /// What came of it.
    package struct State: Sendable {
        /// The kernel's version of Landlock; 0: files are not fenced.
        package let fenceVersion: Int
        /// Whether system calls are filtered.
        package let filtersCalls: Bool
        /// Sentences on what this kernel cannot do.
        package let gaps: [String]
    }

    /// Confines the process. To be called on the main thread before any other thread runs: Landlock holds for the
    /// calling thread and those that it starts.
    ///
    /// - Throws: ``MasqueError`` `.failed` when the parent has ended, or a bound that this kernel knows cannot be set.
    package func enter() throws(MasqueError) -> State {
        if let parent { try check(masque_die_with_parent(parent), "be bound to its server") }
        signal(SIGPIPE, SIG_IGN)
        // Then a write beyond the limit gives an error and a sentence.
        signal(SIGXFSZ, SIG_IGN)
        try check(masque_close_from(3), "close inherited files")
        try check(masque_drop_privileges(), "drop its privileges")
        if niceLevel > 0 { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceLevel) }
        try check(masque_limit(masque_file_size, fileLimit), "limit its files")
        try check(masque_limit(masque_open_files, openFileLimit), "limit its open files")
        if let memoryLimit {
            try check(masque_limit(masque_memory, memoryLimit), "limit its memory")
        }
        var gaps: [String] = []
        let version = Int(masque_fence_version())
        if version > 0 {
            try fence()
        } else {
            gaps.append("This kernel has no Landlock, so the media process can reach all files of its user.")
        }
        try check(masque_drop_capabilities(), "give up its capabilities")
        _ = unsafe chdir("/")  // From where OpenVINO may map weights; see masque_ov_compile.
        let refusal = masque_refuse_calls()
        if refusal == ENOSYS {
            gaps.append("This kernel has no seccomp filters, so the media process can open network connections.")
        } else {
            try check(refusal, "filter its system calls")
        }
        return State(fenceVersion: version, filtersCalls: refusal == 0, gaps: gaps)
    }

    /// Raises the limit on CPU time to what was used so far and `seconds` more.
    package static func allowProcessorSeconds(_ seconds: Int) {
        _ = masque_cpu_budget(UInt64(max(1, seconds)))
    }

    private func fence() throws(MasqueError) {
        let fence = masque_fence_open()
        guard fence >= 0 else {
            try check(-fence, "fence its files")
            return
        }
        let installation = Installation()
        var rules: [(path: String, writes: Int32)] = Self.system.map { ($0, 0) }
        rules += Self.libraryFolders().map { ($0, 0) }
        rules += Self.withLinks([
            installation.models.path, installation.cache.path + "/runtime", installation.samples.path,
            installation.stored.folder.path,
        ]).map { ($0, 0) }
        // There, so that choices which are kept later can be read.
        try? FileManager.default.createDirectory(
            atPath: installation.cache.path + "/choices", withIntermediateDirectories: true)
        // What other programs of this user read and believe must not come from here.
        rules += [("/dev/null", 1), (installation.cache.path + "/choices", 0)]
        rules += readable.map { ($0, 0) } + writable.map { ($0, 1) }
        if usesGPU { rules += [("/dev", 2), ("/proc", 0), ("/sys", 0)] }
        for rule in rules {
            let result = unsafe masque_fence_allow(fence, rule.path, rule.writes)
            guard result == 0 || (result == ENOENT && !writable.contains(rule.path)) else {
                close(fence)
                try check(result, "be let to “\(rule.path)”")
                return
            }
        }
        try check(masque_see_threads(), "see its own threads")
        try check(masque_fence_close(fence), "fence its files")
    }

    /// What libraries read of the system.
    private static let system = [
        "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/etc/localtime",
        "/etc/ld.so.cache", "/dev/zero", "/dev/random", "/dev/urandom", "/proc/self", "/proc/cpuinfo", "/proc/meminfo",
        "/proc/stat", "/proc/sys/vm/overcommit_memory", "/sys/devices/system", "/sys/fs/cgroup",
    ]

    /// The folders of the libraries that this process runs from, and its own program.
    private static func libraryFolders() -> Set<String> {
        let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
        var folders: Set<String> = []
        for line in maps.split(separator: "\n") {
            guard let slash = line.firstIndex(of: "/") else { continue }
            let path = line[slash...]
            if path.contains(".so"), let end = path.lastIndex(of: "/") { folders.insert(String(path[..<end])) }
        }
        return folders.subtracting(["", "/"])
    }

    /// Folders, and where the links in them lead.
    private static func withLinks(_ folders: [String]) -> [String] {
        folders.flatMap { folder in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return [folder]
                + names.map { URL(fileURLWithPath: folder + "/" + $0).resolvingSymlinksInPath().path }
                .filter { !$0.hasPrefix(folder + "/") }
        }
    }

    private func check(_ code: Int32, _ doing: String) throws(MasqueError) {
        guard code != 0 else { return }
        if code == ESRCH { throw MasqueError(.failed, "The server that started this media process has ended.") }
        throw MasqueError(
            .failed, "The media process could not \(doing): \(unsafe String(cString: strerror(code))).",
            advice: "Run “masque worker --self-test” to see what this machine allows.")
    }
}
