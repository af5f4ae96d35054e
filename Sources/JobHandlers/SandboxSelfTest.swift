// Tries from within what the sandbox should refuse: `masque worker --self-test`.

internal import CSandbox
internal import Foundation
internal import Glibc
internal import Inference
internal import Synchronization

/// What a sandbox refuses and allows, found by trying.
package struct SandboxSelfTest: Sendable, Codable {
    /// One thing that was tried.
    package struct Check: Sendable, Codable {
        package let name: String
        package let passed: Bool
        /// What was seen, as a sentence.
        package let detail: String
    }
    package let fenceVersion: Int
    package let gaps: [String]
    package let checks: [Check]
    package var passed: Bool { checks.allSatisfy(\.passed) }

    /// Tries everything in a process that has entered `sandbox`. Blocks.
    ///
    /// - Parameter outside: a file that exists and must not be readable.
    package init(_ sandbox: Sandbox, state: Sandbox.State, outside: String) {
        fenceVersion = state.fenceVersion
        gaps = state.gaps
        var trial = Trial()
        if state.filtersCalls {
            trial.refused("internet sockets", masque_probe_socket(AF_INET))
            trial.refused("local sockets", masque_probe_socket(AF_UNIX))
            trial.refused("new processes", masque_probe_fork())
            trial.refused("other programs", unsafe masque_probe_exec("/proc/self/cmdline"))
            trial.refused("tracing", masque_probe_ptrace())
            trial.refused("signals to other processes", masque_probe_signal(getppid()))
            trial.refused("queued signals to other processes", masque_probe_queued_signal(getppid()))
            trial.refused("signals by a descriptor's owner", masque_probe_descriptor_signal(getppid()))
            trial.refused("the priority of other processes", masque_probe_priority(getppid()))
            trial.refused("the processors of other processes", masque_probe_affinity(getppid()))
            trial.allowed("its own priority", masque_probe_priority(0))
            trial.refused("shared memory that outlives it", masque_probe_shared_memory())
            trial.refused("the mode of \(outside)", unsafe masque_probe_chmod(outside))
            trial.refused("attributes of \(outside)", unsafe masque_probe_xattr(outside))
            trial.refused("the times of \(outside)", unsafe masque_probe_times(outside))
            trial.refused("the length of \(outside)", unsafe masque_probe_truncate(outside))
            for folder in sandbox.writable {
                let path = "\(folder)/.self-test-\(getpid())"
                trial.refused("emptying a file opened for reading in \(folder)", Self.emptying(path))
            }
            let other = Self.onOtherThread { masque_probe_socket(AF_INET) }
            trial.refused("internet sockets from another thread", other)
        }
        if state.fenceVersion > 0 {
            trial.refused("reading \(outside)", Self.reading(outside))
            trial.refused("listing /", Self.reading("/"))
            trial.refused("writing to /tmp", Self.writing("/tmp/masque-self-test-\(getpid())"))
            let models = Installation().models.path
            trial.refused("writing to the models", Self.writing("\(models)/self-test-\(getpid())"))
            for folder in sandbox.readable {
                trial.refused("writing to \(folder)", Self.writing("\(folder)/self-test-\(getpid())"))
            }
            trial.refused("reading \(outside) from another thread", Self.onOtherThread { Self.reading(outside) })
            trial.refused("reading about other processes", Self.reading("/proc/\(getppid())/stat"))
            Self.makeWorkWait()
            trial.expect("lives on while work waits", true)
        }
        for folder in sandbox.writable {
            trial.allowed("writing to \(folder)", Self.writing("\(folder)/.self-test-\(getpid())"))
            trial.refused(
                "files beyond \(sandbox.fileLimit) bytes in \(folder)",
                Self.growing("\(folder)/.self-test-\(getpid())", to: sandbox.fileLimit), with: EFBIG)
        }
        if let limit = sandbox.memoryLimit {
            trial.refused("\(limit) bytes of memory", masque_probe_memory(limit), with: ENOMEM)
        }
        trial.refused("\(sandbox.openFileLimit) open files", Self.opening(sandbox.openFileLimit), with: EMFILE)
        trial.expect("has no capabilities", masque_probe_capable() == 0)
        trial.expect(
            "has no capabilities on another thread", Self.onOtherThread { masque_probe_capable() } == 0)
        trial.expect("leaves no core dump and cannot be traced", masque_probe_open_to_view() == 0)
        checks = trial.checks
    }

    /// Does what only an intruder does; the process ends by SIGSYS when the sandbox holds.
    package static func mount() { _ = masque_probe_mount() }

    /// Collects checks.
    private struct Trial: Sendable {
        var checks: [Check] = []

        mutating func refused(_ what: String, _ code: Int32, with expected: Int32? = nil) {
            let passed = expected.map { code == $0 } ?? (code == EPERM || code == EACCES)
            checks.append(Check(name: "refuses \(what)", passed: passed, detail: Self.words(code)))
        }

        mutating func allowed(_ what: String, _ code: Int32) {
            checks.append(Check(name: "allows \(what)", passed: code == 0, detail: Self.words(code)))
        }

        mutating func expect(_ what: String, _ passed: Bool) {
            checks.append(Check(name: what, passed: passed, detail: passed ? "So it is." : "It is not so."))
        }

        private static func words(_ code: Int32) -> String {
            code == 0 ? "It went through." : "\(unsafe String(cString: strerror(code)))."
        }
    }

    /// Runs something on a thread of its own and waits for it.
    private static func onOtherThread(_ body: @escaping @Sendable () -> Int32) -> Int32 {
        let result = Mutex<Int32>(-1)
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            let code = body()
            result.withLock { $0 = code }
            done.signal()
        }
        thread.start()
        done.wait()
        return result.withLock { $0 }
    }

    /// Lets work wait for a thread for two seconds. Dispatch then looks at its threads, and ends a process that may not.
    private static func makeWorkWait() {
        let group = DispatchGroup()
        for _ in 0..<100 * ProcessInfo.processInfo.activeProcessorCount {
            DispatchQueue.global().async(group: group) { usleep(20_000) }
        }
        group.wait()
    }

    private static func reading(_ path: String) -> Int32 {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno }
        close(descriptor)
        return 0
    }

    private static func writing(_ path: String) -> Int32 {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return errno }
        close(descriptor)
        unsafe unlink(path)
        return 0
    }

    /// Makes a file and tries to empty it without writing to it.
    private static func emptying(_ path: String) -> Int32 {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return 0 }
        defer { unsafe unlink(path) }
        close(descriptor)
        return unsafe masque_probe_open_emptying(path)
    }

    private static func growing(_ path: String, to limit: UInt64) -> Int32 {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return errno }
        defer {
            close(descriptor)
            unsafe unlink(path)
        }
        return ftruncate(descriptor, Int(clamping: limit &+ 1)) == 0 ? 0 : errno
    }

    private static func opening(_ count: UInt64) -> Int32 {
        var opened: [Int32] = []
        defer { for descriptor in opened { close(descriptor) } }
        for _ in 0..<count {
            let descriptor = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return errno }
            opened.append(descriptor)
        }
        return 0
    }
}
