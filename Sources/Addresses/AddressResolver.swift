// Looks up the addresses of a host without holding a thread of the cooperative pool.

internal import Errors
internal import Glibc
internal import NIOPosix
internal import Synchronization

/// Finds all addresses of a host name. Tests put their own in its place.
package protocol AddressResolver: Sendable {
    /// - Throws: ``MasqueError`` `.unavailable` when the name has no address or cannot be looked up now.
    func addresses(of host: String) async throws -> [IPAddress]
}

/// The system's resolver (`getaddrinfo`: hosts file, DNS) on threads of its own.
package struct SystemResolver: AddressResolver {
    /// Threads of its own for the whole process, so that slow name servers hold up no files; several times as many as one
    /// owner has deliveries at once, because a look-up keeps its thread when its time is over.
    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 32)
        threads.start()
        return threads
    }()

    package init() {}

    /// Returns as soon as the task is cancelled; the look-up then ends by itself, unheard.
    package func addresses(of host: String) async throws -> [IPAddress] {
        let answer = Answer()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                answer.wait(continuation)
                Self.threads.submit { state in
                    guard case .active = state else {
                        return answer.set(
                            .failure(MasqueError(.unavailable, "The server is shutting down.")))
                    }
                    answer.set(Result { try lookUp(host) })
                }
            }
        } onCancel: {
            answer.set(.failure(CancellationError()))
        }
    }
}

/// The first result counts; the later ones are dropped.
private final class Answer: Sendable {
    private enum State {
        case open, waiting(CheckedContinuation<[IPAddress], any Error>), done(Result<[IPAddress], any Error>)
    }
    private let state = Mutex(State.open)

    func wait(_ continuation: CheckedContinuation<[IPAddress], any Error>) {
        let early = state.withLock { state -> Result<[IPAddress], any Error>? in
            if case .done(let result) = state { return result }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(with: early) }
    }

    func set(_ result: Result<[IPAddress], any Error>) {
        let waiting = state.withLock { state -> CheckedContinuation<[IPAddress], any Error>? in
            switch state {
            case .done: return nil
            case .open:
                state = .done(result)
                return nil
            case .waiting(let continuation):
                state = .done(result)
                return continuation
            }
        }
        waiting?.resume(with: result)
    }
}

/// Blocks. Every address once, in the system's order of preference (RFC 6724).
private func lookUp(_ host: String) throws -> [IPAddress] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, nil, &hints, &list)
    guard code == 0 else {
        let isMissing = code == EAI_NONAME
        throw MasqueError(
            .unavailable, isMissing ? "There is no host “\(host)”." : "The host “\(host)” could not be looked up.")
    }
    defer { freeaddrinfo(list) }
    var found: [IPAddress] = []
    var next = list
    while let entry = next?.pointee {
        if let address = IPAddress(entry), !found.contains(address) { found.append(address) }
        next = entry.ai_next
    }
    guard !found.isEmpty else { throw MasqueError(.unavailable, "The host “\(host)” has no address.") }
    return found
}

extension IPAddress {
    fileprivate init?(_ entry: addrinfo) {
        switch entry.ai_family {
        case AF_INET:
            guard let address = entry.ai_addr?.withMemoryRebound(to: sockaddr_in.self, capacity: 1, { $0.pointee })
            else {
                return nil
            }
            self.init(bytes: withUnsafeBytes(of: address.sin_addr.s_addr) { Array($0) })
        case AF_INET6:
            guard let address = entry.ai_addr?.withMemoryRebound(to: sockaddr_in6.self, capacity: 1, { $0.pointee })
            else {
                return nil
            }
            self.init(bytes: withUnsafeBytes(of: address.sin6_addr) { Array($0) })
        default: return nil
        }
    }
}
