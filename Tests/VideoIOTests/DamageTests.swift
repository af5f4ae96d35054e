// Files that are not what they should be.

import Errors
import Foundation
import Glibc
import Pixels
import Testing
import VideoIO

@Suite struct DamageTests {
    let lab: Lab
    init() throws { lab = try Lab() }

    @Test func `what is not a video is refused in a sentence that says what it is`() throws {
        try lab.make("a.wav", "-f lavfi -i sine=440:d=1")
        try lab.make("p.jpg", "-f lavfi -i testsrc2=s=64x64 -frames:v 1")
        try lab.make("m.mp4", "-f lavfi -i sine=440:d=1 -c:a aac")
        try lab.make(
            "cover.m4a",
            "-i \(lab.path("m.mp4")) -i \(lab.path("p.jpg")) -map 0 -map 1 -c copy -disposition:v:0 attached_pic")
        try FileManager.default.copyItem(atPath: lab.path("p.jpg"), toPath: lab.path("p.mp4"))
        try Data().write(to: URL(fileURLWithPath: lab.path("empty.mp4")))
        try Data("#EXTM3U\n/etc/passwd\n".utf8).write(to: URL(fileURLWithPath: lab.path("list.mp4")))
        var random = SystemRandomNumberGenerator()
        try Data((0..<50000).map { _ in UInt8.random(in: 0...255, using: &random) })
            .write(to: URL(fileURLWithPath: lab.path("noise.mp4")))
        for (name, words) in [
            ("a.wav", "only sound"), ("m.mp4", "only sound"), ("cover.m4a", "only a cover picture"),
            ("p.mp4", "JPEG"), ("empty.mp4", "empty"), ("list.mp4", "playlist"), ("noise.mp4", "not a video"),
            ("nowhere.mp4", "no file"), (".", "folder"),
        ] {
            let error = refusal(lab.path(name))
            #expect(error?.message.contains(words) == true, "\(name): \(error?.message ?? "not refused")")
            #expect(error?.code.exitCode == 2)
        }
    }

    @Test func `a network name is never opened`() {
        #expect(refusal("http://127.0.0.1:9/a.mp4")?.message.contains("no file") == true)
    }

    @Test(arguments: ["mp4", "mkv", "webm", "ts"])
    func `a file cut in the middle gives what is there, with a warning`(ending: String) throws {
        let codec = ending == "webm" ? "libvpx-vp9 -deadline realtime -c:a libopus" : "libx264 -c:a aac"
        let a = try lab.make(
            "a.\(ending)", "\(Lab.source(seconds: 4)) -pix_fmt yuv420p -c:v \(codec) -movflags +faststart")
        let data = try Data(contentsOf: URL(fileURLWithPath: a))
        let cut = lab.path("cut.\(ending)")
        try data.prefix(data.count * 6 / 10).write(to: URL(fileURLWithPath: cut))
        let b = try lab.pass(cut, to: "b.mkv")
        #expect(b.summary.frames > 35 && b.summary.frames < 80)
        if ending != "ts" { #expect(b.warnings.contains { $0.contains("breaks off") }, "\(b.warnings)") }
        #expect(try times(b.path).count == b.summary.frames)
    }

    @Test func `a video cut before its index is refused`() throws {
        let a = try lab.make("a.mp4", "\(Lab.source()) -c:v libx264 -c:a aac")
        try Data(contentsOf: URL(fileURLWithPath: a)).prefix(9000).write(to: URL(fileURLWithPath: lab.path("b.mp4")))
        #expect(refusal(lab.path("b.mp4"))?.message.contains("index") == true)
    }

    @Test(arguments: ["mp4", "mkv", "webm", "gif", "avi"])
    func `random damage never crashes nor hangs`(ending: String) throws {
        let codec =
            switch ending {
            case "gif": "gif"
            case "webm": "libvpx-vp9 -deadline realtime"
            case "avi": "mpeg4"
            default: "libx264"
            }
        let a = try lab.make("a.\(ending)", "\(Lab.source("160x120", seconds: 1, sound: false)) -c:v \(codec)")
        let data = try Data(contentsOf: URL(fileURLWithPath: a))
        var generator = Lehmer(state: 42)
        let start = Date()
        for round in 0..<25 {
            var bad = data
            for _ in 0..<(1 << (round % 9)) {
                bad[Int.random(in: 0..<bad.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            let path = lab.path("bad.\(ending)")
            try bad.write(to: URL(fileURLWithPath: path))
            if refusal(path) == nil {
                let options = try EncodeOptions(
                    container: .mp4, preset: .ultrafast, frameRate: round % 2 == 0 ? 10 : nil)
                let reader = try VideoReader(path: path, limits: VideoLimits(duration: 60))
                do {
                    try reader.prepare(for: options)
                    let writer = try VideoWriter(path: lab.path("o.mp4"), source: reader.source, options: options)
                    while let frame = try reader.next() { try writer.write(frame) }
                    try writer.finish()
                } catch {
                    #expect(error.message.hasSuffix("."))
                }
            }
        }
        #expect(Date().timeIntervalSince(start) < 120)
    }

    @Test func `limits on size and length are sentences`() throws {
        let a = try lab.make("a.mp4", "\(Lab.source(sound: false)) -c:v libx264")
        #expect(throws: MasqueError.self) { try VideoReader(path: a, limits: VideoLimits(duration: 1)) }
        #expect(throws: MasqueError.self) { try VideoReader(path: a, limits: VideoLimits(pixels: 1000)) }
    }

    @Test func `a writer that is given up leaves no file, and a folder that is not there is said`() throws {
        let a = try lab.make("a.mp4", "\(Lab.source(sound: false)) -c:v libx264 -pix_fmt yuv420p")
        let options = try EncodeOptions(container: .mp4)
        let reader = try VideoReader(path: a)
        try reader.prepare(for: options)
        var writer: VideoWriter? = try VideoWriter(path: lab.path("x.mp4"), source: reader.source, options: options)
        for _ in 0..<5 { if let frame = try reader.next() { try writer?.write(frame) } }
        writer = nil
        #expect(!FileManager.default.fileExists(atPath: lab.path("x.mp4")))
        let empty = try VideoWriter(path: lab.path("y.mp4"), source: nil, options: options)
        #expect(throws: MasqueError.self) { try empty.finish() }
        #expect(!FileManager.default.fileExists(atPath: lab.path("y.mp4")))
        #expect(throws: MasqueError.self) {
            try VideoWriter(path: lab.path("no/such/z.mp4"), source: nil, options: options)
        }
    }

}

extension DamageTests {
    @Test func `a full disk is said and leaves no file`() async {
        // In a process of its own, whose files may not grow beyond 100 kB.
        await #expect(processExitsWith: .success) {
            let lab = try Lab()
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            for name in ["a.mkv", "a.mp4"] {
                let options = try EncodeOptions(container: VideoContainer(path: name), quality: 100)
                let writer = try VideoWriter(path: lab.path(name), source: nil, options: options)
                var random = Lehmer(state: 1)
                var error: MasqueError?
                do throws(MasqueError) {
                    for i in 0..<60 {
                        let frame = try VideoFrame.blank(width: 320, height: 240, index: i, rate: Rational(25, 1))
                        frame.withPlanes { p in
                            for x in 0..<240 * p.yStride { unsafe p.y[x] = UInt8.random(in: 16...235, using: &random) }
                        }
                        try writer.write(frame)
                    }
                    try writer.finish()
                } catch let thrown {
                    error = thrown
                }
                writer.abort()
                try #require(error?.code == .outOfSpace, "\(String(describing: error))")
                try #require(!FileManager.default.fileExists(atPath: lab.path(name)))
            }
        }
    }
}

/// A small generator with a seed, so that a failure comes back.
struct Lehmer: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
