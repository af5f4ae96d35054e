// Help, versions, usage errors, and random command lines.

import Foundation
import Testing

@Suite struct UsageTests {
    @Test func `help and versions end well and name every command`() async throws {
        let place = try Workplace()
        for arguments in [["--help"], ["help", "swap"], ["swap", "--help"], []] {
            let run = try await place.masque(arguments)
            #expect(run.code == 0)
            #expect(run.out.contains("USAGE: "))
        }
        let help = try await place.masque(["--help"]).out
        for command in ["swap", "faces", "doctor", "version"] { #expect(help.contains("  \(command) ")) }
        let version = try await place.masque(["version"]).out
        #expect(version.hasPrefix("Masque "))
        #expect(try await place.masque(["--version"]).out == version)
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `completion scripts are printed`(shell: String) async throws {
        let run = try await Workplace().masque(["--generate-completion-script", shell])
        #expect(run.code == 0)
        #expect(run.out.contains("face-order"))
    }

    @Test(arguments: [
        ["swap"], ["swap", "a.jpg", "b.jpg"], ["swap", "a.jpg", "-o", "x.jpg"], ["swap", "-o", "x.jpg"], ["sawp"],
        ["faces"], ["doctor", "extra"], ["swap", "a", "b", "-o", "x.jpg", "--faces", "some"],
        ["swap", "a", "b", "-o", "x.jpg", "--strength", "1.5"], ["swap", "a", "b", "-o", "x.jpg", "--shape", "nan"],
        ["swap", "a", "b", "-o", "x.jpg", "--quality", "101"], ["swap", "a", "b", "-o", "x.jpg", "--quality", "good"],
        ["swap", "a", "b", "-o", "x.jpg", "--detector-angles", "0,45"],
        ["swap", "a", "b", "-o", "x.jpg", "--face-position", "10000000000000000000000"],
        ["swap", "a", "b", "-o", "x.mp4", "--trim", "7..2"], ["swap", "a", "b", "-o", "x.mp4", "--scale", "0x0"],
        ["swap", "a", "b", "-o", "x.mp4", "--fps", "0"], ["swap", "a", "b", "-o", "x.mp4", "--video-quality", "-1"],
        ["swap", "a", "b", "-o", "x.webm", "--video-codec", "h264"],
        ["swap", "a", "b", "-o", "x.mp4", "--trim", "1..2", "--start-frame", "3"],
        ["swap", "--sources", "*.none", "--targets", "*.none", "-o", "{index}.jpg"],
        ["swap", "a", "b", "-o", "{whatever}.jpg"], ["swap", "a", "b", "-o", "x.xyz"], ["swap", "a", "b", "-o", "x"],
    ])
    func `wrong arguments end with 2 and a sentence`(arguments: [String]) async throws {
        let place = try Workplace()
        let run = try await place.masque(arguments + ["--json"])
        #expect(run.code == 2)
        #expect(run.err.hasPrefix("masque: "))
        #expect(run.err.contains("."))
        #expect(run.events.count == 1)
        #expect(run.errorCode == "badInput")
        #expect(place.listing.isEmpty)
    }

    @Test(.timeLimit(.minutes(4)))
    func `no random command line crashes the program`() async throws {
        let place = try Workplace()
        try place.write("not a picture\n".utf8, to: "text.jpg")
        try place.write([], to: "empty.png")
        try FileManager.default.createDirectory(
            at: place.folder.appending(path: "folder"), withIntermediateDirectories: true)
        let words = [
            "swap", "swap", "swap", "faces", "version", "help", "missing.jpg", "text.jpg", "empty.png", "folder",
            "-o", "-o", "out.jpg", "out.mp4", "{index}.png", "{", "}", "--faces", "many", "one", "reference",
            "--face-order", "left-right", "--face-position", "0", "-1", "99999999999999999999", "--reference",
            "--reference-frame", "--reference-distance", "nan", "inf", "-inf", "1e309", "0.5", "--map",
            "source1=0,source2=2", "source0=", "=,=", "--source-position", "--detector-score", "--detector-angles",
            "0,90", ",", "--keep-eyes", "--keep-mouth", "--shape", "--strength", "--quality", "50", "--video-codec",
            "h264", "gif", "--video-quality", "--video-preset", "fast", "--fps", "30", "--scale", "720p", "50%",
            "99999999999999999999p", "--trim", "1..2", "..", "1f..", "--start", "1:02", "--end", "--start-frame",
            "--end-frame", "--no-audio", "--force", "--json", "--quiet", "--verbose", "--sources", "--targets", "*.jpg",
            "*", "[", "{a,b}", "~", "--draw", "--order", "--full", "--", "-", "", " ", "\u{1B}[2J", "ü", "--=",
            "--json=1",
            String(repeating: "x", count: 5000),
        ]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let arguments = (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in
                words.randomElement(using: &random)
            }
            let run = try await place.masque(arguments)
            #expect(!run.crashed && (0...4).contains(run.code), "\(arguments) → \(run.code)\n\(run.err)")
        }
        #expect(place.listing == ["empty.png", "folder", "text.jpg"])
    }
}
