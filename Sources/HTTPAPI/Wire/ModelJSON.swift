// A published model.

internal import ModelStore

/// Schema `Model`.
struct ModelJSON: Encodable, Sendable {
    let name: String
    let role: String
    let state: String
    let installed: Bool
    @OrNull var bytes: Int?
    let licence: String
    let commercial: String
    let neededBy: [String]
    @OrNull var source: String?
    @OrNull var added: Timestamp?

    init(_ line: ModelStore.Line, neededBy: [String]) {
        name = line.name
        role = line.role
        state = line.state.rawValue
        installed = line.state == .installed
        bytes = line.bytes
        licence = line.licence
        commercial = line.commercial.rawValue
        self.neededBy = neededBy
        // Where on this machine it was taken from is nobody's business who calls from elsewhere.
        source = line.source.flatMap { $0.hasPrefix("http") ? $0 : "import" }
        added = line.added.map(Timestamp.init)
    }

    enum CodingKeys: String, CodingKey {
        case name, role, state, installed, bytes, licence, commercial
        case neededBy = "needed_by"
        case source, added
    }
}
