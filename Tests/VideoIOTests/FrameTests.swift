// Frames, scenes, the queue, option words, and what the process keeps.

import Errors
import Foundation
import Pixels
import Testing
import VideoIO

@Suite struct FrameTests {
    let lab: Lab
    init() throws { lab = try Lab() }

    @Test func `writing into a frame leaves the frames after it as they were`() throws {
        let a = try lab.make("a.mp4", "\(Lab.source(sound: false)) -c:v libx264 -pix_fmt yuv420p")
        let plain = try VideoReader(path: a), painted = try VideoReader(path: a)
        while let one = try plain.next(), let other = try painted.next() {
            #expect(one.signature() == other.signature(), "frame \(one.index)")
            try other.withWritablePlanes { planes in
                for row in 0..<planes.height {
                    unsafe (planes.y + row * planes.yStride).update(repeating: 235, count: planes.width)
                }
            }
            #expect(other.signature().blocks.allSatisfy { $0 == 235 })
        }
    }

    @Test func `the planes hold the colours of the picture`() throws {
        let a = try lab.make(
            "a.mp4",
            "-f lavfi -i color=red:s=64x64:d=0.2:r=25 -vf scale=out_color_matrix=bt709 -c:v libx264 -qp 0 "
                + "-pix_fmt yuv420p -colorspace bt709")
        let reader = try VideoReader(path: a)
        let frame = try #require(try reader.next())
        frame.withPlanes { p in
            #expect(p.width == 64 && p.height == 64 && p.bitDepth == 8 && p.chromaShiftX == 1 && p.chromaShiftY == 1)
            #expect(p.color == .bt709(fullRange: false))
            // BT.709 red in the video range.
            unsafe #expect(abs(Int(p.y[0]) - 63) <= 1 && abs(Int(p.u[0]) - 102) <= 1 && abs(Int(p.v[0]) - 240) <= 1)
        }
    }

    @Test func `a video made from nothing plays`() throws {
        let path = lab.path("a.mp4")
        let writer = try VideoWriter(path: path, source: nil, options: EncodeOptions(container: .mp4))
        for i in 0..<30 {
            try writer.write(VideoFrame.blank(width: 64, height: 48, index: i, rate: Rational(30000, 1001)))
        }
        #expect(abs(try writer.finish().duration - 1.001) < 1e-6)
        #expect(try lab.probe(path, "stream=avg_frame_rate,nb_frames") == ["30000/1001,30"])
    }

    @Test func `cuts are found, and a flash, a fade and motion are none`() throws {
        let a = try lab.make(
            "a.mp4",
            "-f lavfi -i mandelbrot=s=320x180:r=25 -f lavfi -i testsrc2=s=320x180:r=25 "
                + "-f lavfi -i cellauto=s=320x180:r=25:rule=110 -f lavfi -i gradients=s=320x180:r=25:seed=5 "
                + "-filter_complex [0]trim=duration=2,format=yuv420p[a];"
                + "[1]trim=duration=2,format=yuv420p,eq=brightness='if(between(n,20,21),0.6,0)':eval=frame[b];"
                + "[2]trim=duration=2,format=yuv420p[c];[3]trim=duration=2,format=yuv420p,fade=out:20:20[d];"
                + "[a][b][c][d]concat=n=4 -c:v libx264 -preset veryfast")
        var samples: [(Int, VideoScan.Reason)] = []
        var seen = 0
        let scan = try VideoScan(path: a, onFrame: { _ in seen += 1 }) { samples.append(($0.index, $1)) }
        #expect(scan.cuts == [50, 100, 150])
        #expect(seen == 200 && scan.frames == 200)
        #expect(samples.filter { $0.1 == .cut }.map(\.0) == [52, 102, 152])
        #expect(samples.filter { $0.1 != .cut }.map(\.0) == [0, 25, 50, 75, 100, 125, 150, 175])
    }

    @Test func `the queue holds back, delivers in order, ends and breaks off`() throws {
        let queue = BoundedQueue<Int>(capacity: 3)
        let thread = Thread {
            for i in 0..<1000 { _ = try? queue.push(i) }
            queue.close()
        }
        thread.start()
        var got: [Int] = []
        while let i = try queue.pop() { got.append(i) }
        #expect(got == Array(0..<1000))
        #expect(try queue.pop() == nil)
        let broken = BoundedQueue<Int>(capacity: 1)
        try broken.push(1)
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 0.05)
            broken.cancel(MasqueError(.stopped, "Stopped."))
        }
        #expect(throws: MasqueError.self) { try broken.push(2) }
        #expect(throws: MasqueError.self) { try broken.pop() }
    }

    @Test func `option words are read or refused`() throws {
        #expect(try FrameScale("1280x720") == .size(width: 1280, height: 720))
        #expect(try FrameScale("720p") == .height(720))
        #expect(try FrameScale("50%") == .factor(0.5))
        #expect(try VideoTrim("1:02.5..1:10") == VideoTrim(start: .seconds(62.5), end: .seconds(70)))
        #expect(try VideoTrim("..90f") == VideoTrim(start: nil, end: .frame(90)))
        #expect(try VideoTrim("..") == .all)
        for bad in ["", "x", "-5", "0x4", "99999p", "nan", "1e9"] {
            #expect(throws: MasqueError.self, "\(bad)") { try FrameScale(bad) }
        }
        for bad in ["", "5", "5..2", "a..b", "1:2:3:4..", "-1..", "9f..3f", "inf..", "nan.."] {
            #expect(throws: MasqueError.self, "\(bad)") { try VideoTrim(bad) }
        }
        #expect(throws: MasqueError.self) { try EncodeOptions(container: .webm, codec: .h264) }
        #expect(throws: MasqueError.self) { try EncodeOptions(container: .mp4, quality: 101) }
        #expect(throws: MasqueError.self) { try VideoContainer(path: "a.txt") }
        #expect(try EncodeOptions(container: .mp4).rateFactor == 10)
        #expect(try EncodeOptions(container: .webm).rateFactor == 13)
    }

    @Test func `memory, open files and temporary files do not grow with the length`() async {
        // In a process of its own, so that other tests do not count.
        await #expect(processExitsWith: .success) {
            let lab = try Lab()
            let size = "\(Lab.source("320x180", seconds: 8))", codecs = "-c:v libx264 -preset ultrafast -c:a aac"
            let short = try lab.make("s.mp4", "\(size) \(codecs)")
            let long = try lab.make("l.mp4", "\(Lab.source("320x180", seconds: 40)) \(codecs)")
            try lab.pass(short, to: "o.mp4")
            let files = Process.openFiles()
            try lab.pass(short, to: "o.mp4")
            let small = Process.residentPeak()
            let summary = try lab.pass(long, to: "o.mp4").summary
            try #require(summary.frames == 1000)
            // 800 frames more would be 69 MB.
            try #require(Process.residentPeak() - small < 8000, "\(Process.residentPeak()) kB after \(small) kB")
            try #require(Process.openFiles() <= files)
            let left = try FileManager.default.contentsOfDirectory(atPath: lab.folder.path)
            try #require(left.sorted() == ["l.mp4", "o.mp4", "s.mp4"])
        }
    }
}

extension Process {
    /// The most memory that this process ever held, in kilobytes.
    static func residentPeak() -> Int {
        let lines = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8))?.split(separator: "\n") ?? []
        let words = lines.first { $0.hasPrefix("VmHWM") }?.split(whereSeparator: { $0 == " " || $0 == "\t" }) ?? []
        return words.count > 1 ? Int(words[1]) ?? 0 : 0
    }

    /// How many files this process has open.
    static func openFiles() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }
}
