// A running child: lines in, lines out, and one call when it has ended.

internal import Errors
internal import Foundation
internal import Glibc
internal import Synchronization
internal import WorkerProtocol

/// How a process ended.
package enum ChildEnding: Sendable, Hashable {
    case exited(Int32)
    case signaled(Int32)
}

/// Owns a child's number and pipes. Three threads of its own read and wait, so that nothing blocks a pool.
package final class ChildProcess: Sendable {
    package let pid: Int32
    /// Our end of the child's input, -1 once closed; and whether the number may belong to somebody else by now.
    private let state: Mutex<(input: Int32, isReaped: Bool)>

    /// Starts a child.
    ///
    /// - Parameters:
    ///   - line: given each line of the child's output, one at a time, in order.
    ///   - note: given each line of the child's error output, cut to 2,000 bytes; a carriage return ends one, too.
    ///   - ended: called once, after the last line and the last note.
    package init(
        path: String, arguments: [String], environment: [String: String],
        line: @escaping @Sendable (ChildProcess, [UInt8]) -> Void, note: @escaping @Sendable (String) -> Void,
        ended: @escaping @Sendable (ChildEnding) -> Void
    ) async throws {
        let started = try await Spawner.shared.start(
            path, arguments: arguments, environment: environment)
        pid = started.pid
        state = Mutex((started.input, false))
        let noted = DispatchSemaphore(value: 0)
        Self.onThread("masque-child-err") {
            Self.readNotes(started.errors, note)
            noted.signal()
        }
        Self.onThread("masque-child-out") { [self] in
            readLines(started.output, line)
            let ending = reap()
            // A grandchild that left the group may hold the pipe open for ever.
            _ = noted.wait(timeout: .now() + 2)
            ended(ending)
        }
    }

    /// Writes a line; false when the child takes none any more.
    package func send(_ line: [UInt8]) -> Bool {
        state.withLock { state in
            guard state.input >= 0 else { return false }
            return unsafe line.withUnsafeBytes { bytes in
                var done = 0
                while done < bytes.count {
                    let count = unsafe write(
                        state.input, bytes.baseAddress?.advanced(by: done), bytes.count - done)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return false }
                    done += count
                }
                return true
            }
        }
    }

    /// Ends the child's input, upon which it ends by itself.
    package func closeInput() {
        state.withLock { state in
            if state.input >= 0 { close(state.input) }
            state.input = -1
        }
    }

    /// Kills the child and whatever it started, if it is still there.
    package func kill() {
        state.withLock { state in
            if !state.isReaped { _ = Glibc.kill(-pid, SIGKILL) }
        }
    }

    private func readLines(_ descriptor: Int32, _ line: (ChildProcess, [UInt8]) -> Void) {
        defer { close(descriptor) }
        var cutter = LineCutter()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            guard let lines = try? cutter.lines(adding: buffer[..<count]) else {
                // A line without end is as little a message as an empty one.
                return line(self, [])
            }
            for each in lines { line(self, each) }
        }
    }

    /// Waits for the child's end. Its output has ended, or it says what no child of ours says: so it is killed, which
    /// changes nothing for one that is ending.
    private func reap() -> ChildEnding {
        closeInput()
        kill()
        var info = unsafe siginfo_t()
        // Leaves it unreaped, so that its number cannot pass to another process before the lock is held.
        while unsafe waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        return state.withLock { state in
            var status: Int32 = 0
            _ = unsafe waitpid(pid, &status, 0)
            state.isReaped = true
            return status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signaled(status & 0x7F)
        }
    }

    private static func readNotes(_ descriptor: Int32, _ note: (String) -> Void) {
        defer { close(descriptor) }
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 12)
        func say() {
            let text = String(decoding: line, as: UTF8.self).filter { !$0.isNewline }
            if !text.isEmpty { note(text) }
            line.removeAll(keepingCapacity: true)
        }
        while true {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for byte in buffer[..<count] {
                if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                    say()
                } else if line.count < 2000 {
                    line.append(byte)
                }
            }
        }
        say()
    }

    private static func onThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread {
            Thread.current.name = name
            body()
        }
        thread.stackSize = 1 << 20
        thread.start()
    }
}
