// A models folder of stand-ins for the published files, as an operator's would be.

import Foundation
import Inference
import ModelFiles
import Pixels
import Testing

enum StandIns {
    private static let golden = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "NeuralTests/Golden")

    /// This machine's installation with the stand-ins of these names as the operator's models, in `folder`.
    static func installation(in folder: URL, _ names: [String]) throws -> Installation {
        let store = folder.appending(path: "models")
        try FileManager.default.createDirectory(at: store, withIntermediateDirectories: true)
        var record = StoredModels.Record()
        for name in names {
            let data = try data(name)
            try data.write(to: store.appending(path: name + ".onnx"))
            record.models.append(
                StoredModels.Model(
                    name: name,
                    files: [
                        StoredModels.File(file: name + ".onnx", bytes: data.count, sha256: SHA256.hex(data))
                    ], added: Date(timeIntervalSince1970: 1_700_000_000)))
        }
        try record.encoded().write(to: store.appending(path: "store.json"))
        let own = Installation()
        return Installation(cache: own.cache, models: own.models, stored: StoredModels(folder: store))
    }

    private static func data(_ name: String) throws -> Data {
        for folder in [golden, golden.appending(path: "live"), golden.appending(path: "frames")] {
            let plain = folder.appending(path: name + ".onnx")
            if let data = try? Data(contentsOf: plain) { return data }
            guard FileManager.default.fileExists(atPath: plain.path + ".gz") else { continue }
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["gzip", "-dc", plain.path + ".gz"]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
            return data
        }
        throw CocoaError(.fileNoSuchFile)
    }
}

extension StudioFixture {
    /// Writes a short video of the astronaut and gives its path.
    func video(frames: Int) throws -> String {
        try movie("target-\(frames).mp4", frames: frames) { index in
            try Scene.astronaut.picture(offset: Point(Float(index), 0))
        }
    }
}
