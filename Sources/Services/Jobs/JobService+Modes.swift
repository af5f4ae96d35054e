// Which modes and processors this server can do, and what it does in place of those it can't.

internal import JobQueue
package import WorkerProtocol

extension JobService {
    /// All modes with whether they can run.
    package func modes() async -> [ModeFacts] {
        let abilities = await processors()
        return Mode.all.map { facts(of: $0, with: abilities) }
    }

    /// All of FaceFusion's processors with whether they can run; empty while no worker has started. Where FaceFusion is
    /// installed beside this server, it does what Masque lacks the models for.
    package func processors() async -> [ProcessorAbility] {
        let own = await inspector.abilities()?.processors ?? []
        guard rules.hasFaceFusion else { return own }
        return own.map { ability in
            guard !ability.available else { return ability }
            var ability = ability
            ability.available = true
            ability.reason = "Its models are not installed in Masque, so FaceFusion does it."
            return ability
        }
    }

    /// Whether a mode can run with what the media processes say they have.
    func facts(of mode: Mode, with abilities: [ProcessorAbility]) -> ModeFacts {
        func has(_ model: String, _ processor: String) -> Bool {
            abilities.first { $0.name == processor }?.models.contains(model) ?? false
        }
        var missing: [String] = []
        if mode.swapper != "mesh", !has(mode.swapper, "face_swapper") { missing.append(mode.swapper) }
        if let enhancer = mode.enhancer, !has(enhancer, "face_enhancer") { missing.append(enhancer) }
        if missing.isEmpty { return ModeFacts(mode: mode, isAvailable: true, uses: mode.swapper, note: nil) }
        let lacks =
            missing.count == 1
            ? "The model \(missing[0]) is not installed here"
            : "The models \(missing.joined(separator: " and ")) are not installed here"
        if rules.hasFaceFusion {
            return ModeFacts(
                mode: mode, isAvailable: true, uses: mode.swapper, note: "\(lacks), so FaceFusion does it.")
        }
        guard rules.fallsBackToMesh else {
            return ModeFacts(
                mode: mode, isAvailable: false, uses: mode.swapper,
                note: "\(lacks), and the server may not do without (MASQUE_FALLBACK=refuse).")
        }
        let isSwapMissing = missing.contains(mode.swapper)
        return ModeFacts(
            mode: mode, isAvailable: true, uses: isSwapMissing ? "mesh" : mode.swapper,
            note: isSwapMissing
                ? "\(lacks), so the built-in mesh swap does it." : "\(lacks), so faces are swapped but not restored.")
    }
}
