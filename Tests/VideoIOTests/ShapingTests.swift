// What is converted on the way, and what is said about it.

import Foundation
import Pixels
import Testing
import VideoIO

@Suite struct ShapingTests {
    let lab: Lab
    init() throws { lab = try Lab() }

    @Test func `an odd size is cut by a pixel for H.264 and kept for VP9 and GIF`() throws {
        let a = try lab.make(
            "a.webm",
            "\(Lab.source("322x242", seconds: 1, sound: false)) -vf crop=321:241:0:0:exact=1 "
                + "-c:v libvpx-vp9 -b:v 2M -deadline realtime")
        #expect(try VideoReader(path: a).info.width == 321)
        let b = try lab.pass(a, to: "b.mp4")
        #expect(try lab.probe(b.path, "stream=width,height,nb_frames") == ["320,240,25"])
        #expect(b.warnings.contains { $0.contains("321×241 was cut to 320×240") })
        #expect(try lab.probe(lab.pass(a, to: "c.webm").path, "stream=width,height") == ["321,241"])
        #expect(try lab.probe(lab.pass(a, to: "d.gif").path, "stream=width,height") == ["321,241"])
    }

    @Test(arguments: ["yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "nv12", "gray", "yuvj420p"])
    func `every layout reaches H.264 as 8-bit 4:2:0 and looks the same`(layout: String) throws {
        let codec = layout == "nv12" ? "rawvideo" : layout == "gray" ? "ffv1" : "libx264 -crf 5"
        let a = try lab.make("a.mkv", "\(Lab.source(seconds: 1, sound: false)) -pix_fmt \(layout) -c:v \(codec)")
        let b = try lab.pass(a, to: "b.mp4")
        let format = try lab.probe(b.path, "stream=pix_fmt")
        #expect(format == ["yuv420p"] || format == ["yuvj420p"])
        #expect(b.summary.frames == 25)
        // Compared with what ffmpeg's own conversion of the source gives.
        let reference = try lab.make(
            "r.mkv", "-i \(a) -pix_fmt \(layout == "yuvj420p" ? "yuvj420p" : "yuv420p") -c:v ffv1")
        #expect(try lab.psnr(b.path, reference) > 38)
    }

    @Test(arguments: [("hevc", "mp4"), ("vp9", "webm")])
    func `ten bits and HDR tags stay in HEVC and VP9`(codec: String, ending: String) throws {
        let a = try lab.make(
            "a.mkv",
            "\(Lab.source(seconds: 1, sound: false)) -pix_fmt yuv420p10le -c:v libx265 -x265-params "
                + "log-level=none -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc")
        let b = try lab.pass(a, to: "b.\(ending)") { $0.codec = VideoCodec(rawValue: codec) ?? .hevc }
        let info = try VideoReader(path: b.path).info
        #expect(info.bitDepth == 10 && info.isHDR && info.matrix == "bt2020nc")
        #expect(b.warnings == [])
        #expect(try lab.psnr(b.path, a) > 36)
    }

    @Test func `HDR is tone-mapped for H.264 and says so`() throws {
        let a = try lab.make(
            "a.mkv",
            "\(Lab.source(seconds: 1, sound: false)) -pix_fmt yuv420p10le -c:v libx265 -x265-params "
                + "log-level=none -color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc")
        let b = try lab.pass(a, to: "b.mp4")
        let info = try VideoReader(path: b.path).info
        #expect(info.bitDepth == 8 && !info.isHDR && info.transfer == "bt709" && info.matrix == "bt709")
        #expect(b.warnings.contains { $0.contains("tone-mapped") })
    }

    @Test func `interlaced video is woven into whole frames at the same times`() throws {
        let a = try lab.make(
            "a.mp4",
            "\(Lab.source(rate: "50", sound: false)) -vf interlace -c:v libx264 -pix_fmt yuv420p "
                + "-flags +ilme+ildct")
        #expect(try VideoReader(path: a).info.isInterlaced)
        let b = try lab.pass(a, to: "b.mp4")
        #expect(try lab.probe(a, "frame=pts_time") == lab.probe(b.path, "frame=pts_time"))
        #expect(try lab.probe(b.path, "frame=interlaced_frame").allSatisfy { $0 == "0" })
        #expect(b.warnings.contains { $0.contains("interlaced") })
    }

    @Test func `transparency is dropped with a warning`() throws {
        let a = try lab.make(
            "a.webm", "-f lavfi -i testsrc2=s=320x240:d=1:r=25,format=yuva420p -c:v libvpx-vp9 -deadline realtime")
        let b = try lab.pass(a, to: "b.webm")
        #expect(b.summary.frames == 25)
        #expect(b.warnings.contains { $0.contains("transparen") })
    }

    @Test func `GIF goes in and out with its frames and times`() throws {
        let a = try lab.make("a.gif", "-f lavfi -i testsrc2=s=160x120:r=12.5:d=2")
        let b = try lab.pass(a, to: "b.gif")
        #expect(try lab.probe(a, "frame=pts") == lab.probe(b.path, "frame=pts"))
        #expect(try lab.psnr(b.path, a) > 28)
        let c = try lab.pass(a, to: "c.mp4")
        #expect(try lab.probe(c.path, "stream=pix_fmt,nb_frames") == ["yuv420p,25"])
        #expect(try lab.psnr(c.path, a) > 24)
        let d = try lab.pass(lab.make("d.mp4", "\(Lab.source()) -c:v libx264 -c:a aac"), to: "d.gif")
        #expect(d.warnings.contains { $0.contains("no sound") })
        #expect(d.summary.frames == 50)
    }

    @Test func `sound that a container cannot hold is converted and stays in step`() throws {
        let a = try lab.make("a.mp4", "\(Lab.source()) -c:v libx264 -pix_fmt yuv420p -c:a aac")
        let b = try lab.pass(a, to: "b.webm")
        #expect(try lab.probe(b.path, "stream=codec_name", stream: "a") == ["opus"])
        #expect(b.warnings.contains { $0.contains("converted to opus") })
        let ends = try lab.probe(b.path, "packet=pts_time", stream: "a").compactMap { Double($0) }
        #expect(abs((ends.first ?? 9)) < 0.05 && abs((ends.last ?? 0) - 2) < 0.06)
    }

    @Test func `a size that changes on the way comes out as one size`() throws {
        try lab.make("1.ts", "\(Lab.source("320x240", seconds: 1, sound: false)) -c:v libx264 -pix_fmt yuv420p")
        try lab.make("2.ts", "\(Lab.source("480x360", seconds: 1, sound: false)) -c:v libx264 -pix_fmt yuv420p")
        var both = try Data(contentsOf: URL(fileURLWithPath: lab.path("1.ts")))
        both += try Data(contentsOf: URL(fileURLWithPath: lab.path("2.ts")))
        try both.write(to: URL(fileURLWithPath: lab.path("a.ts")))
        let reader = try VideoReader(path: lab.path("a.ts"))
        try reader.prepare(for: EncodeOptions(container: .mp4))
        var sizes: Set<Int> = []
        var count = 0
        while let frame = try reader.next() {
            sizes.insert(frame.width * 10000 + frame.height)
            count += 1
        }
        #expect(sizes == [3_200_240])
        #expect(count >= 48)
    }

    @Test func `rate, size and part are as asked`() throws {
        let a = try lab.make(
            "a.mp4", "\(Lab.source(rate: "30", seconds: 4)) -c:v libx264 -g 40 -pix_fmt yuv420p -c:a aac")
        let b = try lab.pass(a, to: "b.mp4") {
            $0.frameRate = 10
            $0.scale = .height(120)
        }
        #expect(try lab.probe(b.path, "stream=width,height,avg_frame_rate,nb_frames") == ["160,120,10/1,40"])
        #expect(try lab.probe(lab.pass(a, to: "c.mp4") { $0.frameRate = 60 }.path, "stream=nb_frames") == ["240"])
        let d = try lab.pass(a, to: "d.mp4", trim: VideoTrim(start: .seconds(1.5), end: .seconds(2.5)))
        #expect(d.summary.frames == 30)
        let sound = try lab.probe(d.path, "packet=pts_time", stream: "a").compactMap { Double($0) }
        #expect(sound.allSatisfy { $0 >= -0.001 && $0 < 1 } && sound.count >= 42)
        let e = try lab.pass(a, to: "e.mp4", trim: VideoTrim("1.5..2.5")) { $0.frameRate = 10 }
        #expect(e.summary.frames == 10)
        #expect(throws: (any Error).self) { try lab.pass(a, to: "f.mp4", trim: VideoTrim("9..")) }
    }

    @Test(arguments: ["mp4", "mkv", "ts", "avi", "webm"])
    func `a part begins at exactly the frame that was asked for`(ending: String) throws {
        let codec = ending == "webm" ? "libvpx-vp9 -deadline realtime" : ending == "avi" ? "mpeg4" : "libx264"
        let a = try lab.make("a.\(ending)", "\(Lab.source(sound: false)) -g 20 -pix_fmt yuv420p -c:v \(codec)")
        let whole = try VideoReader(path: a)
        var all: [FrameSignature] = []
        while let frame = try whole.next() { all.append(frame.signature()) }
        #expect(all.count == 50)
        for start in [0, 1, 19, 20, 33, 49] {
            let reader = try VideoReader(path: a)
            try reader.prepare(trim: VideoTrim(start: .frame(start), end: .frame(start + 1)))
            var seen: [FrameSignature] = []
            while let frame = try reader.next() {
                #expect(frame.pts == 0 || !seen.isEmpty)
                seen.append(frame.signature())
            }
            #expect(seen == [all[start]], "frame \(start)")
            try whole.seek(toFrame: start)
            #expect(try whole.next()?.signature() == all[start])
        }
    }
}
