// Which modes and processors this server can do, and what it does in place of those it can't.

internal import JobQueue
package import WorkerProtocol

extension JobService {
    /// All modes with whether they can run.
    package var modes: [ModeFacts] { Mode.all.map(facts(of:)) }

    /// All of FaceFusion's processors with whether they can run; empty while no worker has started.
    package func processors() async -> [ProcessorAbility] { await inspector.abilities()?.processors ?? [] }

    func facts(of mode: Mode) -> ModeFacts {
        if mode.swapper == "mesh" { return ModeFacts(mode: mode, isAvailable: true, uses: "mesh", note: nil) }
        let models = [mode.swapper, mode.enhancer].compactMap(\.self).joined(separator: " and ")
        if rules.fallsBackToMesh {
            return ModeFacts(
                mode: mode, isAvailable: true, uses: "mesh",
                note: "The models \(models) are not installed here, so the built-in mesh swap does it.")
        }
        return ModeFacts(
            mode: mode, isAvailable: false, uses: mode.swapper,
            note:
                "The models \(models) are not installed here, and the server may not do without (MASQUE_FALLBACK=refuse)."
        )
    }
}
