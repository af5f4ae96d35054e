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
    /// - Parameter outside: files that exist and must not be readable, and beside which nothing must be writable.
    package init(_ sandbox: Sandbox, state: Sandbox.State, outside: [String]) {
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
            for file in outside + sandbox.readable.compactMap({ Self.file(in: $0) }) {
                trial.refused("the mode of \(file)", unsafe masque_probe_chmod(file))
                trial.refused("attributes of \(file)", unsafe masque_probe_xattr(file))
                trial.refused("the times of \(file)", unsafe masque_probe_times(file))
                trial.refused("the length of \(file)", unsafe masque_probe_truncate(file))
            }
            for folder in sandbox.writable {
                let path = "\(folder)/.self-test-\(getpid())"
                trial.refused("emptying a file opened for reading in \(folder)", Self.emptying(path))
            }
            let other = Self.onOtherThread { masque_probe_socket(AF_INET) }
            trial.refused("internet sockets from another thread", other)
        }
        if state.fenceVersion > 0 {
            for file in outside {
                let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
                trial.refused("reading \(file)", Self.reading(file))
                trial.refused("reading \(file) from another thread", Self.onOtherThread { Self.reading(file) })
                trial.refused("listing \(folder)", Self.reading(folder))
                trial.refused("writing to \(folder)", Self.writing("\(folder)/self-test-\(getpid())"))
            }
            trial.refused("listing /", Self.reading("/"))
            trial.refused("writing to /tmp", Self.writing("/tmp/masque-self-test-\(getpid())"))
            let models = Installation().models.path
            trial.refused("writing to the models", Self.writing("\(models)/self-test-\(getpid())"))
            for folder in sandbox.readable {
                trial.refused("writing to \(folder)", Self.writing("\(folder)/self-test-\(getpid())"))
                if let file = Self.file(in: folder) { Self.tryInput(file, sandbox.writable.first, &trial) }
            }
            trial.refused("looking at other processes", masque_probe_thread(getppid()))
            trial.allowed("looking at its own threads", Self.onOtherThread { masque_probe_thread(0) })
            // Ends the process where the thread pool is refused something that it cannot do without.
            trial.expect("lives when more work waits than it has threads", Self.crowding())
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

    /// Tries to change a file that may only be read; what fails to be refused is put right again.
    private static func tryInput(_ file: String, _ writable: String?, _ trial: inout Trial) {
        trial.allowed("reading \(file)", reading(file))
        trial.refused("writing to \(file)", reading(file, flags: O_WRONLY))
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        trial.refused(
            "writing to \(file) by its descriptor", reading("/proc/self/fd/\(descriptor)", flags: O_RDWR))
        close(descriptor)
        guard let writable else { return }
        let other = "\(writable)/.self-test-\(getpid())"
        trial.refused("another name for \(file)", unsafe link(file, other) == 0 ? 0 : errno, orWith: EXDEV)
        unsafe unlink(other)
        let moved = unsafe rename(file, other) == 0 ? 0 : errno
        if moved == 0 { unsafe rename(other, file) }
        trial.refused("moving \(file)", moved, orWith: EXDEV)
    }

    /// Some file in a folder or beneath it.
    private static func file(in folder: String) -> String? {
        let files = FileManager.default.enumerator(at: URL(fileURLWithPath: folder), includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            var status = stat()
            if unsafe lstat(file.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG { return file.path }
        }
        return nil
    }

    /// Collects checks.
    private struct Trial: Sendable {
        var checks: [Check] = []

        mutating func refused(_ what: String, _ code: Int32, with expected: Int32? = nil, orWith other: Int32? = nil) {
            let passed = expected.map { code == $0 } ?? (code == EPERM || code == EACCES || code == other)
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

    /// Keeps work waiting for a thread until libdispatch, once a second, has counted its threads; true when all was done.
    private static func crowding() -> Bool {
        let group = DispatchGroup()
        let end = DispatchTime.now() + .milliseconds(2300)
        for _ in 0..<1000 {
            DispatchQueue.global().async(group: group) {
                while DispatchTime.now() < end { usleep(10_000) }
            }
        }
        return group.wait(timeout: .now() + 60) == .success
    }

    private static func reading(_ path: String, flags: Int32 = O_RDONLY) -> Int32 {
        let descriptor = unsafe open(path, flags | O_CLOEXEC)
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
