// What makes a safetensors file whole, and every way not to be.

import Civitai
import Errors
import Foundation
import Testing

@Suite struct SafetensorsTests {
    private func check(_ bytes: [UInt8]) async throws -> Int {
        try await Samples.withFolder { folder in
            let path = folder + "/m.safetensors"
            try Data(bytes).write(to: URL(filePath: path))
            return try SafetensorsHeader.check(path: path, name: "m.safetensors")
        }
    }

    private func tensor(_ name: String, _ type: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
        #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
    }

    private func file(_ tensors: String..., data: Int) -> [UInt8] {
        Samples.file(header: "{\(tensors.joined(separator: ","))}", data: [UInt8](repeating: 7, count: data))
    }

    @Test func `whole files are taken, whatever the order of their tensors`() async throws {
        #expect(try await check(Samples.safetensors()) == 1)
        #expect(
            try await check(
                file(
                    tensor("b", "F32", "[2,3]", 8, 32), tensor("a", "F16", "[4]", 0, 8),
                    tensor("s", "BF16", "[]", 32, 34),
                    tensor("e", "F64", "[0,5]", 34, 34), tensor("f", "F4", "[2]", 34, 35), data: 35)) == 5)
        #expect(try await check(Samples.file(header: #"{"__metadata__":{"a":"b"}}  "#, data: [])) == 0)
    }

    @Test func `every mistake is refused with a sentence that names it`() async throws {
        let mistakes: [(String, [UInt8], String)] = [
            ("empty", [], "has only 0 bytes"),
            ("short", [1, 2, 3], "has only 3 bytes"),
            ("a page", Array("<html><body>Not found</body></html>".utf8), "does not begin with a header"),
            ("a pickle", [0x80, 2] + [UInt8](repeating: 0, count: 30), "does not begin with a header"),
            (
                "a length beyond the file", Samples.file(header: "{}", data: [], length: 500),
                "its header would have 500"
            ),
            ("a huge length", Samples.file(header: "{}", data: [], length: .max), "its header would have"),
            ("no JSON", Samples.file(header: "{nonsense}", data: []), "its header cannot be read"),
            (
                "metadata of another kind", Samples.file(header: #"{"__metadata__":{"a":5}}"#, data: []),
                "cannot be read"
            ),
            ("an unknown type", file(tensor("a", "Q99", "[1]", 0, 1), data: 1), "unknown type Q99"),
            ("beyond the end", file(tensor("a", "U8", "[9]", 0, 9), data: 8), "beyond the end"),
            ("backwards", file(tensor("a", "U8", "[1]", 5, 4), data: 8), "has no place"),
            ("before the beginning", file(tensor("a", "U8", "[1]", -1, 0), data: 8), "has no place"),
            ("another size", file(tensor("a", "F32", "[2]", 0, 4), data: 4), "another size"),
            ("a negative shape", file(tensor("a", "U8", "[-1,-4]", 0, 4), data: 4), "impossible shape"),
            ("an endless shape", file(tensor("a", "U8", "[9223372036854775807,9]", 0, 4), data: 4), "impossible shape"),
            (
                "an overlap", file(tensor("a", "U8", "[4]", 0, 4), tensor("b", "U8", "[4]", 2, 6), data: 6),
                "b overlaps another"
            ),
            (
                "a gap", file(tensor("a", "U8", "[4]", 0, 4), tensor("b", "U8", "[2]", 6, 8), data: 8),
                "gap before the tensor b"
            ),
            ("bytes behind", file(tensor("a", "U8", "[4]", 0, 4), data: 9), "5 bytes belong to no tensor"),
        ]
        for (name, bytes, sentence) in mistakes {
            let error = await #expect(throws: MasqueError.self, "\(name)") { try await check(bytes) }
            #expect(error?.code == .damagedModel, "\(name)")
            #expect(error?.message.contains(sentence) == true, "\(name): \(error?.message ?? "")")
        }
    }

    @Test func `other kinds are held against their first bytes`() async throws {
        let cases: [(String, String, Bool)] = [
            ("a.gguf", "GGUF\u{3}", true), ("a.gguf", "GGML", false), ("a.zip", "PK\u{3}\u{4}", true),
            ("a.zip", "Rar!", false),
            ("a.onnx", "\u{8}\u{7}", true), ("a.onnx", "<html>", false), ("a.pt", "PK\u{3}\u{4}", true),
            ("a.pt", "<html>", false),
            ("a.yaml", "a: b", true),
        ]
        for (name, content, isRight) in cases {
            try await Samples.withFolder { folder in
                let path = "\(folder)/x"
                try Data(content.utf8).write(to: URL(filePath: path))
                #expect((try? ContentCheck.check(path: path, name: name)) != nil || !isRight, "\(name) \(content)")
                if !isRight { #expect(throws: MasqueError.self) { try ContentCheck.check(path: path, name: name) } }
            }
        }
    }
}
