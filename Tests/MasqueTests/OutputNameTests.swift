// Names of outputs from patterns.

import Errors
import Foundation
import Studio
import Testing

@Suite struct OutputNameTests {
    @Test(arguments: [
        ("out/{index}.png", "out/7.png"), ("{source}-{target}.mp4", "me-party.mp4"),
        ("{source_name}_{target_name}{target_extension}", "me_party.mov"), ("plain.webm", "plain.webm"),
        ("{index}{index}.gif", "77.gif"), ("{open.jpg", "{open.jpg"),
    ])
    func `words in braces are replaced`(pattern: String, path: String) throws {
        #expect(try OutputName(pattern).path(index: 7, source: "a/me.jpg", target: "b/party.MOV") == path)
    }

    @Test func `a value with braces is not read again`() throws {
        let path = try OutputName("{source}.png").path(index: 0, source: "{index}.jpg", target: "t.jpg")
        #expect(path == "{index}.png")
    }

    @Test(arguments: ["", "{nothing}.png", "out", "out.txt", "{index}"])
    func `what cannot be written is refused`(pattern: String) {
        #expect(throws: MasqueError.self) { try OutputName(pattern).path(index: 0, source: "a.jpg", target: "b.jpg") }
    }
}
