// What goes with a request through the routes: who makes it and from where.

internal import Errors
internal import Hummingbird
internal import JobQueue
internal import NIOCore
internal import Services

/// The context of one request.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The address at the other end of the connection; a proxy's, where there is one.
    let peer: String
    /// Set by ``Authentication``; nil on public routes.
    var principal: Principal?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress ?? "local"
        principal = nil
    }

    /// The caller of a route behind ``Authentication``.
    func caller() throws -> Principal {
        guard let principal else { throw MasqueError(.unauthorized, "This call needs a token or an API key.") }
        return principal
    }

    /// Whose jobs the call makes and changes.
    func owner() throws -> OwnerID { try caller().owner }

    /// Whose jobs the call may look at: nil, everybody's, for administrators.
    func visibleOwner() throws -> OwnerID? {
        let caller = try caller()
        return caller.allows(.admin) ? nil : caller.owner
    }

    /// The job's name in the path. A name that no job can have is that of no job.
    func jobID() throws -> JobID {
        let name = parameters.get("job_id") ?? ""
        guard isName(name) else {
            throw MasqueError(.notFound, "There is no such job.", advice: "See GET /jobs for yours.")
        }
        return JobID(rawValue: name)
    }

    /// Another name in the path: 1…64 letters, digits, `_`, `-`.
    func name(_ parameter: String, of what: String) throws -> String {
        let name = parameters.get(parameter) ?? ""
        guard isName(name) else { throw MasqueError(.notFound, "There is no such \(what).") }
        return name
    }

    /// `source` or `target` in the path.
    func role() throws -> InputRole {
        guard let role = InputRole(rawValue: parameters.get("role") ?? "") else {
            throw MasqueError(.notFound, "A job has the inputs source and target, no other.")
        }
        return role
    }

    private func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
