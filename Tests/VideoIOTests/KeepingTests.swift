// What a pass through reader and writer must leave as it was.

import Foundation
import Testing
import VideoIO

@Suite struct KeepingTests {
    let lab: Lab
    init() throws { lab = try Lab() }

    @Test(arguments: ["aac", "libmp3lame", "ac3", "flac", "libopus"])
    func `sound is copied bit for bit`(codec: String) throws {
        let a = try lab.make("a.mp4", "\(Lab.source()) -c:v libx264 -pix_fmt yuv420p -strict -2 -c:a \(codec)")
        let b = try lab.pass(a, to: "b.mp4")
        let what = "packet=pts,dts,size,data_hash"
        let before = try lab.probe(a, what, stream: "a:0", extra: ["-show_data_hash", "md5"])
        let after = try lab.probe(b.path, what, stream: "a:0", extra: ["-show_data_hash", "md5"])
        #expect(before.count >= 20)
        #expect(before == after)
        #expect(b.warnings == [])
    }

    @Test(arguments: ["mp4", "webm"])
    func `samples that are no numbers, or beyond all measure, become sound all the same`(ending: String) throws {
        let a = try lab.make("a.mkv", "\(Lab.source()) -c:v libx264 -pix_fmt yuv420p -c:a pcm_f32le")
        // A tone with a tenth of a second of infinities, and one of numbers as large as floats go.
        let raw = lab.path("raw.f32")
        let samples = (0..<88200).map { i -> Float in
            switch i {
            case 22050..<26460: i % 2 == 0 ? .nan : .infinity
            case 44100..<48510: 3e38
            default: 0.25 * Float(sin(2 * Double.pi * 440 * Double(i) / 44100))
            }
        }
        try samples.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: raw))
        let wild = try lab.make(
            "wild.mkv", "-i \(a) -f f32le -ar 44100 -ac 1 -i \(raw) -map 0:v -map 1:a -c:v copy -c:a copy")
        let b = try lab.pass(wild, to: "b.\(ending)")
        #expect(b.warnings.count == 1)
        #expect(try lab.probe(b.path, "packet=size", stream: "a:0").count >= 80)
        let heard = try AudioReader(path: b.path).all()
        let isFinite = heard.allSatisfy { $0.isFinite }
        #expect(isFinite)
        try #require(heard.count > 27000)
        // The tone is there before and after.
        for part in [heard[3000..<6000], heard[24000..<27000]] {
            let power = part.reduce(Float(0)) { $0 + $1 * $1 } / Float(part.count)
            #expect(abs(power.squareRoot() - 0.177) < 0.05)
        }
    }

    @Test func `two streams of sound and their languages stay`() throws {
        let a = try lab.make(
            "a.mkv",
            "\(Lab.source()) -f lavfi -i sine=880:d=2 -map 0 -map 1 -map 2 -c:v libx264 -c:a aac "
                + "-metadata:s:a:0 language=deu -metadata:s:a:1 language=fra")
        let b = try lab.pass(a, to: "b.mp4")
        #expect(try lab.probe(b.path, "stream_tags=language", stream: "a") == ["deu", "fra"])
    }

    @Test(arguments: ["mp4", "mkv", "mov"])
    func `uneven timestamps are kept exactly`(ending: String) throws {
        let a = try lab.make(
            "a.\(ending)",
            "\(Lab.source(seconds: 4, sound: false)) -vf select='not(mod(n,3))+gt(n,60)*lt(random(1),0.4)' -vsync vfr "
                + "-c:v libx264 -pix_fmt yuv420p")
        let b = try lab.pass(a, to: "b.\(ending)")
        let before = try lab.probe(a, "frame=pts_time")
        #expect(before.count > 30)
        #expect(before == (try lab.probe(b.path, "frame=pts_time")))
        #expect(try lab.probe(a, "format=duration") == lab.probe(b.path, "format=duration"))
    }

    @Test func `an even rate stays even, down to the last frame's duration`() throws {
        let a = try lab.make("a.mp4", "\(Lab.source(rate: "30000/1001")) -c:v libx264 -pix_fmt yuv420p -c:a aac")
        let b = try lab.pass(a, to: "b.mp4")
        let what = "stream=avg_frame_rate,r_frame_rate,duration_ts,nb_frames,time_base"
        #expect(try lab.probe(a, what) == lab.probe(b.path, what))
        #expect(try lab.probe(a, "frame=pts,pkt_duration") == lab.probe(b.path, "frame=pts,pkt_duration"))
    }

    @Test func `rotation stays a tag in mp4 and is turned into the pixels in webm`() throws {
        try lab.make("r.mp4", "\(Lab.source(seconds: 1)) -c:v libx264 -pix_fmt yuv420p -c:a aac")
        let a = try lab.make("a.mp4", "-i \(lab.path("r.mp4")) -c copy -metadata:s:v:0 rotate=90")
        let info = try VideoReader(path: a).info
        // ffprobe counts against the clock.
        let said = try #require(Int(try lab.probe(a, "side_data=rotation").first ?? ""))
        #expect(abs(said) == 90 && info.rotation == (360 - said) % 360)
        #expect((info.displayWidth, info.displayHeight) == (240, 320))
        let b = try lab.pass(a, to: "b.mp4")
        #expect(try VideoReader(path: b.path).info.rotation == info.rotation)
        #expect(try lab.probe(b.path, "stream=width,height") == ["320,240"])
        let c = try lab.pass(a, to: "c.webm")
        #expect(try lab.probe(c.path, "stream=width,height") == ["240,320"])
        #expect(try lab.psnr(c.path, a) > 30)
    }

    @Test(arguments: [90, 180, 270])
    func `pictures that are copied keep how they are turned, whatever the file says whose sound they get`(
        degrees: Int
    ) throws {
        try lab.make("plain.mp4", "\(Lab.source(seconds: 1)) -c:v libx264 -pix_fmt yuv420p -c:a aac")
        let turned = try lab.make("t.mp4", "-i \(lab.path("plain.mp4")) -c copy -metadata:s:v:0 rotate=\(degrees)")
        let wanted = try VideoReader(path: turned).info
        #expect([wanted.rotation, 360 - wanted.rotation].contains(degrees))
        for (pictures, source, rotation) in [
            (turned, lab.path("plain.mp4"), wanted.rotation), (lab.path("plain.mp4"), turned, 0),
        ] {
            let made = try copy(pictures, with: source, to: "out.mp4")
            let info = try VideoReader(path: lab.path("out.mp4")).info
            #expect(info.rotation == rotation && (info.width, info.height) == (320, 240))
            #expect(made.frames == 25 && made.warnings == [])
        }
        // What cannot be kept is said.
        let made = try copy(turned, with: turned, to: "out.mkv")
        #expect(
            made.warnings == [
                "The made video is turned by \(wanted.rotation)° when it is shown, which .mkv cannot hold."
            ])
    }

    private func copy(_ pictures: String, with source: String, to name: String) throws -> VideoSummary {
        let reader = try VideoReader(path: source)
        try reader.prepare()
        return try copyVideo(
            pictures: pictures, source: reader.source, to: lab.path(name),
            options: EncodeOptions(container: VideoContainer(path: name)),
            provenance: VideoProvenance(software: "Masque 9", system: "mesh", comment: "A test."), check: {})
    }

    @Test(arguments: [("h264", "mp4"), ("hevc", "mp4"), ("vp9", "webm"), ("h264", "mkv")])
    func `colour tags are kept`(codec: String, ending: String) throws {
        let a = try lab.make(
            "a.mp4",
            "\(Lab.source(seconds: 1, sound: false)) -c:v libx264 -pix_fmt yuv420p -color_primaries bt470bg "
                + "-color_trc gamma28 -colorspace bt470bg -color_range pc")
        let b = try lab.pass(a, to: "b.\(ending)") { $0.codec = VideoCodec(rawValue: codec) ?? .h264 }
        let info = try VideoReader(path: b.path).info
        #expect(info.matrix == "bt470bg")
        #expect(info.fullRange)
        if codec != "vp9" {
            #expect(info.primaries == "bt470bg")
            #expect(info.transfer == "gamma28" || info.transfer == "bt470bg")
        }
    }

    @Test func `untouched frames are as good as a plain re-encode`() throws {
        let a = try lab.make("a.mp4", "\(Lab.source("640x360")) -c:v libx264 -crf 12 -pix_fmt yuv420p -c:a aac")
        let plain = try lab.make("p.mp4", "-i \(a) -c:v libx264 -preset veryfast -crf 23 -c:a copy")
        let ours = try lab.pass(a, to: "o.mp4") { $0.quality = 55 }
        let difference = try lab.psnr(ours.path, a) - lab.psnr(plain, a)
        #expect(abs(difference) < 0.2)
        let sizes = [plain, ours.path].map { (try? Data(contentsOf: URL(fileURLWithPath: $0)).count) ?? 0 }
        #expect(abs(Double(sizes[0]) / Double(sizes[1]) - 1) < 0.02)
    }

    @Test func `the index stands before the pictures`() throws {
        let a = try lab.make("a.mp4", "\(Lab.source(seconds: 1)) -c:v libx264 -pix_fmt yuv420p -c:a aac")
        for name in ["b.mp4", "b.mov", "b.m4v"] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: lab.pass(a, to: name).path))
            let index = try #require(bytes.range(of: Data("moov".utf8)))
            let pictures = try #require(bytes.range(of: Data("mdat".utf8)))
            #expect(index.lowerBound < pictures.lowerBound)
        }
    }

    @Test func `chapters, title and subtitles stay where the container holds them`() throws {
        try "1\n00:00:00,500 --> 00:00:01,500\nHello\n".write(
            toFile: lab.path("s.srt"), atomically: true, encoding: .utf8)
        let chapters = ["One": (0, 1000), "Two": (1000, 2000)].map {
            "[CHAPTER]\nTIMEBASE=1/1000\nSTART=\($1.0)\nEND=\($1.1)\ntitle=\($0)\n"
        }
        try (";FFMETADATA1\ntitle=Two parts\n" + chapters.sorted().joined())
            .write(toFile: lab.path("m.txt"), atomically: true, encoding: .utf8)
        let a = try lab.make(
            "a.mkv",
            "\(Lab.source()) -i \(lab.path("s.srt")) -i \(lab.path("m.txt")) -map 0 -map 1 -map 2 -map_metadata 3 "
                + "-c:v libx264 -c:a aac -c:s srt")
        let b = try lab.pass(a, to: "b.mkv")
        #expect(b.warnings == [])
        #expect(try lab.probe(b.path, "stream=codec_name", stream: "s") == ["subrip"])
        #expect(try lab.probe(b.path, "packet=pts,size", stream: "s") == lab.probe(a, "packet=pts,size", stream: "s"))
        #expect(try lab.run("ffprobe", ["-v", "error", "-show_chapters", b.path]).contains("TAG:title=Two"))
        let c = try lab.pass(a, to: "c.mp4")
        #expect(c.warnings.count == 1 && c.warnings[0].contains("subtitles were dropped"))
        let said = try lab.run("ffprobe", ["-v", "error", "-show_chapters", "-show_format", c.path])
        #expect(said.contains("TAG:title=Two parts") && said.contains("TAG:title=One"))
    }

    @Test(arguments: ["mp4", "mov", "mkv", "webm", "gif"])
    func `the file says how it was made and still plays`(ending: String) throws {
        let a = try lab.make("a.mp4", "\(Lab.source(seconds: 1)) -c:v libx264 -pix_fmt yuv420p -c:a aac")
        let output = lab.path("b.\(ending)")
        let options = try EncodeOptions(container: VideoContainer(path: output))
        let reader = try VideoReader(path: a)
        try reader.prepare(for: options)
        let writer = try VideoWriter(
            path: output, source: reader.source, options: options,
            provenance: VideoProvenance(software: "Masque 0", comment: "A face was swapped & \"<marked>\"."))
        while let frame = try reader.next() { try writer.write(frame) }
        try writer.finish()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: output))
        #expect(bytes.range(of: Data("compositeWithTrainedAlgorithmicMedia".utf8)) != nil)
        #expect(bytes.range(of: Data("Masque 0".utf8)) != nil)
        #expect(try times(output).count == 25)
        #expect(try lab.run("ffmpeg", ["-v", "error", "-i", output, "-f", "null", "-"], merged: true) == "")
    }
}
