// Engines whose content gate has another model, a damaged one or none.

import Foundation
import Inference
import ModelFiles
import Studio
import Testing

extension StudioFixture {
    /// What is done to the gate's model in a models folder of the test's own.
    enum GateModel: Sendable, CaseIterable {
        /// The file is not there.
        case missing
        /// It is not in the list of models.
        case unlisted
        /// There is no list of models.
        case noList
        /// The last byte is cut off.
        case truncated
        /// One byte in the middle differs.
        case altered
        /// The list agrees with the file, but the file is no model.
        case garbage
        /// A model that gives no number.
        case notANumber
        /// A model that refuses everything.
        case refusesAll
        /// A model that refuses red pictures.
        case refusesRed
        /// A model that refuses pictures whose upper half is red.
        case refusesRedAbove
    }

    /// An engine over a copy of the installation with another gate model.
    func engine(gate: GateModel) throws -> Engine {
        let real = Self.installation
        let models = folder.appendingPathComponent("models-\(gate)")
        let files = FileManager.default
        try files.createDirectory(at: models, withIntermediateDirectories: true)
        for name in try files.contentsOfDirectory(atPath: real.models.path) where name.hasSuffix(".onnx") {
            try files.createSymbolicLink(
                at: models.appendingPathComponent(name), withDestinationURL: real.models.appendingPathComponent(name))
        }
        let link = models.appendingPathComponent("open_nsfw.onnx")
        let original = try Data(contentsOf: link)
        try files.removeItem(at: link)
        var data: Data? = original
        var isListed = true, isHashed = false
        switch gate {
        case .missing: data = nil
        case .unlisted: isListed = false
        case .noList: break
        case .truncated: data = original.dropLast()
        case .altered:
            var bytes = original
            bytes[bytes.count / 2] ^= 1
            data = bytes
        case .garbage: (data, isHashed) = (Data("This is no model.".utf8), true)
        case .notANumber: (data, isHashed) = (try Self.graph("gate_nan"), true)
        case .refusesAll: (data, isHashed) = (try Self.graph("gate_refuses"), true)
        case .refusesRedAbove: (data, isHashed) = (try Self.graph("gate_red_above"), true)
        case .refusesRed: (data, isHashed) = (try Self.graph("gate_red"), true)
        }
        try data?.write(to: link)
        if gate != .noList {
            var list = try #require(
                try JSONSerialization.jsonObject(
                    with: Data(contentsOf: real.models.appendingPathComponent("manifest.json")))
                    as? [String: Any])
            var entries = try #require(list["models"] as? [[String: Any]])
            let place = try #require(entries.firstIndex { $0["id"] as? String == "open_nsfw" })
            if isHashed {
                entries[place]["sha256"] = try SHA256.hex(ofFileAt: link.path)
                entries[place]["bytes"] = data?.count
            }
            if !isListed { entries.remove(at: place) }
            list["models"] = entries
            try JSONSerialization.data(withJSONObject: list)
                .write(to: models.appendingPathComponent("manifest.json"))
        }
        let policy = ExecutionPolicy(backend: .onnxRuntime)
        if isHashed, gate != .garbage {
            // No installation can hold another gate model, whatever its list says: only code can put one in.
            return Engine(
                library: ModelLibrary { id, policy in
                    let path = id == ContentGate.model ? link.path : try real.verifiedModel(id).path
                    return try ModelLoader.load(path: path, name: id, policy: policy, installation: real)
                }, policy: policy)
        }
        // A fixed runtime: nothing is measured, so nothing is noted in the cache about files that go away.
        return Engine(
            library: ModelLibrary(Installation(cache: real.cache, models: models)), policy: policy)
    }

    /// A tiny graph of `Tests/Fixtures/onnx`.
    private static func graph(_ name: String) throws -> Data {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try Data(contentsOf: tests.appendingPathComponent("Fixtures/onnx/\(name).onnx"))
    }
}
