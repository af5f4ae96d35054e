// The caller and his API keys.

internal import Errors
internal import HTTPParts
internal import HTTPTypes
internal import Hummingbird
internal import JobQueue
internal import Services

extension HTTPAPI {
    func addAccountRoutes(to group: RouterGroup<APIContext>) {
        group.get("me") { _, context in
            let caller = try context.caller()
            let elsewhere = jobs.bytesElsewhere(caller.owner)
            var usage = try await jobs.store.usage(of: caller.owner)
            usage.bytes += elsewhere
            let keys = try await keys.countInForce(owner: caller.owner)
            return try jsonAnswer(MeJSON(caller, rules: jobs.rules, usage: usage, keys: keys))
        }
        group.get("keys") { request, context in
            let caller = try context.caller()
            let all = try QueryParameters(request).bool("all") ?? false
            if all { try caller.require(.admin) }
            let list = try await keys.list(owner: all ? nil : caller.owner)
            return try jsonAnswer(KeysJSON(keys: list.map { KeyJSON($0) }))
        }
        group.post("keys") { request, context in
            let caller = try context.caller()
            try refuseAnonymous(caller)
            var fields = try await jsonFields(request)
            let name = try fields.required("name")
            let wanted = try scopes(named: try fields.strings("scopes") ?? ["read", "write"])
            let seconds = try fields.int("expires_in")
            try fields.finish()
            guard wanted.isSubset(of: caller.scopes) else {
                throw MasqueError(
                    .forbidden, "A key can do at most what the one who makes it can.",
                    advice: "You have \(caller.scopes.map(\.rawValue).sorted().joined(separator: ", ")).")
            }
            if let seconds, !(60...315_360_000).contains(seconds) {
                throw MasqueError(
                    .badInput, "The field expires_in must be from 60 to 315360000 seconds, not \(seconds).")
            }
            let made = try await keys.create(
                owner: caller.owner, name: name, scopes: wanted, expiresIn: seconds.map(Double.init))
            return try jsonAnswer(
                KeyJSON(made.key, text: made.text), status: .created, headers: [.location: "/keys/\(made.key.id)"])
        }
        group.delete("keys/:key_id") { _, context in
            let caller = try context.caller()
            let id = try context.name("key_id", of: "API key")
            try await keys.revoke(id, owner: caller.allows(.admin) ? nil : caller.owner)
            return Response(status: .noContent)
        }
    }

    /// A key of nobody would outlive the day on which tokens are asked for.
    private func refuseAnonymous(_ caller: Principal) throws {
        guard caller.kind == .anonymous else { return }
        throw MasqueError(
            .forbidden, "Keys are made by those who have a token.",
            advice: "Make one with “masque token mint --user-id demo”.")
    }
}
